//! Finds out which URL a request means.

use hyper::Request;
use hyper::header::HOST;
use hyper::http::uri::{Authority, PathAndQuery, Scheme};
use hyper::{Uri, Version};
use url::{Position, Url};

use super::line::{Inside, Line};
use super::target::bare_host;

/// The absolute URL of a request, in both of its forms.
pub(super) struct Address {
    /// For decisions: parsed as browsers do.
    pub(super) url: Url,
    /// For sending: the host of `url`, the path as it came in, byte for byte.
    pub(super) uri: Uri,
}

impl Address {
    /// The URL that the request means on this line.
    pub(super) fn of<B>(line: &Line, request: &Request<B>) -> Result<Self, Unfit> {
        if let Some(inside) = &line.tunnel
            && leads_out(inside, request)
        {
            return Err(Unfit::LeadsOut);
        }
        Self::named(line, request).ok_or(Unfit::NamesNone)
    }

    fn named<B>(line: &Line, request: &Request<B>) -> Option<Self> {
        let (scheme, authority) = match &line.tunnel {
            None => outside(request)?,
            Some(inside) => within(inside, request)?,
        };
        let path = match request.uri().path_and_query() {
            Some(path) if path.as_str().starts_with('/') => path.clone(),
            _ => PathAndQuery::from_static("/"),
        };
        let url = Url::parse(&format!("{scheme}://{authority}{path}")).ok()?;
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        let uri = Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build().ok()?;
        Some(Self { url, uri })
    }
}

/// Why a request has no address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It names no URL, as one that is sent to the proxy itself.
    NamesNone,
    /// It came through a tunnel, and names another place than that.
    LeadsOut,
}

/// Whether a request in absolute form names another place than the tunnel that it came through.
///
/// In HTTP/2 the authority is what the `Host` header is in HTTP/1, and no trick.
fn leads_out<B>(inside: &Inside, request: &Request<B>) -> bool {
    let (Some(scheme), Some(authority)) = (request.uri().scheme_str(), request.uri().authority()) else {
        return false;
    };
    if request.version() == Version::HTTP_2 {
        return false;
    }
    let secure = matches!(scheme, "https" | "wss");
    let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
    secure != inside.secure || port != inside.tunnel.port || bare_host(authority) != inside.tunnel.host
}

fn outside<B>(request: &Request<B>) -> Option<(Scheme, Authority)> {
    let scheme = match request.uri().scheme_str()? {
        "http" | "ws" => Scheme::HTTP,
        "https" | "wss" => Scheme::HTTPS,
        _ => return None,
    };
    Some((scheme, without_user(request.uri().authority()?)?))
}

fn within<B>(inside: &Inside, request: &Request<B>) -> Option<(Scheme, Authority)> {
    let scheme = if inside.secure { Scheme::HTTPS } else { Scheme::HTTP };
    let named = match (request.uri().authority(), request.headers().get(HOST)) {
        (Some(authority), _) => Some(authority.clone()),
        (None, Some(host)) => Some(Authority::try_from(host.as_bytes()).ok()?),
        (None, None) => None,
    };
    let authority = match named {
        Some(authority) if authority.port().is_some() => authority,
        Some(authority) => format!("{}:{}", authority.host(), inside.tunnel.port).parse().ok()?,
        None if inside.tunnel.host.contains(':') => {
            format!("[{}]:{}", inside.tunnel.host, inside.tunnel.port).parse().ok()?
        }
        None => format!("{}:{}", inside.tunnel.host, inside.tunnel.port).parse().ok()?,
    };
    Some((scheme, without_user(&authority)?))
}

/// User name and password are for the client's own use; a proxy does not send them on. See RFC 9110, 4.2.4.
fn without_user(authority: &Authority) -> Option<Authority> {
    match authority.as_str().rsplit_once('@') {
        Some((_, rest)) => rest.parse().ok(),
        None => Some(authority.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::super::exchange::Tunnel;
    use super::*;

    fn line(tunnel: Option<(&str, u16, bool)>) -> Line {
        let client = SocketAddr::from(([127, 0, 0, 1], 1));
        let inside = |(host, port, secure): (&str, u16, bool)| Inside {
            tunnel: Tunnel { host: host.to_owned(), port, client, credentials: None },
            secure,
        };
        Line { client, tunnel: tunnel.map(inside) }
    }

    fn address(line: &Line, uri: &str, host: Option<&str>) -> Option<String> {
        let mut request = Request::builder().uri(uri);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let address = Address::of(line, &request.body(()).unwrap()).ok()?;
        assert_eq!(Url::parse(&address.uri.to_string()).unwrap(), address.url);
        Some(address.uri.to_string())
    }

    #[test]
    fn outside_of_a_tunnel_the_target_counts_and_the_host_header_does_not() {
        let found = address(&line(None), "http://u:p@App.test:80/a/../b?q", Some("evil.test"));
        assert_eq!(found.as_deref(), Some("http://app.test/a/../b?q"));
        assert_eq!(
            address(&line(None), "wss://app.test:8443", None).as_deref(),
            Some("https://app.test:8443/")
        );
    }

    #[test]
    fn a_request_to_the_proxy_itself_has_no_address() {
        assert_eq!(address(&line(None), "/", Some("127.0.0.1:8080")), None);
        assert_eq!(address(&line(None), "ftp://app.test/", None), None);
    }

    #[test]
    fn a_whole_url_inside_of_a_tunnel_must_name_the_place_that_the_tunnel_leads_to() {
        let tls = line(Some(("app.test", 8443, true)));
        let of = |uri: &str, version| {
            let request = Request::builder().uri(uri).version(version).body(()).unwrap();
            Address::of(&tls, &request).map(|address| address.url.to_string())
        };
        assert_eq!(of("https://App.test:8443/x", Version::HTTP_11).as_deref(), Ok("https://app.test:8443/x"));
        for elsewhere in ["https://evil.test:8443/", "https://app.test/", "http://app.test:8443/"] {
            assert_eq!(of(elsewhere, Version::HTTP_11), Err(Unfit::LeadsOut), "{elsewhere}");
        }
        assert_eq!(of("http://other.test/", Version::HTTP_2).as_deref(), Ok("https://other.test:8443/"));
    }

    #[test]
    fn inside_of_a_tunnel_the_host_header_counts_and_the_tunnel_fills_in() {
        let tls = line(Some(("app.test", 8443, true)));
        assert_eq!(
            address(&tls, "/x", Some("other.test:8443")).as_deref(),
            Some("https://other.test:8443/x")
        );
        assert_eq!(address(&tls, "/x", Some("app.test")).as_deref(), Some("https://app.test:8443/x"));
        assert_eq!(address(&tls, "/x", None).as_deref(), Some("https://app.test:8443/x"));
        let v6 = line(Some(("::1", 80, false)));
        assert_eq!(address(&v6, "//x", None).as_deref(), Some("http://[::1]//x"));
        assert_eq!(address(&tls, "/x", Some("a b")), None);
    }
}
