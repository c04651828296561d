//! The key that clients of the proxy must show where others could reach it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{HeaderValue, PROXY_AUTHENTICATE};
use hyper::{Request, Response, StatusCode};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::answer::page;
use super::body::Body;
use super::exchange::{Exchange, Tunnel};
use super::handler::{Handler, Next};

/// What a client says of itself in `Proxy-Authorization: Basic`.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name, as it stands there.
    pub user: String,
    password: String,
}

impl Credentials {
    /// Reads the value of a `Proxy-Authorization` header; nothing when it is none of the Basic scheme. See RFC 7617.
    #[must_use]
    pub fn read(value: &HeaderValue) -> Option<Self> {
        let (scheme, token) = value.to_str().ok()?.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = String::from_utf8(STANDARD.decode(token.trim()).ok()?).ok()?;
        let (user, password) = pair.split_once(':')?;
        Some(Self { user: user.to_owned(), password: password.to_owned() })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Whether a client has shown the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// It has; the text is the user name beside it, which may be empty.
    Granted(String),
    /// It has not.
    Denied,
}

/// The key of a proxy; only its hash is kept.
#[derive(Clone)]
pub struct ListenKey([u8; 32]);

impl ListenKey {
    /// The key with this text.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Whether the password of these credentials is the key, in a time that tells nothing of it.
    #[must_use]
    pub fn check(&self, credentials: Option<&HeaderValue>) -> Access {
        let Some(shown) = credentials.and_then(Credentials::read) else { return Access::Denied };
        let hash: [u8; 32] = Sha256::digest(&shown.password).into();
        if bool::from(hash.ct_eq(&self.0)) { Access::Granted(shown.user) } else { Access::Denied }
    }
}

impl fmt::Debug for ListenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListenKey(***)")
    }
}

/// A handler behind a key: who does not show it is answered with 407, and the inner handler never hears of it.
#[derive(Debug)]
pub struct Keyed<H> {
    key: Option<ListenKey>,
    inner: H,
}

impl<H: Handler> Keyed<H> {
    /// Puts `inner` behind a key; without one everybody may pass.
    #[must_use]
    pub fn new(key: Option<ListenKey>, inner: H) -> Self {
        Self { key, inner }
    }

    fn admits(&self, credentials: Option<&HeaderValue>) -> bool {
        self.key.as_ref().is_none_or(|key| key.check(credentials) != Access::Denied)
    }
}

impl<H: Handler> Handler for Keyed<H> {
    async fn connect(&self, tunnel: &Tunnel) -> Option<Response<Body>> {
        if self.admits(tunnel.credentials.as_ref()) {
            self.inner.connect(tunnel).await
        } else {
            Some(demand())
        }
    }

    fn intercept(&self, host: &str, port: u16) -> bool {
        self.inner.intercept(host, port)
    }

    async fn request(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        if self.admits(exchange.credentials.as_ref()) {
            self.inner.request(exchange, request).await
        } else {
            Next::Answer(demand())
        }
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        self.inner.response(exchange, response).await
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        if self.admits(exchange.credentials.as_ref()) {
            self.inner.end(exchange, outcome);
        }
    }
}

fn demand() -> Response<Body> {
    let mut response = page(StatusCode::PROXY_AUTHENTICATION_REQUIRED, "key-wanted", WANTED);
    response.headers_mut().insert(PROXY_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"handstamp\""));
    response
}

const WANTED: &str = "this proxy demands its key\nhint: give it as the password: `http://:KEY@HOST:PORT`, or `http://CONTEXT%2FUSER:KEY@HOST:PORT` for a user";

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(pair: &str) -> HeaderValue {
        HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).unwrap()
    }

    #[test]
    fn the_key_as_password_is_accepted_with_any_user_name() {
        let key = ListenKey::new("open:sesame");
        assert_eq!(key.check(Some(&basic("app/alice:open:sesame"))), Access::Granted("app/alice".to_owned()));
        assert_eq!(key.check(Some(&basic(":open:sesame"))), Access::Granted(String::new()));
        let lower = HeaderValue::from_str(&format!("basic  {}", STANDARD.encode("u:open:sesame"))).unwrap();
        assert_eq!(key.check(Some(&lower)), Access::Granted("u".to_owned()));
    }

    #[test]
    fn anything_else_is_denied() {
        let key = ListenKey::new("sesame");
        for wrong in ["u:sesam", "u:sesame ", "u:", "sesame:", "sesame", "u:SESAME"] {
            assert_eq!(key.check(Some(&basic(wrong))), Access::Denied, "{wrong}");
        }
        for wrong in ["Bearer sesame", "Basic !!!", "Basic", ""] {
            assert_eq!(key.check(Some(&HeaderValue::from_str(wrong).unwrap())), Access::Denied, "{wrong}");
        }
        assert_eq!(key.check(None), Access::Denied);
    }

    #[test]
    fn debug_shows_neither_key_nor_password() {
        let text = format!("{:?} {:?}", ListenKey::new("sesame"), Credentials::read(&basic("u:sesame")));
        assert!(!text.contains("sesame"), "{text}");
    }
}
