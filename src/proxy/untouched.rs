//! Keeps a handler away from hosts that are to pass untouched.

use hyper::{Request, Response};

use super::body::Body;
use super::exchange::{Exchange, Tunnel};
use super::handler::{Handler, Next};
use super::host::HostPattern;

/// A handler that sees nothing of some hosts: their tunnels are passed on as bytes, their plain requests as they
/// are. Who may open a tunnel at all is still asked of the inner handler.
#[derive(Debug)]
pub struct Untouched<H> {
    hosts: Vec<HostPattern>,
    inner: H,
}

impl<H: Handler> Untouched<H> {
    /// Lets these hosts pass by `inner`.
    #[must_use]
    pub fn new(hosts: Vec<HostPattern>, inner: H) -> Self {
        Self { hosts, inner }
    }

    fn passes(&self, host: &str) -> bool {
        self.hosts.iter().any(|pattern| pattern.matches(host))
    }

    fn is_untouched(&self, exchange: &Exchange) -> bool {
        exchange.url.host_str().is_some_and(|host| self.passes(host))
    }
}

impl<H: Handler> Handler for Untouched<H> {
    async fn connect(&self, tunnel: &Tunnel) -> Option<Response<Body>> {
        self.inner.connect(tunnel).await
    }

    fn intercept(&self, host: &str, port: u16) -> bool {
        !self.passes(host) && self.inner.intercept(host, port)
    }

    async fn request(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        if self.is_untouched(exchange) {
            return Next::Forward(request);
        }
        self.inner.request(exchange, request).await
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        if self.is_untouched(exchange) {
            return response;
        }
        self.inner.response(exchange, response).await
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        if !self.is_untouched(exchange) {
            self.inner.end(exchange, outcome);
        }
    }
}
