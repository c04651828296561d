//! What is known of one exchange, and of one tunnel, apart from its messages.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hyper::Method;
use hyper::header::HeaderValue;
use url::Url;

/// One request and its answer.
#[derive(Clone)]
pub struct Exchange {
    /// Counts up from 1 within a server.
    pub id: u64,
    /// The method as it came in.
    pub method: Method,
    /// The absolute URL, `http` or `https` (for a WebSocket too), without user name and password.
    pub url: Url,
    /// The address of the client's end.
    pub client: SocketAddr,
    /// Whether the client asks to leave HTTP, as each WebSocket does.
    pub upgrade: bool,
    /// The `Proxy-Authorization` of the request, or of the CONNECT that opened its tunnel; it is never sent
    /// upstream.
    pub credentials: Option<HeaderValue>,
}

impl Exchange {
    /// An exchange that came in over no socket; for those who try a handler without a server.
    #[must_use]
    pub fn of(method: Method, url: Url) -> Self {
        let client = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self { id: 0, method, url, client, upgrade: false, credentials: None }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("id", &self.id)
            .field("method", &self.method)
            .field("url", &Quiet(&self.url))
            .field("client", &self.client)
            .field("upgrade", &self.upgrade)
            .finish_non_exhaustive()
    }
}

/// What a CONNECT asks for.
#[derive(Clone)]
pub struct Tunnel {
    /// The host without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The address of the client's end.
    pub client: SocketAddr,
    /// The `Proxy-Authorization` of the CONNECT.
    pub credentials: Option<HeaderValue>,
}

impl fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnel")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// A URL without its query and fragment, where tokens may be.
pub(super) struct Quiet<'a>(pub(super) &'a Url);

impl fmt::Display for Quiet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0[..url::Position::AfterPath])
    }
}

impl fmt::Debug for Quiet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_query_and_no_credentials() {
        let mut exchange = Exchange::of(Method::GET, Url::parse("http://a.test/p?t=secret#secret").unwrap());
        exchange.credentials = Some(HeaderValue::from_static("Basic secret"));
        let text = format!("{exchange:?}");
        assert!(text.contains("http://a.test/p") && !text.contains("secret"), "{text}");
    }
}
