//! What tells a living session from a dead one while it is used.

use std::time::Duration;

use crate::site::Pattern;

/// A verification strategy, as ZAP's contexts have them, and its patterns.
#[derive(Debug, Clone)]
pub struct Watch {
    /// What is looked at.
    pub strategy: Strategy,
    /// What only users get to see.
    pub logged_in: Option<Pattern>,
    /// What only strangers get to see.
    pub logged_out: Option<Pattern>,
}

/// What is looked at to tell whether a session is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Each answer, by the patterns.
    Response,
    /// Each request, by the patterns.
    Request,
    /// Each request and its answer, by the patterns.
    Both,
    /// The session's own check: when an answer looks like one to a stranger, and every so often while it is used.
    Check(Every),
}

/// How often a session that is used is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// After so many requests.
    Requests(u64),
    /// After so long.
    Time(Duration),
}

impl Default for Watch {
    fn default() -> Self {
        let strategy = Strategy::Check(Every::Time(Duration::from_secs(60)));
        Self { strategy, logged_in: None, logged_out: None }
    }
}

impl Watch {
    /// Whether answers have to be read to judge them.
    pub(super) fn reads_answers(&self) -> bool {
        matches!(self.strategy, Strategy::Response | Strategy::Both)
    }

    /// Whether requests have to be read to judge them.
    pub(super) fn reads_requests(&self) -> bool {
        matches!(self.strategy, Strategy::Request | Strategy::Both)
    }
}
