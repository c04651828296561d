//! One request of the crawl, and what came of it.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{action::ActionId, kept, state::StateId};

/// A request that a browser of the crawl made.
#[derive(Clone, Serialize, Deserialize)]
pub struct Record {
    /// Which worker's browser made it.
    pub worker: usize,
    /// When it came to the proxy.
    pub started: SystemTime,
    /// Until the last byte of the answer.
    pub duration: Option<Duration>,
    /// The method.
    pub method: String,
    /// The whole URL; it may hold secrets.
    pub url: Url,
    /// What asked for it.
    pub class: Class,
    /// Where it goes, and what was done with it.
    pub passage: Passage,
    /// Whether the session was on it.
    pub session: Carriage,
    /// The state in which it was caused.
    pub state: Option<StateId>,
    /// Whether the way to it began with a click, or with what was mined.
    pub provenance: Provenance,
    /// The action that caused it; nothing for what a page does while it loads or by itself.
    pub action: Option<ActionId>,
    /// The status; nothing while it is under way or when it failed.
    pub status: Option<u16>,
    /// Why it failed.
    pub error: Option<String>,
    /// The headers as they were sent on.
    #[serde(with = "kept::headers")]
    pub request_headers: HeaderMap,
    /// The beginning of the request body.
    #[serde(with = "kept::body")]
    pub request_body: Bytes,
    /// The headers of the answer.
    #[serde(with = "kept::headers")]
    pub response_headers: HeaderMap,
    /// The beginning of the answer's body.
    #[serde(with = "kept::body")]
    pub response_body: Bytes,
    /// Whether the kept part of the answer's body is not all of it.
    pub truncated: bool,
    /// The route of the endpoint, with what varies masked.
    pub route: String,
    /// Whether this was the first request of its method and route, and not one of many alike.
    pub is_novel: bool,
    /// Whether it shows that there is such an endpoint: not what mining asked for in vain.
    pub is_confirmed: bool,
}

impl Record {
    /// The media type of the answer, without parameters.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        let value = self.response_headers.get(http::header::CONTENT_TYPE)?.to_str().ok()?;
        Some(value.split(';').next().unwrap_or(value).trim())
    }

    /// Whether a script of the page asked for it, in scope, and it was sent on.
    #[must_use]
    pub fn is_api_call(&self) -> bool {
        self.class == Class::Call && self.passage == Passage::InScope && self.method != "OPTIONS"
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} {} {:?})", self.method, self.route, self.status)
    }
}

/// What asked for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    /// A navigation of a page or a frame.
    Document,
    /// A script of the page.
    Call,
    /// The page's scripts, styles, pictures and fonts.
    Asset,
    /// A WebSocket.
    Socket,
    /// The crawl itself, for what was mined.
    Probe,
}

/// How the crawl came to something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Provenance {
    /// By a chain of actions from the start page on.
    #[default]
    Interaction,
    /// By an address that was read somewhere, or from there on.
    Mined,
}

impl Provenance {
    /// The word for it in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Interaction => "interaction",
            Self::Mined => "mined",
        }
    }
}

/// Where a request goes, and what the crawl's guard did with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Passage {
    /// To a place in scope.
    InScope,
    /// Elsewhere: it was let pass as it was; a whole page was answered with 204, so that the browser stayed where it was.
    OutOfScope,
    /// It would have ended the session, or is excluded: it was answered with 204 and never sent.
    Guarded,
    /// It would have changed something that the policy keeps: it was answered with 204 and never sent, and counts as found.
    Held,
}

impl Passage {
    /// Whether the request tells of an endpoint of the application: it is in scope, sent or held.
    #[must_use]
    pub fn is_found(self) -> bool {
        matches!(self, Self::InScope | Self::Held)
    }

    /// Whether the application got it.
    #[must_use]
    pub fn is_sent(self) -> bool {
        matches!(self, Self::InScope | Self::OutOfScope)
    }
}

/// Whether the session was on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Carriage {
    /// It was.
    Carried,
    /// It was not.
    Bare,
    /// It was, but by then the session had ended, as was found out soon after.
    Dead,
    /// The crawl has no session, or the request is not in scope.
    NotMeant,
}
