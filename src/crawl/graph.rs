//! The graph of a crawl: states, actions, and which action led from where to where.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::{
    action::{Action, ActionId, Status},
    state::{State, StateId, Trail},
};

/// What a crawl found.
#[derive(Clone, Debug, Default)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

    /// Whether actions wait that were never fired.
    pub(super) fn waits(&self) -> bool {
        self.actions.iter().any(|action| action.status == Status::Pending)
    }

    /// Takes in a sight, and tells whether its state is new.
    pub(super) fn see(&mut self, sight: &Sight<'_>) -> (StateId, bool) {
        if let Some(id) = self.by_identity.get(&sight.identity).copied() {
            if let Some(state) = self.states.get_mut(id.0) {
                state.depth = state.depth.min(sight.depth);
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

    pub(super) fn connect(&mut self, edge: Edge) {
        if self.known_edges.insert(edge) {
            self.edges.push(edge);
        }
    }
}
