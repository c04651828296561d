//! An exchange under way, as it is known so far.

use std::time::{Instant, SystemTime};

use http::{HeaderMap, Method};
use url::Url;

use super::{entry::Entry, mask::Secrecy};
use crate::proxy::Captured;

/// What becomes an entry once the exchange has ended; it holds secrets.
pub(super) struct Draft {
    pub(super) started: SystemTime,
    pub(super) begun: Instant,
    pub(super) ended: Option<Instant>,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) session: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) error: Option<String>,
    pub(super) request: Side,
    pub(super) response: Side,
}

/// One direction.
#[derive(Default)]
pub(super) struct Side {
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Captured>,
}

impl Side {
    fn weight(&self) -> usize {
        self.body.as_ref().map_or(0, |body| body.bytes.len())
            + self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>()
    }
}

impl Draft {
    pub(super) fn new(method: Method, url: Url, headers: HeaderMap, session: Option<String>) -> Self {
        Self {
            started: SystemTime::now(),
            begun: Instant::now(),
            ended: None,
            method,
            url,
            session,
            status: None,
            error: None,
            request: Side { headers, body: None },
            response: Side::default(),
        }
    }

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        BASE + self.url.as_str().len() + self.request.weight() + self.response.weight()
    }

    /// The entry to be kept.
    pub(super) fn entry(&self, secrecy: &Secrecy, body_limit: usize) -> Entry {
        let message = |side: &Side| secrecy.message(&side.headers, side.body.as_ref(), body_limit);
        Entry {
            id: 0,
            started: self.started,
            duration: self.ended.map(|end| end.duration_since(self.begun)),
            method: self.method.to_string(),
            url: secrecy.text(self.url.as_str()),
            host: self.url.host_str().unwrap_or_default().to_owned(),
            status: self.status,
            session: self.session.clone(),
            error: self.error.as_ref().map(|error| secrecy.text(error)),
            request: message(&self.request),
            response: message(&self.response),
        }
    }
}

const BASE: usize = 1024;
