//! Sends requests to servers, over connections that are kept and used again.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::UPGRADE;
use hyper::{Method, Request, Response, StatusCode, Version};
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;
use tracing::debug;

use super::body::{Body, boxed, empty, is_spent};
use super::dial::{Dialer, Offer, identity_alert};
use super::error::Error;
use super::link::{Form, Link};
use super::pool::Pool;
use super::settings::ClientSettings;
use super::target::Target;
use super::trust::Trust;

/// An HTTP client that follows no redirects and keeps no cookies; clones share their connections.
#[derive(Clone)]
pub struct Client {
    pub(super) dialer: Arc<Dialer>,
    pool: Pool,
    tasks: TaskTracker,
}

impl Client {
    /// A client that trusts these certificates.
    ///
    /// Fails when the file of [`Trust::WithCa`] cannot be used.
    pub fn new(trust: &Trust) -> Result<Self, Error> {
        Self::with(ClientSettings { trust: trust.clone(), ..ClientSettings::default() })
    }

    /// A client that gives up connecting, TLS included, after `limit`.
    pub fn with_limit(trust: &Trust, limit: Duration) -> Result<Self, Error> {
        let trust = trust.clone();
        Self::with(ClientSettings { trust, connect_limit: limit, ..ClientSettings::default() })
    }

    /// A client that reaches servers as the settings say.
    ///
    /// Fails when a file of certificates cannot be used.
    pub fn with(settings: ClientSettings) -> Result<Self, Error> {
        let dialer = Arc::new(Dialer::new(settings)?);
        Ok(Self { dialer, pool: Pool::default(), tasks: TaskTracker::new() })
    }

    /// Sends a request with an absolute `http` or `https` URI and returns when the head of the answer is
    /// there.
    ///
    /// Connecting has a limit, waiting for the answer has none: the caller sets it. The `Host` header is made
    /// from the URI. A request with an `Upgrade` header gets
    /// a connection of its own; when the answer is 101, `hyper::upgrade::on` takes that connection over.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let target = Target::of(request.uri())?;
        let response = if request.headers().contains_key(UPGRADE) {
            self.send_alone(&target, request).await?
        } else {
            self.send_pooled(&target, request).await?
        };
        let (mut head, body) = response.into_parts();
        head.version = Version::HTTP_11;
        Ok(Response::from_parts(head, boxed(body)))
    }

    /// A bare connection to a host and port.
    pub(super) async fn tcp(&self, target: &Target) -> Result<TcpStream, Error> {
        self.dialer.tcp(target).await
    }

    async fn send_alone(&self, target: &Target, request: Request<Body>) -> Result<Response<Incoming>, Error> {
        let mut link = self.link(target, Offer::Http1).await?;
        link.send(target, request).await.map_err(|e| broken(target, e.into_error()))
    }

    async fn send_pooled(
        &self,
        target: &Target,
        mut request: Request<Body>,
    ) -> Result<Response<Incoming>, Error> {
        let mut spare = repeatable(&request);
        let uri = request.uri().clone();
        loop {
            let kept = self.pool.take(target);
            let is_kept = kept.is_some();
            let mut link = match kept {
                Some(link) => link,
                None => self.link(target, Offer::Any).await?,
            };
            let mut error = match link.send(target, request).await {
                Ok(response) => {
                    // Only a proxy asks for this, and the client is none of its users.
                    if let Some(upstream) = self.dialer.relays(target, Offer::Any)
                        && response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
                    {
                        return Err(upstream.refusal(target, response.status()));
                    }
                    self.pool.give_back(target, link, &self.tasks);
                    return Ok(response);
                }
                Err(error) => error,
            };
            // A server may close a kept connection at any time; that is no answer to this request.
            request = match error.take_message().or_else(|| spare.take()) {
                Some(request) if is_kept => request,
                _ => return Err(broken(target, error.into_error())),
            };
            *request.uri_mut() = uri.clone();
            debug!(%target, "kept connection was closed, sending again");
        }
    }

    async fn link(&self, target: &Target, offer: Offer) -> Result<Link, Error> {
        let stream = self.dialer.open(target, offer).await?;
        let form = match self.dialer.relays(target, offer) {
            Some(upstream) => Form::Absolute(upstream.credentials().cloned()),
            None => Form::Origin,
        };
        Link::open(stream, form, &self.tasks).await.map_err(|e| broken(target, e))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// A copy of a request that may safely be sent twice: one that only reads, and has no body.
fn repeatable(request: &Request<Body>) -> Option<Request<Body>> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !reads || !is_spent(request.body()) {
        return None;
    }
    let mut copy = Request::new(empty());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

fn broken(target: &Target, error: hyper::Error) -> Error {
    // Since TLS 1.3 a server refuses a client certificate only when the handshake is over for the client.
    let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
    if let Some(alert) = causes.find_map(identity_alert) {
        return Error::IdentityWanted { target: target.to_string(), source: Arc::new(alert) };
    }
    Error::Broken { target: target.to_string(), source: Arc::new(error) }
}
