//! The graph of a crawl: states, actions, and which action led from where to where.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    action::{Action, ActionId, Status},
    record::Provenance,
    state::{State, StateId, Trail},
};

/// What a crawl found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Graph {
    /// The states, by number.
    pub states: Vec<State>,
    /// The actions, by number.
    pub actions: Vec<Action>,
    /// Which action led from where to where, each once.
    pub edges: Vec<Edge>,
    by_identity: HashMap<u64, StateId>,
    known_edges: HashSet<Edge>,
}

/// One transition that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edge {
    /// The state before.
    pub from: StateId,
    /// What was done.
    pub action: ActionId,
    /// The state after.
    pub to: StateId,
}

/// A state as it was just seen.
#[derive(Debug)]
pub(super) struct Sight<'a> {
    pub(super) identity: u64,
    pub(super) route: &'a str,
    pub(super) url: &'a Url,
    pub(super) title: &'a str,
    pub(super) depth: usize,
    pub(super) trail: &'a Trail,
}

impl Graph {
    /// The state of an action.
    #[must_use]
    pub fn state(&self, id: StateId) -> Option<&State> {
        self.states.get(id.0)
    }

    /// Whether anything was done beyond opening the start page, or could have been.
    pub(super) fn was_begun(&self) -> bool {
        self.actions.iter().any(|action| action.status == Status::Fired) || self.states.len() > 1
    }

    /// Whether actions wait that were never fired.
    pub(super) fn waits(&self) -> bool {
        self.actions.iter().any(|action| action.status == Status::Pending)
    }

    /// Takes in a sight, and tells whether its state is new.
    pub(super) fn see(&mut self, sight: &Sight<'_>) -> (StateId, bool) {
        if let Some(id) = self.by_identity.get(&sight.identity).copied() {
            if let Some(state) = self.states.get_mut(id.0) {
                state.depth = state.depth.min(sight.depth);
                if state.trail.provenance > sight.trail.provenance {
                    // A way by interaction says more than one that began at a mined address.
                    state.trail = sight.trail.clone();
                }
            }
            return (id, false);
        }
        let id = StateId(self.states.len());
        self.by_identity.insert(sight.identity, id);
        self.states.push(State {
            id,
            route: sight.route.to_owned(),
            url: sight.url.clone(),
            title: sight.title.to_owned(),
            depth: sight.depth,
            trail: sight.trail.clone(),
            actions: Vec::new(),
        });
        (id, true)
    }

    /// How a state was reached, at its best.
    pub(super) fn provenance(&self, id: StateId) -> Provenance {
        self.state(id).map_or(Provenance::Interaction, |state| state.trail.provenance)
    }

    pub(super) fn connect(&mut self, edge: Edge) {
        if self.known_edges.insert(edge) {
            self.edges.push(edge);
        }
    }
}
