//! The measuring front: everybody asks it, it passes on to the application and notes what was asked for.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use anyhow::{Context as _, Result};
use handstamp::proxy::{Body, Client, Trust, boxed, full};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri,
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, REFERER, UPGRADE},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{io, net::TcpListener, task::JoinSet};
use url::Url;

/// One request as the application saw it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    /// Whether it carried one of the secrets of the session.
    pub(crate) is_carried: bool,
    /// Whether the answer was a page of HTML, and how long it said it was.
    pub(crate) page: Option<String>,
}

/// A running front; it ends with this value.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) url: Url,
    desk: Arc<Desk>,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Desk {
    target: String,
    own: String,
    client: Client,
    asked: Mutex<Vec<Asked>>,
    secrets: Mutex<Vec<String>>,
}

impl Front {
    /// Opens a front for an application, on a port of its own.
    pub(crate) async fn open(target: &Url) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let own = format!("http://{}", listener.local_addr()?);
        let mut url = target.clone();
        url.set_port(Some(listener.local_addr()?.port())).ok().context("the address has no port")?;
        url.set_host(Some("127.0.0.1"))?;
        let desk = Arc::new(Desk {
            target: target.origin().ascii_serialization(),
            own,
            client: Client::new(&Trust::System)?,
            asked: Mutex::default(),
            secrets: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&desk)));
        Ok(Self { url, desk, _tasks: tasks })
    }

    /// From now on, requests with one of these count as logged in; what was noted before is forgotten.
    pub(crate) fn begin(&self, secrets: Vec<String>) {
        *self.desk.secrets.lock().unwrap_or_else(PoisonError::into_inner) = secrets;
        self.taken();
    }

    /// What was asked for since the last call.
    pub(crate) fn taken(&self) -> Vec<Asked> {
        std::mem::take(&mut self.desk.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        let _ = tcp.set_nodelay(true);
        let desk = Arc::clone(&desk);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let desk = Arc::clone(&desk);
                async move { Ok::<_, Infallible>(desk.pass(request).await) }
            });
            // A browser that goes away hangs up.
            let serving = http1::Builder::new().serve_connection(TokioIo::new(tcp), service);
            let _ = serving.with_upgrades().await;
        });
        while connections.try_join_next().is_some() {}
    }
}

impl Desk {
    async fn pass(&self, mut request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
        let mut asked = Asked {
            at: Instant::now(),
            method: request.method().to_string(),
            path: path.clone(),
            status: 0,
            is_carried: self.is_carried(request.headers()),
            page: None,
        };
        let upgrade = request.headers().contains_key(UPGRADE).then(|| hyper::upgrade::on(&mut request));
        for name in [ORIGIN, REFERER] {
            rewrite(request.headers_mut(), &name, &self.own, &self.target);
        }
        let Ok(uri) = format!("{}{path}", self.target).parse::<Uri>() else { return refused() };
        *request.uri_mut() = uri;
        let answer = self.client.send(request.map(boxed)).await;
        let Ok(mut response) = answer else { return refused() };
        if let (Some(ours), StatusCode::SWITCHING_PROTOCOLS) = (upgrade, response.status()) {
            let theirs = hyper::upgrade::on(&mut response);
            tokio::task::spawn(async move {
                if let (Ok(ours), Ok(theirs)) = (ours.await, theirs.await) {
                    let _ = io::copy_bidirectional(&mut TokioIo::new(ours), &mut TokioIo::new(theirs)).await;
                }
            });
        }
        rewrite(response.headers_mut(), &LOCATION, &self.target, &self.own);
        asked.status = response.status().as_u16();
        asked.page = page(response.headers());
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        response
    }

    fn is_carried(&self, headers: &HeaderMap) -> bool {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut texts = [AUTHORIZATION, COOKIE].into_iter().flat_map(|name| headers.get_all(name));
        texts.any(|text| text.to_str().is_ok_and(|text| secrets.iter().any(|secret| text.contains(secret))))
    }
}

fn rewrite(headers: &mut HeaderMap, name: &HeaderName, from: &str, to: &str) {
    let old = headers.get(name).and_then(|v| v.to_str().ok()).filter(|text| text.starts_with(from));
    if let Some(value) = old.and_then(|text| HeaderValue::from_str(&text.replacen(from, to, 1)).ok()) {
        headers.insert(name, value);
    }
}

fn page(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or_default();
    let is_page = text(CONTENT_TYPE).starts_with("text/html");
    is_page.then(|| format!("{} {}", text(CONTENT_LENGTH), text(http::header::ETAG)))
}

fn refused() -> Response<Body> {
    let mut response = Response::new(full("the application does not answer"));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}
