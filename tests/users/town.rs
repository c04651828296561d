//! A small application with two users and every way to log in and to carry a session, that counts what it sees.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Collected, Full};
use hyper::{
    Method, Request, Response,
    body::Incoming,
    header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE, WWW_AUTHENTICATE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::support::{acceptor, jwt};

/// The users and their passwords, which occur nowhere by chance.
pub(crate) const USERS: [(&str, &str); 2] =
    [("alice", "planted/of+alice 4711"), ("bob", "planted/of+bob 0815")];

/// How the application behaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// How long a token lives, which it tells, as JSON Web Tokens do.
    pub(crate) life: Option<Duration>,
    /// Whether tokens are good until their end, whoever logs out.
    pub(crate) stateless: bool,
    /// Whether nobody gets in.
    pub(crate) closed: bool,
}

/// One request beside the logins.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

#[derive(Debug, Default)]
struct Inner {
    rules: Rules,
    alive: HashMap<String, (String, Option<Instant>)>,
    given: Vec<String>,
    logins: HashMap<String, u32>,
    refused: u32,
    denied: u32,
    seen: Vec<Seen>,
}

/// The application, with and without TLS; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Town {
    pub(crate) url: Url,
    pub(crate) secure: Url,
    /// The certificate of the one with TLS.
    pub(crate) pem: String,
    inner: Arc<Mutex<Inner>>,
    _tasks: JoinSet<()>,
}

impl Town {
    pub(crate) async fn open(rules: Rules) -> Self {
        let inner = Arc::new(Mutex::new(Inner { rules, ..Inner::default() }));
        let (tls, pem) = acceptor();
        let mut tasks = JoinSet::new();
        let mut ports = Vec::new();
        for tls in [None, Some(tls)] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            ports.push(listener.local_addr().unwrap());
            tasks.spawn(listen(listener, tls, Arc::clone(&inner)));
        }
        let url = |scheme, at: usize| format!("{scheme}://{}/", ports[at]).parse().unwrap();
        Self { url: url("http", 0), secure: url("https", 1), pem, inner, _tasks: tasks }
    }

    /// How often a user has logged in.
    pub(crate) fn logins(&self, user: &str) -> u32 {
        self.lock().logins.get(user).copied().unwrap_or_default()
    }

    /// How many logins were refused.
    pub(crate) fn refused(&self) -> u32 {
        self.lock().refused
    }

    /// How many requests came with a token that is good no more.
    pub(crate) fn denied(&self) -> u32 {
        self.lock().denied
    }

    /// All tokens that were ever given out.
    pub(crate) fn given(&self) -> Vec<String> {
        self.lock().given.clone()
    }

    /// The requests for a path.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        self.lock().seen.iter().filter(|seen| seen.path == path).cloned().collect()
    }

    /// From now on no token that was given out is good.
    pub(crate) fn forget_all(&self) {
        self.lock().alive.clear();
    }

    /// How many tokens are good.
    pub(crate) fn alive(&self) -> usize {
        self.lock().alive.len()
    }

    /// Lets everybody in again, or nobody.
    pub(crate) fn close(&self, is_closed: bool) {
        self.lock().rules.closed = is_closed;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}

async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>, inner: Arc<Mutex<Inner>>) {
    let mut connections = JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        let (tls, inner) = (tls.clone(), Arc::clone(&inner));
        connections.spawn(async move {
            match tls {
                None => serve(tcp, inner).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(tcp).await {
                        serve(stream, inner).await;
                    }
                }
            }
        });
    }
}

async fn serve(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, inner: Arc<Mutex<Inner>>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let inner = Arc::clone(&inner);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
            let path = head.uri.path().to_owned();
            let mut inner = inner.lock().unwrap();
            let answer = inner.answer(&head.method, &path, &head.headers, &String::from_utf8_lossy(&body));
            Ok::<_, Infallible>(answer)
        }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(io), service).await;
}

type Answer = Response<Full<Bytes>>;

impl Inner {
    fn answer(&mut self, method: &Method, path: &str, headers: &HeaderMap, body: &str) -> Answer {
        match (method, path) {
            (&Method::GET, "/form") => return page(200, FORM),
            (&Method::POST, "/form") => return self.form(body),
            (&Method::POST, "/json") => return self.json(body),
            _ => self.seen.push(Seen { path: path.to_owned(), headers: headers.clone() }),
        }
        let token = token(headers);
        let user = match path {
            "/basic" => basic(headers),
            "/digest" => digest(method, headers),
            _ => token.as_deref().and_then(|token| self.user(token)),
        };
        self.denied += u32::from(token.is_some() && user.is_none());
        match path {
            "/leave" => {
                if !self.rules.stateless {
                    token.map(|token| self.alive.remove(&token));
                }
                page(200, "Bye.")
            }
            "/menu" => page(200, if user.is_some() { MENU } else { FORM }),
            "/public" => page(200, "for everybody"),
            _ => me(path, user.as_deref()),
        }
    }

    fn json(&mut self, body: &str) -> Answer {
        let given: Value = serde_json::from_str(body).unwrap_or_default();
        let text = |key: &str| given[key].as_str().unwrap_or_default().to_owned();
        match self.enter(&text("user"), &text("pass")) {
            Some(token) => json_answer(200, &json!({ "token": token })),
            None => json_answer(401, &json!({ "say": "wrong user name or password" })),
        }
    }

    /// Takes the form, whose hidden field has to come back.
    fn form(&mut self, body: &str) -> Answer {
        let fields: HashMap<String, String> =
            url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if field("csrf") != "hidden-0001" {
            return page(400, "where is the hidden field?");
        }
        let Some(token) = self.enter(field("user"), field("pass")) else { return page(200, FORM) };
        let mut answer = page(302, "");
        answer.headers_mut().insert(LOCATION, "/welcome".parse().unwrap());
        let cookie = format!("sid={token}; Path=/; HttpOnly");
        answer.headers_mut().insert(SET_COOKIE, cookie.parse().unwrap());
        answer
    }

    fn enter(&mut self, user: &str, password: &str) -> Option<String> {
        if self.rules.closed || !USERS.contains(&(user, password)) {
            self.refused += 1;
            return None;
        }
        *self.logins.entry(user.to_owned()).or_default() += 1;
        let number = self.given.len();
        let end = self.rules.life.map(|life| Instant::now() + life);
        let token = match self.rules.life {
            Some(life) => jwt(user, u32::try_from(number).unwrap(), life),
            None => format!("planted-token-{user}-{number:04}"),
        };
        self.given.push(token.clone());
        self.alive.insert(token.clone(), (user.to_owned(), end));
        Some(token)
    }

    fn user(&self, token: &str) -> Option<String> {
        let (user, end) = self.alive.get(token)?;
        end.is_none_or(|end| end > Instant::now()).then(|| user.clone())
    }
}

/// A token in any of the places where a session may be carried.
fn token(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    let cookie = text(COOKIE.as_str()).and_then(|line| {
        line.split("; ").find_map(|pair| pair.strip_prefix("sid=").or(pair.strip_prefix("access=")))
    });
    bearer.or(text("x-key")).or(cookie).map(str::to_owned)
}

fn basic(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let known = |(user, password): &(&str, &str)| STANDARD.encode(format!("{user}:{password}")) == given;
    Some(USERS.iter().find(|user| known(user))?.0.to_owned())
}

/// Checks Digest credentials (RFC 7616, 3.4.1) with SHA-256 and `qop=auth`.
fn digest(method: &Method, headers: &HeaderMap) -> Option<String> {
    let given = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Digest ")?;
    let fields: HashMap<&str, &str> = given
        .split(',')
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| (name, value.trim_matches('"')))
        .collect();
    let field = |name: &str| fields.get(name).copied().unwrap_or_default();
    let hash = |text: String| {
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    };
    let (user, password) = USERS.iter().find(|(user, _)| *user == field("username"))?;
    let one = hash(format!("{user}:town:{password}"));
    let two = hash(format!("{method}:{}", field("uri")));
    let [nonce, count, own] = ["nonce", "nc", "cnonce"].map(field);
    let wanted = hash(format!("{one}:{nonce}:{count}:{own}:auth:{two}"));
    (nonce == "nonce-0001" && wanted == field("response")).then(|| (*user).to_owned())
}

/// Tells who asks; strangers are told how to come in.
fn me(path: &str, user: Option<&str>) -> Answer {
    let status = if user.is_some() { 200 } else { 401 };
    let mut answer = json_answer(status, &json!({ "user": user, "path": path }));
    let challenge = match path {
        "/basic" => "Basic realm=\"town\"",
        "/digest" => "Digest realm=\"town\", nonce=\"nonce-0001\", qop=\"auth\", algorithm=SHA-256",
        _ => return answer,
    };
    if user.is_none() {
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge.parse().unwrap());
    }
    answer
}

fn json_answer(status: u16, document: &Value) -> Answer {
    let mut answer = page(status, &document.to_string());
    answer.headers_mut().insert(CONTENT_TYPE, "application/json".parse().unwrap());
    answer
}

fn page(status: u16, text: &str) -> Answer {
    let answer = Response::builder().status(status).header(CONTENT_TYPE, "text/html; charset=utf-8");
    answer.body(Full::new(Bytes::from(text.to_owned()))).unwrap()
}

const FORM: &str = r#"<!doctype html><title>Town</title><form method="post" action="/form">
<input type="hidden" name="csrf" value="hidden-0001">
<input name="user"><input name="pass" type="password"><button>Enter</button></form>"#;

const MENU: &str = r#"<!doctype html><title>Town</title><h1>Welcome</h1>
<details><summary>Your account</summary><form action="/leave" method="post"><button>Log out</button></form></details>"#;
