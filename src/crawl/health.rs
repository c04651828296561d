//! Notices that a browser has been logged out.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{log::Pulse, route::page_route, view::View};

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
    passwords: usize,
    is_carried: bool,
    denied: usize,
    missing: Vec<String>,
}

/// Why a step looks as if the session was gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suspicion {
    pub(super) evidence: String,
    pub(super) what: Lost,
}

/// What seems to be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The browser's copy of the session: the session itself may live on.
    Copy,
    /// The session, or nothing at all.
    Session,
}

impl Health {
    /// Notes how the start page looks to the first browser that opens it.
    pub(super) fn begin(&self, view: &View, pulse: Pulse) {
        self.lock().baseline.get_or_insert_with(|| Baseline::of(view, pulse));
    }

    /// Why a step looks as if the session was gone; it has to be confirmed.
    pub(super) fn suspicion(&self, view: &View, pulse: Pulse) -> Option<Suspicion> {
        let inner = self.lock();
        let baseline = inner.baseline.as_ref()?;
        let copy = |evidence: String| Suspicion { evidence, what: Lost::Copy };
        let session = |evidence: String| Suspicion { evidence, what: Lost::Session };
        let gone = view.missing.iter().find(|name| !baseline.missing.contains(name));
        let suspicion = if let Some(name) = gone {
            copy(format!("{name} is gone from the browser"))
        } else if baseline.is_carried && pulse.calls > 2 && pulse.carried == 0 {
            copy("requests no longer carry the session".to_owned())
        } else if pulse.denied > 0 && (pulse.good == 0 || pulse.denied >= BURST.max(pulse.good)) {
            session(format!("{} of {} requests were denied", pulse.denied, pulse.calls))
        } else if view.passwords > 0 && baseline.passwords == 0 {
            session("a password is asked for".to_owned())
        } else {
            return None;
        };
        (!inner.harmless.contains(&suspect(view, &suspicion.evidence))).then_some(suspicion)
    }

    /// What differs at the start page from how it looked at first; nothing when the session lives.
    pub(super) fn confirm(&self, view: &View, pulse: Pulse) -> Option<String> {
        let inner = self.lock();
        let baseline = inner.baseline.as_ref()?;
        let now = Baseline::of(view, pulse);
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
    pub(super) fn acquit(&self, view: &View, suspicion: &Suspicion) {
        self.lock().harmless.insert(suspect(view, &suspicion.evidence));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Baseline {
    fn of(view: &View, pulse: Pulse) -> Self {
        Self {
            passwords: view.passwords,
            is_carried: pulse.carried > 0,
            denied: pulse.denied,
            missing: view.missing.clone(),
        }
    }
}

fn suspect(view: &View, evidence: &str) -> String {
    let kind: String = evidence.chars().filter(|c| c.is_alphabetic()).collect();
    format!("{} {kind}", view.url().map(|url| page_route(&url)).unwrap_or_default())
}

/// So many denials in one step are more than a page that this user may not see.
const BURST: usize = 3;
