//! States: a route together with what can be done there.

use std::{
    collections::BTreeSet,
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    action::{ActionId, Candidate},
    record::Provenance,
};

/// Names a state; counts up from 0 in the order of discovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StateId(pub usize);

impl fmt::Display for StateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.0)
    }
}

/// A state of the application's interface.
///
/// Two looks at a page show the same state when the route is the same and the same things can be done: the set of
/// visible actions, each with numbers and dates masked, rows of a list counting once. Texts and pictures do not count.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// Its number.
    pub id: StateId,
    /// Its route, with what varies masked.
    pub route: String,
    /// The address at which it was first seen.
    pub url: Url,
    /// The document's title.
    pub title: String,
    /// How many actions lie between the start and it.
    pub depth: usize,
    /// How it was reached first.
    pub trail: Trail,
    /// The actions that were first found here.
    pub actions: Vec<ActionId>,
}

/// A way to a state: an address, and what to do from there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trail {
    /// Where it begins.
    pub entry: Url,
    /// The keys of the actions, in order.
    pub steps: Vec<String>,
    /// How many of the last steps were done on the route where the way ends.
    pub tail: usize,
    /// Whether it begins at the start page or a link, or at an address that was mined.
    pub provenance: Provenance,
}

/// What pages that are made alike share, whatever they are about: what can be done there and where, without the words of links.
pub(super) fn shape(candidates: &[Candidate]) -> u64 {
    let parts: BTreeSet<&str> = candidates.iter().map(|c| c.shape.as_str()).collect();
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// What makes a state the same state.
pub(super) fn identity(route: &str, candidates: &[Candidate]) -> u64 {
    let actions: BTreeSet<&str> = candidates.iter().map(|c| c.base.as_str()).collect();
    let mut hasher = DefaultHasher::new();
    route.hash(&mut hasher);
    actions.hash(&mut hasher);
    hasher.finish()
}
