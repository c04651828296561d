//! Joins the proxy to a session: stamps what goes through, and learns from what comes back.

use http::{Request, Response};

use super::request::{Stamp, Stamped};
use crate::proxy::{Body, Exchange, Handler, Next};

/// Lets requests through the proxy, with the session on those in scope.
#[derive(Clone, Debug)]
pub struct Through {
    stamp: Stamp,
}

impl Through {
    /// Stamps requests as `stamp` says.
    #[must_use]
    pub fn new(stamp: Stamp) -> Self {
        Self { stamp }
    }
}

impl Handler for Through {
    async fn request(&self, exchange: &Exchange, mut request: Request<Body>) -> Next {
        let stamped = self.stamp.put_on(&exchange.method, &exchange.url, request.headers_mut());
        let host = exchange.url.host_str().unwrap_or_default();
        tracing::info!(method = %exchange.method, host, path = exchange.url.path(), stamped = stamped == Stamped::Put, "request");
        Next::Forward(request)
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        self.stamp.learn(&exchange.url, response.headers());
        response
    }
}
