//! Joins the proxy to a session: stamps what goes through, and learns from what comes back.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header::AUTHORIZATION};
use hyper::body::Body as _;
use tracing::warn;

use super::{mode::Stamped, request::Stamp};
use crate::proxy::{Body, Client, Exchange, Handler, Next, empty};

/// Lets requests through the proxy, with the session on those in scope.
#[derive(Clone, Debug)]
pub struct Through {
    stamp: Stamp,
    client: Option<Client>,
    /// Requests without a body that a server may ask to authenticate.
    open: Arc<Mutex<HashMap<u64, Request<()>>>>,
}

impl Through {
    /// Stamps requests as `stamp` says.
    #[must_use]
    pub fn new(stamp: Stamp) -> Self {
        Self { stamp, client: None, open: Arc::default() }
    }

    /// Sends requests without a body again through `client` when the server asks for Digest authentication.
    #[must_use]
    pub fn answering(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// The answer to the request once it is authenticated; nothing where that is not asked for or cannot be done.
    async fn authenticated(
        &self,
        exchange: &Exchange,
        mut request: Request<()>,
        response: &HeaderMap,
    ) -> Option<Response<Body>> {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let sent: Option<HeaderValue> = request.headers_mut().remove(AUTHORIZATION);
        let asked = (&exchange.method, &exchange.url, target.as_str());
        let answer = self.stamp.answer(asked, sent.as_ref(), response)?;
        let value = answer.inspect_err(|why| warn!(host = exchange.url.host_str(), "{why}")).ok()?;
        request.headers_mut().insert(AUTHORIZATION, value);
        let again = self.client.as_ref()?.send(request.map(|()| empty())).await;
        again.inspect_err(|error| warn!(%error, "the request could not be sent again")).ok()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Request<()>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler for Through {
    async fn request(&self, exchange: &Exchange, mut request: Request<Body>) -> Next {
        let stamped = self.stamp.put_on(&exchange.method, &exchange.url, request.headers_mut());
        let host = exchange.url.host_str().unwrap_or_default();
        tracing::info!(method = %exchange.method, host, path = exchange.url.path(), stamped = stamped == Stamped::Put, "request");
        let may_be_asked = self.client.is_some() && self.stamp.waits_for_challenges();
        if may_be_asked && stamped == Stamped::Put && !exchange.upgrade && request.body().is_end_stream() {
            self.open().insert(exchange.id, bare(&request));
        }
        Next::Forward(request)
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        let open = self.open().remove(&exchange.id);
        self.stamp.learn(&exchange.url, response.headers());
        match open {
            Some(request) if response.status() == StatusCode::UNAUTHORIZED => {
                match self.authenticated(exchange, request, response.headers()).await {
                    Some(again) => {
                        self.stamp.learn(&exchange.url, again.headers());
                        again
                    }
                    None => response,
                }
            }
            _ => response,
        }
    }

    fn end(&self, exchange: &Exchange, _outcome: Result<(), String>) {
        self.open().remove(&exchange.id);
    }
}

fn bare(request: &Request<Body>) -> Request<()> {
    let mut copy = Request::new(());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}
