//! HTTP authentication: the user's credentials on each request, and answers to what servers ask.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use http::{HeaderMap, HeaderValue, Method};
use url::{Position, Url};

use super::{
    challenge::{self, Asked, Unanswered},
    credentials::Credentials,
    digest::Space,
};
use crate::{session::HttpScheme, site::Origin};

/// A user's credentials in the form that a scheme gives them, for the origins that a session may go to.
///
/// Basic and Bearer go onto each request. Digest needs a challenge of the server's first: [`HttpAuth::answer`] makes the
/// answer, and [`HttpAuth::preempt`] uses the same challenge for what follows. See RFC 7617, RFC 6750 and RFC 7616.
pub struct HttpAuth {
    scheme: HttpScheme,
    credentials: Credentials,
    realm: Option<String>,
    fixed: Option<HeaderValue>,
    spaces: Mutex<HashMap<Origin, Space>>,
}

impl HttpAuth {
    /// Authenticates as this user. Fails where the scheme cannot carry the credentials.
    pub fn new(scheme: HttpScheme, credentials: Credentials) -> Result<Self, Unanswered> {
        let fixed = match scheme {
            HttpScheme::Basic => Some(credentials.basic().ok_or(Unanswered::Unfit { scheme: "Basic" })?),
            HttpScheme::Bearer => Some(credentials.bearer().ok_or(Unanswered::Unfit { scheme: "Bearer" })?),
            HttpScheme::Digest => None,
        };
        Ok(Self { scheme, credentials, realm: None, fixed, spaces: Mutex::default() })
    }

    /// Answers challenges for this realm, and no others.
    #[must_use]
    pub fn in_realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// The `Authorization` of a request that nobody has asked for credentials yet.
    ///
    /// `None` for Digest as long as the origin has sent no challenge, and outside of the challenge's own paths.
    #[must_use]
    pub fn preempt(&self, method: &Method, url: &Url) -> Option<HeaderValue> {
        if let Some(fixed) = &self.fixed {
            return Some(fixed.clone());
        }
        let mut spaces = self.spaces();
        let space = spaces.get_mut(&Origin::of(url)?)?;
        space.covers(url).then(|| space.respond(method, target(url), &self.credentials).ok())?
    }

    /// The `Authorization` to send a request again with, after a 401 with these headers.
    ///
    /// `target` is the request's target as it was sent, path and query; `sent` is the `Authorization` that it carried.
    ///
    /// # Errors
    /// When the credentials were refused, and when the server asks for what handstamp does not speak.
    pub fn answer(
        &self,
        (method, url, target): (&Method, &Url, &str),
        sent: Option<&HeaderValue>,
        response: &HeaderMap,
    ) -> Result<HeaderValue, Unanswered> {
        let asked = challenge::read(response);
        match &self.fixed {
            Some(fixed) if sent == Some(fixed) => Err(Unanswered::Refused),
            Some(fixed) => self.offered(&asked).map(|()| fixed.clone()),
            None => self.answer_digest((method, url, target), sent, asked),
        }
    }

    /// Whether an `Authorization` is one that this user's credentials made.
    pub(super) fn is_own(&self, sent: &HeaderValue) -> bool {
        match &self.fixed {
            Some(fixed) => sent == fixed,
            None => challenge::parameter(sent, "username") == Some(self.credentials.username.as_str()),
        }
    }

    fn answer_digest(
        &self,
        (method, url, target): (&Method, &Url, &str),
        sent: Option<&HeaderValue>,
        asked: Vec<Asked>,
    ) -> Result<HeaderValue, Unanswered> {
        self.offered(&asked)?;
        let mut space = Space::of(url, self.realm.as_deref(), asked)?;
        // A new challenge is no refusal where the old one had come of age, whether the server says so or not.
        let origin = Origin::of(url).ok_or(Unanswered::NoChallenge)?;
        if sent.is_some_and(Space::was_first) && !space.is_stale() {
            self.spaces().remove(&origin);
            return Err(Unanswered::Refused);
        }
        let value = space.respond(method, target, &self.credentials)?;
        self.spaces().insert(origin, space);
        Ok(value)
    }

    /// Whether the server asks for this scheme, and for this realm where one was given.
    fn offered(&self, asked: &[Asked]) -> Result<(), Unanswered> {
        let named = asked.iter().filter(|one| one.scheme.eq_ignore_ascii_case(self.word()));
        let realms: Vec<_> = named.map(|one| one.realm.clone()).collect();
        if realms.is_empty() {
            return Err(Unanswered::other_scheme(self.word(), asked));
        }
        let is_ours = |realm: &Option<String>| self.realm.is_none() || *realm == self.realm;
        if realms.iter().any(is_ours) { Ok(()) } else { Err(Unanswered::Realm) }
    }

    fn word(&self) -> &'static str {
        match self.scheme {
            HttpScheme::Basic => "Basic",
            HttpScheme::Digest => "Digest",
            HttpScheme::Bearer => "Bearer",
        }
    }

    fn spaces(&self) -> MutexGuard<'_, HashMap<Origin, Space>> {
        self.spaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for HttpAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAuth").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// The target of a request to a URL in origin form. See 3.2.1 of RFC 9112.
fn target(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

#[cfg(test)]
mod tests {
    use http::header::WWW_AUTHENTICATE;

    use super::*;

    fn auth(scheme: HttpScheme) -> HttpAuth {
        let credentials = Credentials { username: "anna".into(), password: "planted".into() };
        HttpAuth::new(scheme, credentials).unwrap()
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn asks(challenges: &[&str]) -> HeaderMap {
        challenges.iter().map(|text| (WWW_AUTHENTICATE, text.parse().unwrap())).collect()
    }

    fn answer(
        auth: &HttpAuth,
        at: &str,
        sent: Option<&HeaderValue>,
        challenges: &[&str],
    ) -> Result<String, Unanswered> {
        let (url, get) = (url(at), Method::GET);
        let value = auth.answer((&get, &url, target(&url)), sent, &asks(challenges))?;
        Ok(value.to_str().unwrap().to_owned())
    }

    const DIGEST: &str = r#"Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256"#;

    #[test]
    fn basic_and_bearer_go_ahead_and_are_refused_once() {
        for scheme in [HttpScheme::Basic, HttpScheme::Bearer] {
            let auth = auth(scheme);
            let at = url("https://a.example/x");
            let value = auth.preempt(&Method::GET, &at).unwrap();
            let asked = [r#"Basic realm="r""#, r#"Bearer realm="r", error="invalid_token""#];
            assert_eq!(answer(&auth, at.as_str(), Some(&value), &asked), Err(Unanswered::Refused));
            assert_eq!(answer(&auth, at.as_str(), None, &asked).unwrap(), value.to_str().unwrap());
        }
    }

    #[test]
    fn digest_waits_for_a_challenge_and_then_counts() {
        let auth = auth(HttpScheme::Digest);
        let at = url("https://a.example/x?q=1");
        assert_eq!(auth.preempt(&Method::GET, &at), None);
        let first = answer(&auth, at.as_str(), None, &[DIGEST]).unwrap();
        assert!(first.contains("nc=00000001") && first.contains(r#"uri="/x?q=1""#), "{first}");
        let second = auth.preempt(&Method::POST, &at).unwrap();
        assert!(second.to_str().unwrap().contains("nc=00000002"), "{}", second.to_str().unwrap());
        for other in ["https://b.example/", "http://a.example/", "https://a.example:8443/"] {
            assert_eq!(auth.preempt(&Method::GET, &url(other)), None, "{other}");
        }
    }

    #[test]
    fn a_stale_nonce_is_replaced_and_a_wrong_password_is_no_loop() {
        let auth = auth(HttpScheme::Digest);
        let at = "https://a.example/x";
        let first: HeaderValue = answer(&auth, at, None, &[DIGEST]).unwrap().parse().unwrap();
        let again = DIGEST.replace("n1", "n2");
        assert_eq!(answer(&auth, at, Some(&first), &[&again]), Err(Unanswered::Refused));
        let stale = format!("{again}, stale=true");
        let value = answer(&auth, at, Some(&first), &[&stale]).unwrap();
        assert!(value.contains(r#"nonce="n2""#) && value.contains("nc=00000001"), "{value}");
        let used = auth.preempt(&Method::GET, &url(at)).unwrap();
        assert!(answer(&auth, at, Some(&used), &[DIGEST]).is_ok(), "a server may forget to say stale");
    }

    #[test]
    fn the_first_challenge_that_is_spoken_is_answered() {
        let auth = auth(HttpScheme::Digest);
        let asked = [
            "NTLM",
            r#"Digest realm="r", nonce="x", algorithm=FUTURE-1, qop="auth""#,
            r#"Basic realm="r", Digest realm="r", nonce="m", algorithm=MD5, qop="auth,auth-int", opaque="o""#,
        ];
        let value = answer(&auth, "https://a.example/", None, &asked).unwrap();
        assert!(value.contains("algorithm=MD5") && value.contains("qop=auth,"), "{value}");
        assert!(value.contains(r#"opaque="o""#));
    }

    #[test]
    fn what_is_not_spoken_is_named() {
        let digest = auth(HttpScheme::Digest);
        let said = |auth: &HttpAuth, asked: &[&str]| {
            answer(auth, "https://a.example/", None, asked).unwrap_err().to_string()
        };
        assert!(said(&digest, &["Negotiate", "NTLM"]).contains("`Negotiate`, `NTLM`"));
        assert!(said(&digest, &["NTLM TlRMTVNTUAACAAAA=="]).contains("not supported"));
        let integrity = r#"Digest realm="r", nonce="n", qop="auth-int""#;
        assert!(said(&digest, &[integrity]).contains("auth-int"));
        assert!(said(&auth(HttpScheme::Basic), &[DIGEST]).contains("--method http-digest"));
        assert_eq!(answer(&digest, "https://a.example/", None, &[]), Err(Unanswered::NoChallenge));
    }

    #[test]
    fn another_realm_gets_nothing() {
        let auth = auth(HttpScheme::Digest).in_realm("mine");
        assert_eq!(answer(&auth, "https://a.example/", None, &[DIGEST]), Err(Unanswered::Realm));
        assert!(answer(&auth, "https://a.example/", None, &[&DIGEST.replace("\"r\"", "\"mine\"")]).is_ok());
    }

    #[test]
    fn a_challenge_for_some_paths_is_used_there_only() {
        let auth = auth(HttpScheme::Digest);
        let asked = format!(r#"{DIGEST}, domain="/in https://a.example/too https://evil.example/""#);
        assert!(answer(&auth, "https://a.example/in/x", None, &[&asked]).is_ok());
        for (path, is_in) in [("in/y", true), ("too", true), ("out", false), ("", false)] {
            let value = auth.preempt(&Method::GET, &url(&format!("https://a.example/{path}")));
            assert_eq!(value.is_some(), is_in, "{path}");
        }
        assert_eq!(auth.preempt(&Method::GET, &url("https://evil.example/")), None);
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let auth = auth(HttpScheme::Basic);
        let value = auth.preempt(&Method::GET, &url("https://a.example/"));
        let shown = format!("{auth:?} {value:?}");
        assert!(!shown.contains("planted") && !shown.contains("YW5uYT"), "{shown}");
    }
}
