//! A small application that loses sessions in many ways, and counts what came with a living one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures_util::StreamExt as _;
use handstamp::session::now;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, StatusCode, body::Incoming};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet, time};
use tokio_tungstenite::accept_async;
use url::Url;

use crate::{
    guise::{Carrier, Guise},
    support::serve,
};

/// What the application counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) logins: usize,
    /// How often a session died here.
    pub(crate) deaths: usize,
    /// How often somebody logged in shortly before the end, which the token told or others let expect.
    pub(crate) timely: usize,
    pub(crate) renewals: usize,
    /// Requests of the application's scripts, and those of them that carried a living session.
    pub(crate) requests: usize,
    pub(crate) living: usize,
    /// When the session was lost, here or in the browser.
    pub(crate) losses: Vec<Instant>,
    /// How often somebody came by a way that says it logs out.
    pub(crate) logouts: usize,
    /// Requests for what was to be left alone, and requests that did not tell who asks.
    pub(crate) forbidden: usize,
    pub(crate) unsigned: usize,
}

#[derive(Debug)]
struct Inner {
    guise: Guise,
    counts: Counts,
    /// The living tokens, and how many more requests each is good for.
    alive: HashMap<String, Option<usize>>,
    /// When the living tokens end that tell it, in Unix seconds.
    ends: HashMap<String, i64>,
    refresh: Option<String>,
    number: usize,
    socket: u16,
}

/// The application; it ends when dropped.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) url: Url,
    inner: Arc<Mutex<Inner>>,
    _tasks: JoinSet<()>,
}

impl App {
    pub(crate) async fn open(guise: &Guise) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sockets = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let inner = Arc::new(Mutex::new(Inner {
            guise: guise.clone(),
            counts: Counts::default(),
            alive: HashMap::new(),
            ends: HashMap::new(),
            refresh: None,
            number: 0,
            socket: sockets.local_addr().unwrap().port(),
        }));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&inner);
        tasks.spawn(serve(listener, move |request| answer(Arc::clone(&shared), request)));
        tasks.spawn(listen(sockets, Arc::clone(&inner)));
        Self { url, inner, _tasks: tasks }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.inner.lock().unwrap().counts.clone()
    }

    /// Logs in, and gives the token and what renews it.
    pub(crate) fn log_in(&self) -> (String, String) {
        let mut inner = self.inner.lock().unwrap();
        inner.counts.logins += 1;
        let last = inner.ends.values().max().copied();
        let is_timely =
            inner.guise.seconds.zip(last).is_some_and(|(life, end)| end - now() <= life.cast_signed() / 2);
        let half = inner.guise.life.map_or(0, |life| life / 2);
        // The newest is the one that is in use.
        let newest = format!("opaque-token-of-anna-number-{:04}", inner.number);
        let is_worn = matches!(inner.alive.get(&newest), Some(Some(left)) if (1..=half).contains(left));
        inner.counts.timely += usize::from(is_timely || is_worn);
        let token = inner.issue();
        (token, inner.refresh.clone().unwrap_or_default())
    }
}

impl Inner {
    fn issue(&mut self) -> String {
        self.number += 1;
        let number = self.number;
        let mut token = format!("opaque-token-of-anna-number-{number:04}");
        if let Some(life) = self.guise.seconds {
            let end = now() + life.cast_signed();
            token = told(number, end);
            self.ends.insert(token.clone(), end);
        }
        self.alive.insert(token.clone(), self.guise.life);
        self.refresh = Some(format!("renewal-token-of-anna-number-{number:04}"));
        token
    }

    /// Whether a token lives; each request of a browser brings its end nearer.
    fn is_alive(&mut self, token: &str, is_used: bool) -> bool {
        if self.ends.get(token).is_some_and(|end| *end <= now()) {
            // Nobody who was in time comes with it again.
            if self.alive.remove(token).is_some() && self.alive.is_empty() {
                self.die();
            }
            return false;
        }
        match self.alive.get_mut(token) {
            Some(Some(0)) => {
                self.alive.remove(token);
                if !self.guise.is_rotating() {
                    self.die();
                }
                false
            }
            Some(Some(left)) => {
                *left -= usize::from(is_used);
                true
            }
            known => known.is_some(),
        }
    }

    fn die(&mut self) {
        self.counts.deaths += 1;
        self.counts.losses.push(Instant::now());
    }

    /// Ends all sessions, if there are any.
    fn end_all(&mut self) {
        if !self.alive.is_empty() {
            self.alive.clear();
            self.die();
        }
    }

    fn answer(&mut self, head: &http::request::Parts, body: &str) -> Response<Full<Bytes>> {
        let path = head.uri.path();
        let token = self.token(head);
        self.counts.forbidden += usize::from(path == "/api/never");
        // The check is asked past the browsers.
        let is_signed = head.headers.get("x-scanner").is_some_and(|value| value == "lost and found");
        self.counts.unsigned += usize::from(path != "/api/me" && !is_signed);
        let lives = self.is_alive(&token, is_signed);
        match path {
            "/" => self.page(lives),
            "/logout" => {
                self.counts.logouts += 1;
                self.end_all();
                text("text/html", "bye")
            }
            "/farewell" => {
                self.end_all();
                let mut answer = text("text/html", "<p>Bye</p><a href='/'>Start</a>");
                answer.headers_mut().insert("set-cookie", "sid=; Path=/; Max-Age=0".parse().unwrap());
                answer
            }
            "/mark" => {
                self.counts.losses.push(Instant::now());
                text("text/plain", "ok")
            }
            "/dot" => {
                self.end_all();
                text("image/gif", "")
            }
            "/api/me" => self.judged(lives),
            "/api/renewal" => self.renew(body),
            _ if path.starts_with("/api/") => self.call(path, lives),
            _ => status(StatusCode::NOT_FOUND),
        }
    }

    /// A request of the application's scripts.
    fn call(&mut self, path: &str, lives: bool) -> Response<Full<Bytes>> {
        self.counts.requests += 1;
        self.counts.living += usize::from(lives);
        if lives && matches!(path, "/api/away" | "/api/address" | "/api/presence") {
            self.end_all();
        }
        if self.guise.restart_after == Some(self.counts.requests) {
            self.end_all();
        }
        self.judged(lives)
    }

    fn judged(&self, lives: bool) -> Response<Full<Bytes>> {
        match (lives, self.guise.quiet) {
            (true, _) => text("application/json", &json!({"user": "anna", "items": [1, 2]}).to_string()),
            (false, true) => text("application/json", &json!({"user": null, "items": []}).to_string()),
            (false, false) => status(StatusCode::UNAUTHORIZED),
        }
    }

    /// Trades a token that is good once; one that was spent ends everything.
    fn renew(&mut self, body: &str) -> Response<Full<Bytes>> {
        let given: Value = serde_json::from_str(body).unwrap_or_default();
        if self.refresh.is_none() || given["refreshToken"].as_str() != self.refresh.as_deref() {
            self.refresh = None;
            self.end_all();
            return status(StatusCode::UNAUTHORIZED);
        }
        self.counts.renewals += 1;
        let token = self.issue();
        text("application/json", &json!({"accessToken": token, "refreshToken": self.refresh}).to_string())
    }

    fn page(&mut self, lives: bool) -> Response<Full<Bytes>> {
        let page = include_str!("page.html")
            .replace("__GUISE__", self.guise.name)
            .replace("__MORE__", &self.guise.more_views.to_string())
            .replace("__STORED__", &self.guise.is_stored().to_string())
            .replace("__SOCKET__", &self.socket.to_string());
        let mut answer = text("text/html", &page);
        if self.guise.one_browser && lives {
            self.alive.clear();
            let cookie = format!("sid={}; Path=/; HttpOnly", self.issue());
            answer.headers_mut().insert("set-cookie", cookie.parse().unwrap());
        }
        answer
    }

    fn token(&self, head: &http::request::Parts) -> String {
        let header = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if self.guise.carrier == Carrier::Storage {
            return header("authorization").strip_prefix("Bearer ").unwrap_or_default().to_owned();
        }
        let cookies = header("cookie").split("; ").filter_map(|pair| pair.strip_prefix("sid="));
        cookies.last().unwrap_or_default().to_owned()
    }
}

/// The sockets on which somebody can say that all is over.
async fn listen(listener: TcpListener, inner: Arc<Mutex<Inner>>) {
    let mut tasks = JoinSet::new();
    loop {
        let Ok((tcp, _)) = listener.accept().await else { continue };
        let inner = Arc::clone(&inner);
        tasks.spawn(async move {
            let Ok(mut socket) = accept_async(tcp).await else { return };
            if let Some(Ok(_)) = socket.next().await {
                inner.lock().unwrap().end_all();
            }
        });
    }
}

async fn answer(
    inner: Arc<Mutex<Inner>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.uri.path() == "/api/slow" {
        time::sleep(SLOW).await;
    }
    Ok(inner.lock().unwrap().answer(&head, &String::from_utf8_lossy(&body)))
}

/// A token that tells its end.
fn told(number: usize, end: i64) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({"alg": "HS256", "typ": "JWT"}));
    format!("{header}.{}.c2lnbmF0dXJl", part(json!({"sub": "anna", "n": number, "exp": end})))
}

fn text(kind: &str, body: &str) -> Response<Full<Bytes>> {
    Response::builder().header("content-type", kind).body(body.to_owned().into()).unwrap()
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut answer = text("application/json", "{}");
    *answer.status_mut() = status;
    answer
}

/// Longer than the page waits for somebody to move.
const SLOW: Duration = Duration::from_millis(3500);
