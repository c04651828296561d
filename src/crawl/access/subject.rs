//! One of the users whose reach is compared.

use http::{HeaderMap, header::HeaderName};
use url::Url;

use crate::{crawl::Outcome, inject::Stamp, session::Secret};

/// A user with what a crawl as that user found.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The name that was asked for; `anonymous` is nobody.
    pub name: String,
    /// What the crawl found.
    pub outcome: &'a Outcome,
    /// What puts the session onto requests, in [`crate::inject::Mode::Force`]; nothing for nobody.
    pub stamp: Option<Stamp>,
    /// What no request of somebody else may carry.
    pub secrets: Vec<Secret>,
    /// Texts that stand for this user in answers, such as the user name.
    pub marks: Vec<String>,
}

impl Subject<'_> {
    /// Whether an address itself carries the session, so that nobody else can be tried with it.
    pub(super) fn is_in(&self, url: &Url) -> bool {
        self.secrets
            .iter()
            .map(Secret::expose)
            .any(|secret| secret.len() >= LONG && url.as_str().contains(secret))
    }

    /// The headers of one of this user's requests without the session, and without what belongs to one connection or
    /// asks for an answer that depends on earlier ones.
    pub(super) fn without_session(&self, url: &Url, headers: &HeaderMap) -> HeaderMap {
        let own = self.stamp.as_ref().map(|stamp| stamp.request_headers(url)).unwrap_or_default();
        let is_secret = |value: &[u8]| {
            let value = String::from_utf8_lossy(value);
            self.secrets
                .iter()
                .map(Secret::expose)
                .any(|secret| secret.len() >= SHORT && value.contains(secret))
        };
        let is_bare = |name: &HeaderName, value: &[u8]| {
            !DROPPED.contains(&name.as_str())
                && (!own.contains_key(name) || name == http::header::USER_AGENT)
                && !is_secret(value)
        };
        let kept = headers.iter().filter(|(name, value)| is_bare(name, value.as_bytes()));
        kept.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

const DROPPED: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "transfer-encoding",
    "upgrade",
];
/// Shorter values in headers are no secrets.
const SHORT: usize = 6;
/// Shorter values in addresses may be there by chance.
const LONG: usize = 16;
