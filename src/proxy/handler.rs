//! The seam through which others see and change what passes.

use std::sync::Arc;

use hyper::{Request, Response};

use super::body::Body;
use super::exchange::{Exchange, Tunnel};

/// What becomes of a request.
#[derive(Debug)]
pub enum Next {
    /// It is sent to the server that its URI names.
    Forward(Request<Body>),
    /// It is answered at once; an upgrade cannot be accepted this way.
    Answer(Response<Body>),
}

/// Decides on each exchange; all methods let pass by default.
pub trait Handler: Send + Sync + 'static {
    /// Called for each CONNECT before anything is opened; a response refuses it, such as 407 to ask for
    /// credentials.
    fn connect(&self, _tunnel: &Tunnel) -> impl Future<Output = Option<Response<Body>>> + Send {
        async { None }
    }

    /// Whether to look into a CONNECT to this host; `false` passes its bytes on untouched.
    fn intercept(&self, _host: &str, _port: u16) -> bool {
        true
    }

    /// Called with each request before it is sent: its URI is absolute, hop-by-hop headers are gone and
    /// cookies are one header.
    fn request(&self, _exchange: &Exchange, request: Request<Body>) -> impl Future<Output = Next> + Send {
        async { Next::Forward(request) }
    }

    /// Called with each answer that a server gave, 101 included; not with answers of [`Next::Answer`] or of
    /// the proxy itself.
    fn response(
        &self,
        _exchange: &Exchange,
        response: Response<Body>,
    ) -> impl Future<Output = Response<Body>> + Send {
        async { response }
    }

    /// Called exactly once for each exchange that [`request`](Self::request) saw: when the answer's body has
    /// ended or was dropped, when the upgraded connection
    /// has closed, or when the exchange failed.
    fn end(&self, _exchange: &Exchange, _outcome: Result<(), String>) {}
}

impl<H: Handler> Handler for Arc<H> {
    async fn connect(&self, tunnel: &Tunnel) -> Option<Response<Body>> {
        H::connect(self, tunnel).await
    }

    fn intercept(&self, host: &str, port: u16) -> bool {
        H::intercept(self, host, port)
    }

    async fn request(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        H::request(self, exchange, request).await
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        H::response(self, exchange, response).await
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        H::end(self, exchange, outcome);
    }
}

/// A handler that lets everything pass as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct PassThrough;

impl Handler for PassThrough {}
