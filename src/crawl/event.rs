//! What a crawl tells while it runs.

use std::time::Duration;

use url::Url;

use super::{action::ActionId, checkpoint::Checkpoint, log::Totals, state::StateId};

/// Something that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A worker has a browser, logged in and at the start.
    Opened {
        /// The worker.
        worker: usize,
    },
    /// A state was found.
    Found {
        /// The state.
        state: StateId,
        /// Its route.
        route: String,
        /// The document's title.
        title: String,
    },
    /// An action was fired; the numbers are those after it.
    Fired {
        /// The worker.
        worker: usize,
        /// The action.
        action: ActionId,
        /// What was done, in words.
        what: String,
        /// How far the crawl is.
        progress: Progress,
    },
    /// A browser turned out to be logged out.
    SessionLost {
        /// The worker.
        worker: usize,
        /// The action after which it was noticed.
        action: Option<ActionId>,
        /// How it was noticed.
        evidence: String,
    },
    /// A session that was lost is there again, in the same browser.
    Recovered {
        /// The worker.
        worker: usize,
        /// By what, in words.
        how: &'static str,
        /// How long that took.
        took: Duration,
        /// How many actions that ran logged out are done again.
        repeated: usize,
    },
    /// The session ended while it was used, and is there again: the pages saw nothing of that.
    Bridged {
        /// How it was noticed.
        evidence: String,
        /// By what it came back, in words.
        how: &'static str,
        /// How many requests waited for it.
        waited: usize,
        /// For how long.
        took: Duration,
    },
    /// An action cost the session twice, and is left alone from now on.
    Quarantined {
        /// The action.
        action: ActionId,
        /// What it does, in words.
        what: String,
        /// What it cost.
        evidence: String,
    },
    /// The browsers take the session from each other: only one goes on.
    OneBrowser,
    /// Where the crawl stands, told now and then so that it can go on after it was cut off.
    Checkpoint(Box<Checkpoint>),
    /// There is no room for more browsers: so many go on, the others wait for a place.
    Fewer {
        /// How many browsers are open.
        open: usize,
        /// How many were asked for.
        asked: usize,
    },
    /// A worker's browser was lost and is being replaced.
    Replaced {
        /// The worker.
        worker: usize,
        /// Why.
        reason: String,
    },
}

/// How far a crawl is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// States found.
    pub states: usize,
    /// Actions that wait.
    pub waiting: usize,
    /// Actions fired.
    pub fired: usize,
    /// Requests, endpoints, and how many calls carried the session.
    pub totals: Totals,
    /// Where the worker is.
    pub url: Url,
}
