//! What a crawl comes back with.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use url::Url;

use super::{
    checkpoint::Checkpoint, chronicle::Chronicle, graph::Graph, log::Totals, mine::Mined, record::Record,
    settings::Settings, state::StateId,
};
use crate::browser::Picture;

/// The findings of a crawl, and why it ended.
#[derive(Debug)]
pub struct Outcome {
    /// Why it ended.
    pub end: End,
    /// Where it began.
    pub start: Url,
    /// When it began.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// States, actions and transitions.
    pub graph: Graph,
    /// All requests, in order.
    pub records: Vec<Record>,
    /// Endpoints that were read somewhere, asked for or not.
    pub mined: Vec<Mined>,
    /// Numbers over all requests.
    pub totals: Totals,
    /// How it was asked to be done.
    pub settings: Settings,
    /// What happened to its browsers and its session.
    pub chronicle: Chronicle,
    /// Where it stands, with the requests since the checkpoint before; nothing when it is complete, or is not to be saved.
    pub rest: Option<Checkpoint>,
    /// What states looked like when they were found.
    pub pictures: BTreeMap<StateId, Picture>,
}

/// Why a crawl ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Everything was done.
    Complete,
    /// The time that was asked for is over.
    MaxDuration,
    /// The number of states that was asked for is reached.
    MaxStates,
    /// It was told to stop.
    Cancelled,
    /// The session is dead: a fresh browser was logged out as well.
    Stale {
        /// How that was seen.
        evidence: String,
    },
    /// All browsers were lost, and no new one could be opened.
    NoBrowser {
        /// Why not.
        reason: String,
    },
}

impl End {
    /// Whether the crawl did all that it was asked to do; limits that were asked for count.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Complete | Self::MaxDuration | Self::MaxStates)
    }

    /// The reason as a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::MaxDuration => "max_duration",
            Self::MaxStates => "max_states",
            Self::Cancelled => "interrupted",
            Self::Stale { .. } => "stale",
            Self::NoBrowser { .. } => "no_browser",
        }
    }
}
