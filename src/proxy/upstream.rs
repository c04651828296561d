//! Another proxy that stands between this one and the servers, such as ZAP, Burp or mitmproxy.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use hyper::header::HeaderValue;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use super::error::Error;
use super::target::Target;

/// A proxy that all connections go through: plain requests in absolute form, all else through CONNECT.
///
/// Read from `http://[USER:PASSWORD@]HOST[:PORT]`; the port is 80 where none stands there.
#[derive(Clone, PartialEq, Eq)]
pub struct Upstream {
    target: Target,
    credentials: Option<HeaderValue>,
    authority: Option<PathBuf>,
}

impl Upstream {
    /// Trusts the certificates of this PEM file too: a proxy that looks into TLS signs with its own.
    #[must_use]
    pub fn trusting(mut self, authority: PathBuf) -> Self {
        self.authority = Some(authority);
        self
    }

    pub(super) fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    /// Where it listens.
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// The `Proxy-Authorization` for it, and for nobody else.
    pub(super) fn credentials(&self) -> Option<&HeaderValue> {
        self.credentials.as_ref()
    }

    /// Asks it for a way to the target, on a fresh connection to it.
    pub(super) async fn open_way(&self, tcp: &mut TcpStream, target: &Target) -> Result<(), Error> {
        let mut head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
        if let Some(credentials) = &self.credentials {
            head.extend_from_slice(b"Proxy-Authorization: ");
            head.extend_from_slice(credentials.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        let silent = |_| self.speaks_otherwise();
        tcp.write_all(&head).await.map_err(silent)?;
        match status(&self.read_head(tcp).await?) {
            Some(StatusCode::OK) => Ok(()),
            Some(status) => Err(self.refusal(target, status)),
            None => Err(self.speaks_otherwise()),
        }
    }

    /// The error for an answer of the proxy itself in the place of the target's.
    pub(super) fn refusal(&self, target: &Target, status: StatusCode) -> Error {
        Error::UpstreamRefused { upstream: self.to_string(), target: target.to_string(), status }
    }

    /// Byte by byte, because what follows the head belongs to the target already.
    async fn read_head(&self, tcp: &mut TcpStream) -> Result<Vec<u8>, Error> {
        let mut head = Vec::with_capacity(256);
        while !head.ends_with(b"\r\n\r\n") {
            let byte = tcp.read_u8().await.map_err(|_| self.speaks_otherwise())?;
            head.push(byte);
            if head.len() > HEAD_MOST {
                return Err(self.speaks_otherwise());
            }
        }
        Ok(head)
    }

    fn speaks_otherwise(&self) -> Error {
        Error::UpstreamSpeech { upstream: self.to_string() }
    }
}

impl FromStr for Upstream {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = |reason| Error::UpstreamAddress { reason };
        let url = Url::parse(text).map_err(|_| refused("it is no URL"))?;
        if url.scheme() != "http" {
            return Err(refused("its scheme is another than `http`"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(refused("something follows its host and port"));
        }
        let host = url.host_str().ok_or_else(|| refused("it has no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let target = Target { secure: false, host, port: url.port().unwrap_or(80) };
        Ok(Self { target, credentials: credentials(&url)?, authority: None })
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target.fmt(f)
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upstream({self})")
    }
}

/// The user name and password in an address as Basic authentication has them. See RFC 7617.
pub(super) fn credentials(url: &Url) -> Result<Option<HeaderValue>, Error> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let decoded = |text| percent_decode_str(text).collect::<Vec<u8>>();
    let mut pair = decoded(url.username());
    pair.push(b':');
    pair.extend(decoded(url.password().unwrap_or_default()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)))
        .map_err(|_| Error::UpstreamAddress { reason: "its credentials cannot be sent" })?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// The status of an answer's first line; any success counts as 200. See RFC 9110, 9.3.6.
fn status(head: &[u8]) -> Option<StatusCode> {
    let line = head.split(|b| *b == b'\r').next()?;
    let rest = line.strip_prefix(b"HTTP/1.")?;
    let status = StatusCode::from_bytes(rest.get(2..5)?).ok()?;
    Some(if status.is_success() { StatusCode::OK } else { status })
}

const HEAD_MOST: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_credentials_shows_neither_in_text_nor_in_debug() {
        let upstream: Upstream = "http://us%40er:se%3Acret@[::1]:8090/".parse().unwrap();
        assert_eq!(format!("{upstream} {upstream:?}"), "[::1]:8090 Upstream([::1]:8090)");
        let credentials = upstream.credentials().unwrap();
        assert_eq!(credentials.to_str().unwrap(), format!("Basic {}", STANDARD.encode("us@er:se:cret")));
        assert!(credentials.is_sensitive());
    }

    #[test]
    fn what_is_no_address_of_a_proxy_is_refused_without_being_repeated() {
        for text in
            ["https://p.test:1", "socks5://p.test", "p.test:8080", "http://u:secret@p.test/x", "http://"]
        {
            let error = text.parse::<Upstream>().unwrap_err().to_string();
            assert!(error.contains("\nhint: ") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn only_an_answer_of_http_1_has_a_status() {
        assert_eq!(status(b"HTTP/1.1 200 Connection established\r\n\r\n"), Some(StatusCode::OK));
        assert_eq!(status(b"HTTP/1.0 407 x\r\n\r\n"), Some(StatusCode::PROXY_AUTHENTICATION_REQUIRED));
        assert_eq!(status(b"SSH-2.0-x\r\n\r\n"), None);
    }
}
