//! Notices that a browser has been logged out.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{here::Here, log::Pulse, route::page_route};

/// What the start page looked like to a browser that was logged in, and which suspicions came to nothing.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    baseline: Option<Baseline>,
    harmless: HashSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Baseline {
    route: String,
    passwords: usize,
    is_carried: bool,
    denied: usize,
}

impl Health {
    /// Notes how the start page looks to the first browser that opens it.
    pub(super) fn begin(&self, here: &Here, pulse: Pulse) {
        self.lock().baseline.get_or_insert_with(|| Baseline::of(here, pulse));
    }

    /// Why a step looks as if the session was gone; it has to be confirmed at the start page.
    pub(super) fn suspicion(&self, here: &Here, pulse: Pulse) -> Option<String> {
        let inner = self.lock();
        let baseline = inner.baseline.as_ref()?;
        let evidence = if pulse.denied > 0 && pulse.good == 0 {
            format!("{} of {} requests were denied", pulse.denied, pulse.calls)
        } else if baseline.is_carried && pulse.calls > 2 && pulse.carried == 0 {
            "requests no longer carry the session".to_owned()
        } else if here.passwords > 0 && baseline.passwords == 0 && here.is_new_route {
            "a password is asked for".to_owned()
        } else {
            return None;
        };
        (!inner.harmless.contains(&suspect(here, &evidence))).then_some(evidence)
    }

    /// What differs at the start page from how it looked at first; nothing when the session lives.
    pub(super) fn confirm(&self, here: &Here, pulse: Pulse) -> Option<String> {
        let inner = self.lock();
        let baseline = inner.baseline.as_ref()?;
        let now = Baseline::of(here, pulse);
        if now.passwords > baseline.passwords {
            Some("the start page asks for a password".to_owned())
        } else if now.denied > baseline.denied && pulse.good == 0 {
            Some("the start page's requests are denied".to_owned())
        } else if baseline.is_carried && !now.is_carried && pulse.calls > 0 {
            Some("the start page's requests no longer carry the session".to_owned())
        } else {
            None
        }
    }

    /// A suspicion came to nothing: here it is not raised again.
    pub(super) fn acquit(&self, here: &Here, evidence: &str) {
        self.lock().harmless.insert(suspect(here, evidence));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Baseline {
    fn of(here: &Here, pulse: Pulse) -> Self {
        Self {
            route: page_route(&here.url),
            passwords: here.passwords,
            is_carried: pulse.carried > 0,
            denied: pulse.denied,
        }
    }
}

fn suspect(here: &Here, evidence: &str) -> String {
    let kind: String = evidence.chars().filter(|c| c.is_alphabetic()).collect();
    format!("{} {kind}", page_route(&here.url))
}
