//! A user's name and password, for schemes of HTTP authentication.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderValue;

use crate::session::Secret;

/// What a user proves who they are with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user's name; empty for a bearer token.
    pub username: String,
    /// The password, or the bearer token.
    pub password: Secret,
}

impl Credentials {
    /// The `Authorization` of Basic authentication in UTF-8. `None` where the name holds a colon or a control
    /// character, which it must not. See 2 of RFC 7617.
    pub(super) fn basic(&self) -> Option<HeaderValue> {
        let text = format!("{}:{}", self.username, self.password.expose());
        if self.username.contains(':') || text.chars().any(char::is_control) {
            return None;
        }
        secret(&format!("Basic {}", STANDARD.encode(text)))
    }

    /// The `Authorization` with a bearer token. `None` where it is no `b64token`. See 2.1 of RFC 6750.
    pub(super) fn bearer(&self) -> Option<HeaderValue> {
        let token = self.password.expose().trim();
        let bare = token.trim_end_matches('=');
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
        if bare.is_empty() || !bare.bytes().all(fits) {
            return None;
        }
        secret(&format!("Bearer {token}"))
    }
}

/// A header value that no log shows.
pub(super) fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(username: &str, password: &str) -> Credentials {
        Credentials { username: username.into(), password: password.into() }
    }

    #[test]
    fn basic_is_the_example_of_the_standard() {
        assert_eq!(of("Aladdin", "open sesame").basic().unwrap(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(of("test", "123\u{a3}").basic().unwrap(), "Basic dGVzdDoxMjPCow==");
        assert_eq!(of("a", "with:colon").basic().unwrap(), "Basic YTp3aXRoOmNvbG9u");
    }

    #[test]
    fn what_a_scheme_cannot_carry_is_refused() {
        assert_eq!(of("a:b", "x").basic(), None);
        assert_eq!(of("a", "x\n").basic(), None);
        for token in ["", "a b", "a\r\nX: y", "=", "ä"] {
            assert_eq!(of("", token).bearer(), None, "{token:?}");
        }
        assert_eq!(of("", "mF_9.B5f-4.1JqM==\n").bearer().unwrap(), "Bearer mF_9.B5f-4.1JqM==");
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let credentials = of("anna", "planted");
        let shown = format!("{credentials:?} {:?} {:?}", credentials.basic(), credentials.bearer());
        assert!(!shown.contains("planted") && !shown.contains("YW5uYT"), "{shown}");
    }
}
