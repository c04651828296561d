//! The log of all requests of a crawl, shared by its browsers' proxies.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use url::Url;

use super::{
    action::ActionId,
    record::{Carriage, Class, Passage, Provenance, Record},
    route::folder,
};

/// All requests in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    records: Vec<Record>,
    /// Endpoints that interaction reached.
    endpoints: HashSet<String>,
    /// Counted as they come: they are asked for after every action.
    calls: usize,
    carried: usize,
    /// How many endpoints of one method lie in one folder.
    siblings: HashMap<String, usize>,
    /// Endpoints that mining reached, whether or not interaction did too.
    mined: HashSet<String>,
}

impl Log {
    /// Takes a request in and gives its place in the log.
    pub(super) fn begin(&self, mut record: Record) -> usize {
        let mut inner = self.lock();
        if record.is_confirmed {
            record.is_novel = inner.count(&record) && inner.is_novel(&record);
        }
        inner.recount((false, false), tally(&record));
        inner.records.push(record);
        inner.records.len() - 1
    }

    /// Takes in what an earlier part of the crawl has seen.
    pub(super) fn go_on(&self, records: Vec<Record>) {
        for record in records {
            self.begin(record);
        }
    }

    /// The requests since a mark that nothing will change any more, and the next mark.
    pub(super) fn settled(&self, mark: usize) -> (Vec<Record>, usize) {
        let inner = self.lock();
        let new = inner
            .records
            .iter()
            .skip(mark)
            .take_while(|r| r.duration.is_some() || r.error.is_some() || !r.passage.is_sent());
        let new: Vec<Record> = new.cloned().collect();
        let next = mark + new.len();
        (new, next)
    }

    /// Notes that a request of mining's own was answered as only an endpoint that exists is.
    pub(super) fn confirm(&self, index: usize) {
        let mut inner = self.lock();
        let Some(record) = inner.records.get_mut(index) else { return };
        record.is_confirmed = true;
        let record = record.clone();
        inner.count(&record);
    }

    /// Whether an endpoint was asked for already, by a page.
    pub(super) fn knows(&self, method: &str, route: &str) -> bool {
        let key = format!("{method} {route}");
        let inner = self.lock();
        inner.endpoints.contains(&key) || inner.mined.contains(&key)
    }

    /// The addresses in scope that were asked for since a mark, and the next mark.
    pub(super) fn urls_since(&self, mark: usize) -> (Vec<Url>, usize) {
        let inner = self.lock();
        let new = inner
            .records
            .iter()
            .skip(mark)
            .filter(|r| r.passage == Passage::InScope && r.class != Class::Probe);
        (new.map(|r| r.url.clone()).collect(), inner.records.len())
    }

    /// The addresses to which pages sent queries of GraphQL.
    pub(super) fn graphql(&self) -> Vec<Url> {
        let inner = self.lock();
        let calls = inner.records.iter().filter(|r| r.is_api_call() && r.method == "POST");
        let asking = calls.filter(|r| {
            let body = String::from_utf8_lossy(&r.request_body);
            body.contains("\"query\"")
                && (body.contains("{ ") || body.contains("{\\n") || body.contains("mutation"))
        });
        asking.map(|r| r.url.clone()).collect()
    }

    /// Changes a request that was taken in.
    pub(super) fn change(&self, index: usize, how: impl FnOnce(&mut Record)) {
        let mut inner = self.lock();
        let Some(record) = inner.records.get_mut(index) else { return };
        let before = tally(record);
        how(record);
        let after = tally(record);
        inner.recount(before, after);
    }

    /// A mark for [`Self::pulse`]: all that comes later.
    pub(super) fn mark(&self) -> usize {
        self.lock().records.len()
    }

    /// What one worker's browser has asked for since a mark.
    pub(super) fn pulse(&self, mark: usize, worker: usize) -> Pulse {
        let inner = self.lock();
        let mut pulse = Pulse::default();
        for record in inner.records.iter().skip(mark).filter(|r| r.worker == worker) {
            pulse.count(record);
        }
        pulse
    }

    /// What the application answered when it refused something that a worker's browser sent since a mark.
    pub(super) fn refusal(&self, mark: usize, worker: usize) -> Option<String> {
        let inner = self.lock();
        let own = inner.records.iter().skip(mark).filter(|r| r.worker == worker && r.is_api_call());
        let refused = own.filter(|r| r.status.is_some_and(|status| (400..500).contains(&status))).last()?;
        let body = String::from_utf8_lossy(&refused.response_body);
        Some(body.chars().take(MOST_REFUSAL).collect())
    }

    /// The bodies of those answers that a worker's browser got since a mark which `wanted` picks.
    pub(super) fn answers(&self, mark: usize, worker: usize, wanted: impl Fn(&Record) -> bool) -> Vec<Bytes> {
        let inner = self.lock();
        let own = inner.records.iter().skip(mark).filter(|r| r.worker == worker && wanted(r));
        own.map(|record| record.response_body.clone()).collect()
    }

    /// Why the first document that a worker's browser asked for since a mark got no answer, if that is so.
    pub(super) fn failure(&self, mark: usize, worker: usize) -> Option<(String, String)> {
        let inner = self.lock();
        let mut own = inner.records.iter().skip(mark).filter(|r| r.worker == worker);
        let first = own.find(|r| r.class == Class::Document && r.passage == Passage::InScope)?;
        let reason = first.error.clone().filter(|_| first.status.is_none())?;
        Some((first.url[..url::Position::AfterPath].to_owned(), reason))
    }

    /// Whether an action has done more than read since a mark: it sent something, opened a page or a socket.
    pub(super) fn has_acted(&self, mark: usize, action: ActionId) -> bool {
        let is_reading = |r: &Record| matches!(r.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        let acts = |r: &Record| !is_reading(r) || matches!(r.class, Class::Document | Class::Socket);
        self.lock().records.iter().skip(mark).any(|r| r.action == Some(action) && acts(r))
    }

    /// What carried the session since a mark carried a dead one.
    pub(super) fn condemn(&self, mark: usize) {
        let mut inner = self.lock();
        let since = inner.records.iter_mut().skip(mark);
        for record in since.filter(|record| record.session == Carriage::Carried) {
            record.session = Carriage::Dead;
        }
    }

    /// Numbers for progress.
    pub(super) fn totals(&self) -> Totals {
        let inner = self.lock();
        Totals {
            requests: inner.records.len(),
            endpoints: inner.endpoints.union(&inner.mined).count(),
            by_interaction: inner.endpoints.len(),
            calls: inner.calls,
            carried: inner.carried,
        }
    }

    /// All requests; the log is empty afterwards.
    pub(super) fn take(&self) -> Vec<Record> {
        std::mem::take(&mut self.lock().records)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much of a refusal is kept.
const MOST_REFUSAL: usize = 2000;

impl Inner {
    /// Counts a call, and whether it carried the session, anew.
    fn recount(&mut self, before: (bool, bool), after: (bool, bool)) {
        self.calls = self.calls + usize::from(after.0) - usize::from(before.0);
        self.carried = self.carried + usize::from(after.1) - usize::from(before.1);
    }

    /// Whether a new endpoint is worth more actions of the kind that found it: not when many lie in its folder already, for they may be
    /// made up from what the application holds. A page is judged by what it looks like.
    fn is_novel(&mut self, record: &Record) -> bool {
        if record.class == Class::Document && record.method == "GET" {
            return false;
        }
        let siblings = self.siblings.entry(format!("{} {}", record.method, folder(&record.url))).or_default();
        *siblings += 1;
        *siblings <= MOST_SIBLINGS
    }
}

/// Whether a request is a call of the application's scripts, and one with the session.
fn tally(record: &Record) -> (bool, bool) {
    let is_call = record.is_api_call();
    (is_call, is_call && record.session == Carriage::Carried)
}

/// How many endpoints of one folder count as something new.
const MOST_SIBLINGS: usize = 30;

impl Inner {
    /// Counts the endpoint of a request, and tells whether it is new to whoever made it.
    fn count(&mut self, record: &Record) -> bool {
        if !record.passage.is_found() || record.class == Class::Asset {
            return false;
        }
        let key = format!("{} {}", record.method, record.route);
        match record.provenance {
            Provenance::Interaction => self.endpoints.insert(key),
            Provenance::Mined => !self.endpoints.contains(&key) && self.mined.insert(key),
        }
    }
}

/// Numbers over the whole log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All requests.
    pub requests: usize,
    /// Different endpoints in scope: method and route.
    pub endpoints: usize,
    /// Those of them that interaction reached; the others are known by mining alone.
    pub by_interaction: usize,
    /// Calls of the pages' scripts in scope.
    pub calls: usize,
    /// Those of them that carried the session while it lived.
    pub carried: usize,
}

/// What one step caused at the proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pulse {
    /// Calls and documents in scope.
    pub(super) calls: usize,
    /// Those that carried the session.
    pub(super) carried: usize,
    /// Those answered with success or a redirect.
    pub(super) good: usize,
    /// Those answered with 401 or 403.
    pub(super) denied: usize,
    /// Those answered with any other error.
    pub(super) rejected: usize,
    /// Endpoints that nobody had asked for before, and that are not many of a kind.
    pub(super) new_endpoints: usize,
}

impl Pulse {
    fn count(&mut self, record: &Record) {
        if !record.passage.is_found() || record.class == Class::Asset {
            return;
        }
        self.new_endpoints += usize::from(record.is_novel);
        if record.passage == Passage::Held {
            return;
        }
        self.calls += 1;
        self.carried += usize::from(record.session == Carriage::Carried);
        match record.status {
            Some(401 | 403) => self.denied += 1,
            Some(400..) => self.rejected += 1,
            Some(_) => self.good += 1,
            None => {}
        }
    }
}
