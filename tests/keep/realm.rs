//! A small application with tokens that end, that counts what it sees.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response, StatusCode, body::Incoming};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinSet};
use url::Url;

use crate::support::{jwt, serve};

/// What the application counts.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counts {
    pub(crate) logins: u32,
    pub(crate) refreshes: u32,
    pub(crate) spent: u32,
    pub(crate) served: u32,
    pub(crate) denied: u32,
    pub(crate) posts: u32,
}

/// How the application behaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// How long a token lives.
    pub(crate) life: Option<Duration>,
    /// Whether tokens say so, as JSON Web Tokens do.
    pub(crate) tells: bool,
    /// Whether strangers get 200 and a page that says so.
    pub(crate) quiet: bool,
}

#[derive(Debug, Default)]
struct Inner {
    rules: Rules,
    counts: Counts,
    alive: HashMap<String, Option<Instant>>,
    refresh: Option<String>,
    number: u32,
}

/// The application; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Realm {
    pub(crate) url: Url,
    inner: Arc<Mutex<Inner>>,
    _task: JoinSet<()>,
}

impl Realm {
    pub(crate) async fn open(rules: Rules) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let inner = Arc::new(Mutex::new(Inner { rules, ..Inner::default() }));
        let mut task = JoinSet::new();
        let shared = Arc::clone(&inner);
        task.spawn(serve(listener, move |request| answer(Arc::clone(&shared), request)));
        Self { url, inner, _task: task }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.inner.lock().unwrap().counts.clone()
    }

    /// Logs in, as its form would.
    pub(crate) fn log_in(&self) -> String {
        let mut inner = self.inner.lock().unwrap();
        inner.counts.logins += 1;
        inner.issue()
    }

    /// A refresh token that is good once.
    pub(crate) fn refresh_token(&self) -> String {
        self.inner.lock().unwrap().renew_refresh()
    }

    /// From now on no token that was given out is good.
    pub(crate) fn forget_all(&self) {
        self.inner.lock().unwrap().alive.clear();
    }
}

impl Inner {
    fn issue(&mut self) -> String {
        self.number += 1;
        let end = self.rules.life.map(|life| Instant::now() + life);
        let token = match self.rules.life.filter(|_| self.rules.tells) {
            Some(life) => jwt("anna", self.number, life),
            None => format!("opaque-token-number-{:04}", self.number),
        };
        self.alive.insert(token.clone(), end);
        token
    }

    fn renew_refresh(&mut self) -> String {
        self.number += 1;
        let token = format!("refresh-token-number-{:04}", self.number);
        self.refresh = Some(token.clone());
        token
    }

    fn is_alive(&self, token: &str) -> bool {
        self.alive.get(token).is_some_and(|end| end.is_none_or(|end| end > Instant::now()))
    }

    fn answer(
        &mut self,
        method: &Method,
        path: &str,
        authorization: &str,
        body: &str,
    ) -> (StatusCode, String) {
        if path == "/refresh" {
            return self.refresh(body);
        }
        let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
        if path == "/forbidden" {
            return (StatusCode::FORBIDDEN, "{}".into());
        }
        if !self.is_alive(token) {
            self.counts.denied += 1;
            let status = if self.rules.quiet { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
            return (status, json!({"user": null, "say": "please log in"}).to_string());
        }
        self.counts.served += 1;
        if *method == Method::POST {
            self.counts.posts += 1;
        }
        (StatusCode::OK, json!({"user": "anna", "got": body}).to_string())
    }

    /// Trades a refresh token; one that was spent ends everything, as the OAuth 2.0 security practice wants it.
    fn refresh(&mut self, body: &str) -> (StatusCode, String) {
        let given = serde_json::from_str::<serde_json::Value>(body).unwrap_or_default();
        if self.refresh.is_none() || given["refreshToken"].as_str() != self.refresh.as_deref() {
            self.counts.spent += 1;
            self.refresh = None;
            self.alive.clear();
            return (StatusCode::UNAUTHORIZED, "{}".into());
        }
        self.counts.refreshes += 1;
        let (access, refresh) = (self.issue(), self.renew_refresh());
        (StatusCode::OK, json!({"accessToken": access, "refreshToken": refresh}).to_string())
    }
}

async fn answer(
    inner: Arc<Mutex<Inner>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.uri.path() == "/page" {
        let page = Response::builder().header("content-type", "text/html");
        return Ok(page.body(include_str!("page.html").into()).unwrap());
    }
    let authorization = head.headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let text = String::from_utf8_lossy(&body);
    let (status, text) = inner.lock().unwrap().answer(&head.method, head.uri.path(), authorization, &text);
    let answer = Response::builder().status(status).header("content-type", "application/json");
    Ok(answer.body(text.into()).unwrap())
}
