//! The header lines of one request.

use http::{HeaderMap, header::COOKIE};

use super::{Error, Format, Kind, Parts, handed::Handed};
use crate::session::Secret;
use url::Url;

/// Header names as people write them, and their values.
#[derive(Debug, Clone, Default)]
pub struct HeaderLines(Vec<(String, Secret)>);

impl HeaderLines {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let lines = headers.iter().map(|(name, value)| (written(name.as_str()), Secret::from(text(value))));
        let mut lines: Vec<_> = lines.filter(|(_, value)| !value.is_empty()).collect();
        lines.sort_by_key(|(name, _)| (name == "Cookie", name.clone()));
        Self(lines)
    }

    /// Each line.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The value of a header, in any case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All headers but the cookies.
    pub(super) fn besides_cookies(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.iter().filter(|(name, _)| *name != "Cookie")
    }

    /// What they carry of a session.
    pub(super) fn parts(&self, handed: &Handed, url: &Url) -> Parts {
        let agent = usize::from(self.get("User-Agent").is_some());
        let others = self.besides_cookies().count() - agent;
        // What comes of a name and password is told as these.
        let credentials = usize::from(handed.credentials.is_some() && self.get("Authorization").is_some());
        Parts::default()
            .with(Kind::Cookie, handed.cookies_sent(url))
            .with(Kind::UserAgent, agent)
            .with(Kind::Credentials, credentials)
            .with(Kind::Header, others - credentials)
    }

    /// Fails where there is nothing that carries a session.
    pub(super) fn ensure_any(&self, handed: &Handed, format: Format) -> Result<(), Error> {
        if self.0.iter().any(|(name, _)| name != "User-Agent") {
            return Ok(());
        }
        Err(Error::NothingToCarry { format, parts: Parts::of(&handed.state).to_string() })
    }
}

/// Whether a header is that of the cookies.
pub(super) fn is_cookie(name: &str) -> bool {
    name.eq_ignore_ascii_case(COOKIE.as_str())
}

/// Header names as people write them: `X-Csrf-Token`.
fn written(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut chars = word.chars();
        chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}
