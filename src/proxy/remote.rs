//! The address of one server, with the user name and password that it asks for.

use std::fmt;
use std::str::FromStr;

use hyper::Uri;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use url::Url;

use super::error::Error;
use super::upstream::credentials;

/// A server with what it asks for: `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`. No text shows the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    url: Url,
    authorization: Option<HeaderValue>,
}

impl Remote {
    /// The server that a WebSocket leads to: `ws[s]://[USER:PASSWORD@]HOST[:PORT]/…`; nothing where the address is none of a
    /// WebSocket.
    #[must_use]
    pub fn of_socket(socket: &Url) -> Option<Self> {
        let scheme = match socket.scheme() {
            "ws" => "http",
            "wss" => "https",
            _ => return None,
        };
        let mut url = socket.clone();
        url.set_scheme(scheme).ok()?;
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        Self::of(url).ok()
    }

    fn of(mut url: Url) -> Result<Self, Error> {
        let authorization = credentials(&url)
            .map_err(|_| Error::RemoteAddress { reason: "its user name and password cannot be sent" })?;
        // Addresses with a host take both.
        let _ = (url.set_username(""), url.set_password(None));
        Ok(Self { url, authorization })
    }

    /// Its address, without user name and password.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether any client can speak with it: without TLS, and without a password.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.url.scheme() == "http" && self.authorization.is_none()
    }

    /// Puts user name and password on a request that goes there.
    pub fn sign(&self, headers: &mut HeaderMap) {
        if let Some(value) = &self.authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
    }
}

/// The address of a path below a server's own, byte for byte; the path may have a query behind it.
#[must_use]
pub fn below(base: &Url, path: &str) -> Option<Uri> {
    format!("{}{path}", base.as_str().trim_end_matches('/')).parse().ok()
}

impl FromStr for Remote {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = |reason| Error::RemoteAddress { reason };
        let url = Url::parse(text).map_err(|_| refused("it is no URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused("its scheme is neither `http` nor `https`"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("something follows its path"));
        }
        Self::of(url)
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Remote({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_neither_user_name_nor_password() {
        let remote: Remote = "https://us%40er:se%3Acret@hub.test/wd/hub".parse().unwrap();
        assert_eq!(format!("{remote} {remote:?}"), "https://hub.test/wd/hub Remote(https://hub.test/wd/hub)");
        assert!(remote.authorization.as_ref().is_some_and(HeaderValue::is_sensitive));
        assert!(!remote.is_plain() && "http://a.test:4444".parse::<Remote>().unwrap().is_plain());
        for wrong in ["ws://u:secret@a.test", "https://u:secret@a.test/?q", "u:secret@a.test", "https://"] {
            let error = wrong.parse::<Remote>().unwrap_err().to_string();
            assert!(error.contains("\nhint: ") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_server_of_a_socket_has_the_sockets_own_password() {
        let of = |socket: &str| Remote::of_socket(&socket.parse().unwrap());
        let remote = of("wss://us:secret@cdp.test/a/b?c#d").unwrap();
        assert_eq!(remote, "https://us:secret@cdp.test".parse().unwrap());
        assert_eq!(of("ws://node.test:9/x"), "http://node.test:9/".parse().ok());
        assert_eq!(of("https://node.test/x"), None);
    }

    #[test]
    fn paths_lie_below_the_servers_own() {
        let below =
            |server: &str, path| below(server.parse::<Remote>().unwrap().url(), path).unwrap().to_string();
        let hub = "https://u:p@hub.test/wd/hub/";
        assert_eq!(below(hub, "/session/1?a=%7e"), "https://hub.test/wd/hub/session/1?a=%7e");
        assert_eq!(below("http://a.test:4444", "/status"), "http://a.test:4444/status");
    }
}
