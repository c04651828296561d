//! How a crawl behaves towards the application: what it may change, how quickly, and under which name.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use regex::Regex;
use url::Url;

use super::{
    action::Candidate,
    pace::Pace,
    policy::{Policy, Restraint},
    reason::Reason,
    settings::Settings,
    view::Offer,
    words::Intent,
};

/// The rules that all browsers of a crawl keep.
#[derive(Debug)]
pub(super) struct Conduct {
    policy: Policy,
    texts: Vec<Regex>,
    name: Option<(HeaderName, HeaderValue)>,
    /// Addresses that cost the session whenever they were opened.
    banned: Mutex<HashSet<Url>>,
    pub(super) pace: Pace,
}

impl Conduct {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            policy: settings.policy,
            texts: settings.exclude_texts.clone(),
            name: settings.identify.clone(),
            banned: Mutex::default(),
            pace: Pace::new(settings.max_rate),
        }
    }

    /// Why an offer is left alone, if these rules say so.
    pub(super) fn avoids(&self, candidate: &Candidate, offer: &Offer) -> Option<Reason> {
        if offer.excluded || self.texts.iter().any(|text| text.is_match(&offer.name)) {
            return Some(Reason::Excluded);
        }
        self.policy.avoids(candidate.intent, candidate.kind, !offer.fields.is_empty())
    }

    pub(super) fn restraint(&self, intent: Intent) -> Restraint {
        self.policy.restraint(intent)
    }

    /// Whether a request in scope is answered here.
    pub(super) fn holds(&self, method: &Method, restraint: Restraint) -> bool {
        self.policy.holds(method, restraint)
    }

    /// From now on an address is not asked for any more.
    pub(super) fn ban(&self, mut url: Url) {
        url.set_fragment(None);
        self.banned.lock().unwrap_or_else(PoisonError::into_inner).insert(url);
    }

    /// Whether an address must not be asked for.
    pub(super) fn is_banned(&self, url: &Url) -> bool {
        self.banned.lock().unwrap_or_else(PoisonError::into_inner).contains(url)
    }

    /// Says who asks, where that was wished for.
    pub(super) fn sign(&self, headers: &mut HeaderMap) {
        if let Some((name, value)) = &self.name {
            headers.insert(name.clone(), value.clone());
        }
    }
}
