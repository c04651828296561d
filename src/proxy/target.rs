//! Where a request goes: a host and port, and whether the way there is TLS.

use std::fmt;

use hyper::Uri;
use hyper::http::uri::Authority;

use super::error::Error;

/// A host and port with `http` or `https` in front.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Target {
    /// Whether TLS is spoken.
    pub(super) secure: bool,
    /// The host in lower case, an IPv6 address without brackets.
    pub(super) host: String,
    /// The port, also where it is the default one.
    pub(super) port: u16,
}

impl Target {
    /// The target of an absolute URI with a scheme of the web.
    pub(super) fn of(uri: &Uri) -> Result<Self, Error> {
        let secure = match uri.scheme_str() {
            Some("http" | "ws") => false,
            Some("https" | "wss") => true,
            _ => return Err(Error::NotAbsolute),
        };
        let authority = uri.authority().ok_or(Error::NotAbsolute)?;
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Ok(Self { secure, host: bare_host(authority), port })
    }

    /// The value of the `Host` header: no default port, brackets around an IPv6 address.
    pub(super) fn authority(&self) -> String {
        let default = if self.secure { 443 } else { 80 };
        let host = bracketed(&self.host);
        if self.port == default { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", bracketed(&self.host), self.port)
    }
}

/// The host of an authority in lower case and without brackets.
pub(super) fn bare_host(authority: &Authority) -> String {
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    bare.to_ascii_lowercase()
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(uri: &'static str) -> Target {
        Target::of(&Uri::from_static(uri)).unwrap()
    }

    #[test]
    fn the_default_port_stays_out_of_the_host_header() {
        assert_eq!(target("https://App.test:443/x").authority(), "app.test");
        assert_eq!(target("http://app.test:443/x").authority(), "app.test:443");
        assert_eq!(target("http://[::1]:80/x").authority(), "[::1]");
        assert_eq!(target("wss://[::1]/").to_string(), "[::1]:443");
    }

    #[test]
    fn other_schemes_and_relative_uris_have_no_target() {
        assert!(Target::of(&Uri::from_static("ftp://app.test/")).is_err());
        assert!(Target::of(&Uri::from_static("/path")).is_err());
    }
}
