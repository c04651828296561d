//! How a crawl behaves towards the application: what it may change, how quickly, and under which name.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use regex::Regex;
use url::Url;

use super::{
    action::{Action, Candidate},
    mine::{named_by, named_in},
    pace::Pace,
    permits::Permits,
    policy::{Policy, Restraint},
    reason::Reason,
    record::Class,
    settings::Settings,
    shunned::Shunned,
    view::{Aside, Offer, Shut},
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
    /// Addresses to which only elements lead that are left alone.
    shunned: Shunned,
    permits: Permits,
    pace: Pace,
    /// How quickly pages may follow each other, where an application says so.
    stroll: Pace,
    has_excluded_elements: bool,
}

impl Conduct {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            policy: settings.policy,
            texts: settings.exclude_texts.clone(),
            name: settings.identify.clone(),
            banned: Mutex::default(),
            shunned: Shunned::default(),
            permits: Permits::default(),
            pace: Pace::new(settings.max_rate),
            stroll: Pace::default(),
            has_excluded_elements: !(settings.exclude_texts.is_empty()
                && settings.exclude_selectors.is_empty()),
        }
    }

    /// Opens from now on what these let it open.
    pub(super) fn obeying(self, permits: Permits) -> Self {
        Self { stroll: Pace::every(permits.delay()), permits, ..self }
    }

    /// Why an offer is left alone, if these rules say so.
    pub(super) fn avoids(&self, candidate: &Candidate, offer: &Offer) -> Option<Reason> {
        if self.excludes(offer.excluded, &offer.name) {
            return Some(Reason::Excluded);
        }
        if candidate.href.iter().chain(&target(&offer.target)).any(|url| !self.permits.allows(url)) {
            return Some(Reason::Robots);
        }
        self.policy.avoids(candidate.intent, candidate.kind, !offer.fields.is_empty())
    }

    fn excludes(&self, is_selected: bool, name: &str) -> bool {
        is_selected || self.texts.iter().any(|text| text.is_match(name))
    }

    /// Whether some elements are to be left alone: what they lead to is known when a browser has seen them.
    pub(super) fn has_excluded_elements(&self) -> bool {
        self.has_excluded_elements
    }

    /// Notes where an offer on a page leads, and whether it is left alone.
    pub(super) fn note(&self, candidate: &Candidate, offer: &Offer, page: &Url) {
        if matches!(candidate.avoided, Some(Reason::OutOfScope | Reason::Download)) {
            return;
        }
        let harm = candidate.intent.does_harm().then_some(Reason::DoesHarm);
        let reason = candidate.avoided.or(harm);
        for url in candidate.href.iter().chain(&target(&offer.target)) {
            self.shunned.note(url, reason);
        }
        if reason.is_some() {
            for url in named_by(&offer.handler, page) {
                self.shunned.note(&url, reason);
            }
        }
    }

    /// Notes where an element leads that nobody can use now: only that it is to be left alone is said by it.
    pub(super) fn note_aside(&self, aside: &Aside, page: &Url) {
        let reason = match Intent::of(&aside.words) {
            _ if self.excludes(false, &aside.name) => Reason::Excluded,
            intent if intent > Intent::Language => Reason::DoesHarm,
            _ => return,
        };
        for url in target(&aside.target).into_iter().chain(named_by(&aside.handler, page)) {
            self.shunned.note(&url, Some(reason));
        }
    }

    /// Notes what is named in a part of a page that is left alone as a whole.
    pub(super) fn note_shut(&self, shut: &Shut) {
        let Some(base) = target(&shut.base) else { return };
        for url in named_in(&shut.html, &base) {
            self.shunned.note(&url, Some(Reason::Excluded));
        }
    }

    /// Why an address is not asked for by other ways than those that the elements of a page offer, if it is not.
    pub(super) fn shuns(&self, url: &Url) -> Option<Reason> {
        let robots = (!self.permits.allows(url)).then_some(Reason::Robots);
        robots.or_else(|| self.shunned.reason(url))
    }

    /// Whether the application lets an address be opened.
    pub(super) fn allows(&self, url: &Url) -> bool {
        self.permits.allows(url)
    }

    pub(super) fn restraint(&self, action: &Action) -> Restraint {
        self.policy.restraint(action)
    }

    /// Whether a request in scope is answered here.
    pub(super) fn holds(&self, method: &Method, url: &Url, class: Class, restraint: Restraint) -> bool {
        self.policy.holds(method, url, class, restraint)
    }

    /// Waits until it is the turn of a request.
    pub(super) async fn turn(&self, class: Class) {
        if matches!(class, Class::Document | Class::Probe) {
            self.stroll.turn().await;
        }
        self.pace.turn().await;
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

fn target(address: &str) -> Option<Url> {
    Url::parse(address).ok()
}
