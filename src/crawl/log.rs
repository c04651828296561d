//! The log of all requests of a crawl, shared by its browsers' proxies.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::record::{Carriage, Class, Passage, Record};

/// All requests in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    records: Vec<Record>,
    endpoints: HashSet<String>,
}

impl Log {
    /// Takes a request in and gives its place in the log.
    pub(super) fn begin(&self, mut record: Record) -> usize {
        let mut inner = self.lock();
        if record.passage == Passage::InScope && record.class != Class::Asset {
            record.is_new = inner.endpoints.insert(format!("{} {}", record.method, record.route));
        }
        inner.records.push(record);
        inner.records.len() - 1
    }

    /// Changes a request that was taken in.
    pub(super) fn change(&self, index: usize, how: impl FnOnce(&mut Record)) {
        if let Some(record) = self.lock().records.get_mut(index) {
            how(record);
        }
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

    /// Numbers for progress.
    pub(super) fn totals(&self) -> Totals {
        let inner = self.lock();
        let calls: Vec<&Record> = inner.records.iter().filter(|r| r.is_api_call()).collect();
        Totals {
            requests: inner.records.len(),
            endpoints: inner.endpoints.len(),
            calls: calls.len(),
            carried: calls.iter().filter(|r| r.session == Carriage::Carried).count(),
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

/// Numbers over the whole log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All requests.
    pub requests: usize,
    /// Different endpoints in scope: method and route.
    pub endpoints: usize,
    /// Calls of the pages' scripts in scope.
    pub calls: usize,
    /// Those of them that carried the session.
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
    /// Endpoints that nobody had asked for before.
    pub(super) new_endpoints: usize,
}

impl Pulse {
    fn count(&mut self, record: &Record) {
        if record.passage != Passage::InScope || record.class == Class::Asset {
            return;
        }
        self.calls += 1;
        self.carried += usize::from(record.session == Carriage::Carried);
        self.new_endpoints += usize::from(record.is_new);
        match record.status {
            Some(401 | 403) => self.denied += 1,
            Some(400..) => self.rejected += 1,
            Some(_) => self.good += 1,
            None => {}
        }
    }
}
