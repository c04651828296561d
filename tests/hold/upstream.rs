//! An application with one session at a time, which notes what it was sent.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, StatusCode, body::Incoming};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use url::Url;

use crate::support::serve;

/// The application; it ends with its last clone.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pub(crate) url: Url,
    inner: Arc<Mutex<Inner>>,
    denials: watch::Receiver<usize>,
    _tasks: Arc<JoinSet<()>>,
}

#[derive(Debug)]
struct Inner {
    /// The number of the token that is good.
    number: usize,
    /// Paths with the tokens that they were asked for with.
    seen: Vec<(String, String)>,
    /// How many denials those wait for who renew the session.
    gathers: usize,
    denials: watch::Sender<usize>,
}

/// The token of a number.
pub(crate) fn token(number: usize) -> String {
    format!("opaque-token-of-anna-{number:04}")
}

impl Upstream {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let (sender, denials) = watch::channel(0);
        let inner = Arc::new(Mutex::new(Inner { number: 0, seen: Vec::new(), gathers: 0, denials: sender }));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&inner);
        tasks.spawn(serve(listener, move |request| answer(Arc::clone(&shared), request)));
        Self { url, inner, denials, _tasks: Arc::new(tasks) }
    }

    /// Ends the session. Whoever renews it can wait until so many requests were denied: see [`Self::gathered`].
    pub(crate) fn end_session(&self, gathers: usize) {
        let mut inner = self.inner.lock().unwrap();
        inner.number += 1;
        let denied = *inner.denials.borrow();
        inner.gathers = denied + gathers;
    }

    /// Waits until all were denied who are to be.
    pub(crate) async fn gathered(&self) {
        let wanted = self.inner.lock().unwrap().gathers;
        self.denials.clone().wait_for(|denied| *denied >= wanted).await.unwrap();
    }

    pub(crate) fn number(&self) -> usize {
        self.inner.lock().unwrap().number
    }

    pub(crate) fn denied(&self) -> usize {
        *self.denials.borrow()
    }

    /// The tokens with which a path was asked for.
    pub(crate) fn seen(&self, path: &str) -> Vec<String> {
        let inner = self.inner.lock().unwrap();
        inner.seen.iter().filter(|(seen, _)| seen == path).map(|(_, token)| token.clone()).collect()
    }
}

impl Inner {
    /// The token of a request: of its header, or of one that has none, what stands in the address or the body.
    fn carried(&self, head: &http::request::Parts, body: &[u8]) -> String {
        let header = head.headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
        if let Some(token) = header.strip_prefix("Bearer ") {
            return token.to_owned();
        }
        let text = format!("{} {}", head.uri, String::from_utf8_lossy(body));
        (0..=self.number).rev().map(token).find(|token| text.contains(token)).unwrap_or_default()
    }

    fn answer(&mut self, head: &http::request::Parts, body: Bytes) -> Response<Full<Bytes>> {
        let path = head.uri.path().to_owned();
        let sent = self.carried(head, &body);
        let is_good = sent == token(self.number) && !path.starts_with("/api/forbidden");
        self.seen.push((path.clone(), sent));
        if is_good {
            return Response::new(Full::new(body));
        }
        let mut answer = Response::new(Full::default());
        if path.starts_with("/page/") {
            *answer.status_mut() = StatusCode::FOUND;
            answer.headers_mut().insert("location", "/login".parse().unwrap());
        } else {
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
            self.denials.send_modify(|denied| *denied += 1);
        }
        answer
    }
}

async fn answer(
    inner: Arc<Mutex<Inner>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Ok(inner.lock().unwrap().answer(&head, body))
}
