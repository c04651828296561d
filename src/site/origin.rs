//! An origin: the scheme, host and port that a browser keeps apart from all others.

use std::{fmt, net::Ipv4Addr, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use url::Url;

use super::{Error, registrable_domain};

/// A tuple origin of HTTP or HTTPS. See 7.1.1 Origins of the HTML standard.
///
/// WebSocket URLs count to the HTTP origin that they share cookies and a port with. It is written
/// without a default port and without a trailing slash: `https://shop.example`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Scheme {
    Http,
    Https,
}

impl Origin {
    /// The origin of `url`; `None` where it has no host or another scheme than http, https, ws or wss.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let scheme = match url.scheme() {
            "http" | "ws" => Scheme::Http,
            "https" | "wss" => Scheme::Https,
            _ => return None,
        };
        Some(Self { scheme, host: url.host_str()?.to_owned(), port: url.port_or_known_default()? })
    }

    /// Reads an origin, or takes that of a whole URL. Fails on what is no URL and on other schemes.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let url = Url::parse(text.trim()).map_err(|source| Error::NotAUrl {
            text: text.rsplit('@').next().unwrap_or_default().to_owned(),
            source,
        })?;
        Self::of(&url).ok_or_else(|| Error::NotHttp { scheme: url.scheme().to_owned() })
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The host in lower case and punycode; IPv6 addresses stand in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, also where it is the scheme's default.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether traffic to it is encrypted.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// Whether browsers treat it like an encrypted one: https, or a loopback host.
    ///
    /// See 3.1 Is origin potentially trustworthy? of the Secure Contexts standard.
    #[must_use]
    pub fn is_trustworthy(&self) -> bool {
        self.is_secure() || is_loopback(&self.host)
    }

    /// The site that it is a part of: its scheme with the registrable domain, or the host where there is none.
    ///
    /// See 7.1.1.1 Sites of the HTML standard.
    #[must_use]
    pub fn site(&self) -> String {
        format!("{}://{}", self.scheme(), registrable_domain(&self.host).unwrap_or(&self.host))
    }

    /// Whether `url` belongs to this origin.
    #[must_use]
    pub fn contains(&self, url: &Url) -> bool {
        Self::of(url).is_some_and(|origin| origin == *self)
    }

    /// The root document of this origin.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it cannot panic, as the expectation says")]
    pub fn url(&self) -> Url {
        Url::parse(&self.to_string()).expect("an origin is made of the parts of a URL")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.host)?;
        match (self.scheme, self.port) {
            (Scheme::Http, 80) | (Scheme::Https, 443) => Ok(()),
            (_, port) => write!(f, ":{port}"),
        }
    }
}

impl FromStr for Origin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    #[test]
    fn an_origin_is_written_without_default_port_and_slash() {
        assert_eq!(origin("https://Shop.example:443/a?b#c").to_string(), "https://shop.example");
        assert_eq!(origin("http://shop.example:8080/").to_string(), "http://shop.example:8080");
        assert_eq!(origin("http://[::1]:3000").to_string(), "http://[::1]:3000");
        assert_eq!(origin("https://user:pw@shop.example").to_string(), "https://shop.example");
    }

    #[test]
    fn a_websocket_belongs_to_the_http_origin_of_its_host() {
        assert_eq!(origin("wss://shop.example/live"), origin("https://shop.example"));
        assert_eq!(origin("ws://shop.example/live"), origin("http://shop.example"));
        assert!(origin("https://shop.example").contains(&Url::parse("wss://shop.example/x").unwrap()));
    }

    #[test]
    fn scheme_host_and_port_all_tell_origins_apart() {
        let one = origin("https://shop.example");
        for other in ["http://shop.example", "https://shop.example:8443", "https://www.shop.example"] {
            assert!(!one.contains(&Url::parse(other).unwrap()), "{other}");
        }
    }

    #[test]
    fn loopback_is_trustworthy_without_encryption() {
        for text in ["https://a.example", "http://localhost", "http://app.localhost:3000", "http://127.0.0.2"]
        {
            assert!(origin(text).is_trustworthy(), "{text}");
        }
        assert!(origin("http://[::1]:8080").is_trustworthy());
        assert!(!origin("http://a.example").is_trustworthy());
        assert!(!origin("http://notlocalhost").is_trustworthy());
    }

    #[test]
    fn a_site_is_scheme_and_registrable_domain_without_port() {
        assert_eq!(origin("https://a.b.shop.co.uk:8443").site(), "https://shop.co.uk");
        assert_eq!(origin("http://127.0.0.1:3000").site(), "http://127.0.0.1");
        assert_ne!(origin("http://shop.example").site(), origin("https://shop.example").site());
    }

    #[test]
    fn an_origin_survives_json_as_a_string() {
        let json = serde_json::to_string(&origin("https://shop.example:8443")).unwrap();
        assert_eq!(json, "\"https://shop.example:8443\"");
        assert_eq!(serde_json::from_str::<Origin>(&json).unwrap(), origin("https://shop.example:8443"));
    }

    #[test]
    fn what_has_no_origin_is_refused_with_a_hint() {
        assert!(Origin::parse("shop").unwrap_err().to_string().contains("hint: "));
        assert!(Origin::parse("data:text/html,x").unwrap_err().to_string().contains("`data`"));
    }

    #[test]
    fn an_error_does_not_repeat_user_and_password() {
        let text = Origin::parse("https://user:hunter2@a b").unwrap_err().to_string();
        assert!(!text.contains("hunter2"), "{text}");
    }
}
