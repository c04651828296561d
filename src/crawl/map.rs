//! What all workers know together: the graph, the frontier, and how both grow with each look at a page.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use url::Url;

use super::{
    action::{Action, ActionId, Candidate, Kind, Rank, Status},
    frontier::{Admission, Frontier, Next, Task},
    graph::{Edge, Graph, Sight},
    route::page_route,
    state::{StateId, Trail, identity},
    view::View,
    words::Intent,
};
use crate::site::Scope;

/// The shared knowledge of a crawl.
#[derive(Debug)]
pub(super) struct Map {
    inner: Mutex<Inner>,
    changes: watch::Sender<u64>,
    scope: Scope,
    max_depth: usize,
}

#[derive(Debug, Default)]
struct Inner {
    graph: Graph,
    frontier: Frontier,
    by_key: HashMap<String, ActionId>,
    routes: HashSet<String>,
    has_revisited: bool,
    /// How often the way back to a state failed.
    misses: HashMap<StateId, usize>,
}

/// Where a worker is: a page at rest, and what of it can be done.
#[derive(Clone, Debug)]
pub(super) struct Here {
    pub(super) state: StateId,
    pub(super) url: Url,
    pub(super) document: String,
    pub(super) generation: u64,
    /// Visible actions: key, index at the agent.
    pub(super) visible: HashMap<String, usize>,
    /// Known actions among them, with whether each stands in front.
    pub(super) actions: Vec<(ActionId, bool)>,
    pub(super) passwords: usize,
    pub(super) is_new_state: bool,
    pub(super) is_new_route: bool,
}

impl Here {
    /// Before the first page is open.
    pub(super) fn nowhere(url: Url) -> Self {
        Self {
            state: StateId(0),
            url,
            document: String::new(),
            generation: 0,
            visible: HashMap::new(),
            actions: Vec::new(),
            passwords: 0,
            is_new_state: false,
            is_new_route: false,
        }
    }
}

impl Map {
    pub(super) fn new(scope: Scope, max_depth: usize) -> Self {
        Self { inner: Mutex::default(), changes: watch::channel(0).0, scope, max_depth }
    }

    /// Takes in a look at a page that was reached by `trail`, `depth` actions from the start.
    pub(super) fn see(&self, view: &View, url: &Url, trail: &Trail, depth: usize) -> Here {
        let route = page_route(url);
        let mut candidates = Candidate::of_all(&view.actions, &route, &self.scope);
        if view.tall {
            candidates.push(scroll(&route, view.actions.len()));
        }
        let identity = identity(&route, &candidates);
        let mut inner = self.lock();
        let is_new_route = inner.routes.insert(route.clone());
        let sight = Sight { identity, route: &route, url, title: &view.title, depth, trail };
        let (state, is_new_state) = inner.graph.see(&sight);
        let mut actions = Vec::with_capacity(candidates.len());
        let mut visible = HashMap::with_capacity(candidates.len());
        for candidate in candidates {
            let offer = view.actions.get(candidate.index);
            let is_front = offer.is_some_and(|o| o.front);
            visible.entry(candidate.key.clone()).or_insert(candidate.index);
            let id = match inner.by_key.get(&candidate.key) {
                Some(id) => *id,
                None if depth > self.max_depth => continue,
                None => inner.add(candidate, offer, state),
            };
            actions.push((id, is_front));
        }
        for opened in &view.opened {
            inner.add_address(opened, state, &self.scope);
        }
        drop(inner);
        self.changed();
        Here {
            state,
            url: url.clone(),
            document: view.document.clone(),
            generation: view.generation,
            visible,
            actions,
            passwords: view.passwords,
            is_new_state,
            is_new_route,
        }
    }

    /// What the worker that is here should do next.
    pub(super) fn next(&self, here: &Here) -> Next {
        let mut inner = self.lock();
        if !inner.has_revisited && inner.frontier.is_drained_before(Rank::Commit) {
            inner.has_revisited = true;
            inner.revisit();
        }
        let Inner { graph, frontier, .. } = &mut *inner;
        frontier.next(&here.actions, |id| cost(graph, id, here))
    }

    /// Notes what an action led to.
    pub(super) fn done(&self, task: &Task, to: &Here, from: StateId, is_novel: bool) {
        let mut inner = self.lock();
        inner.set(task.id, Status::Fired);
        inner.graph.connect(Edge { from, action: task.id, to: to.state });
        for released in inner.frontier.done(task, is_novel) {
            inner.set(released, Status::Pending);
        }
        drop(inner);
        self.changed();
    }

    /// Notes that an action could not be fired, or must not be.
    pub(super) fn drop_task(&self, task: &Task, status: Status) {
        let mut inner = self.lock();
        inner.set(task.id, status);
        inner.frontier.done(task, false);
        drop(inner);
        self.changed();
    }

    /// Gives an action back, to be fired again.
    pub(super) fn put_back(&self, task: Task) {
        self.lock().frontier.put_back(task);
        self.changed();
    }

    pub(super) fn action(&self, id: ActionId) -> Option<Action> {
        self.lock().graph.actions.get(id.0).cloned()
    }

    /// The action with this key.
    pub(super) fn known(&self, key: &str) -> Option<(ActionId, Kind)> {
        let inner = self.lock();
        inner
            .by_key
            .get(key)
            .and_then(|id| inner.graph.actions.get(id.0))
            .map(|action| (action.id, action.kind))
    }

    /// How far a state is from the start.
    pub(super) fn depth(&self, id: StateId) -> usize {
        self.lock().graph.state(id).map_or(0, |state| state.depth)
    }

    /// The route and title of a state.
    pub(super) fn describe(&self, id: StateId) -> (String, String) {
        self.lock().graph.state(id).map(|s| (s.route.clone(), s.title.clone())).unwrap_or_default()
    }

    /// Notes that the way back to a state failed.
    pub(super) fn missed(&self, id: StateId) {
        *self.lock().misses.entry(id).or_default() += 1;
    }

    /// Whether the way back to a state failed so often that it is not tried any more.
    pub(super) fn is_lost(&self, id: StateId) -> bool {
        self.lock().misses.get(&id).is_some_and(|misses| *misses >= MOST_MISSES)
    }

    /// The ways to the state in which an action was found.
    pub(super) fn ways(&self, id: StateId) -> Option<(Url, Trail)> {
        self.lock().graph.state(id).map(|state| (state.url.clone(), state.trail.clone()))
    }

    pub(super) fn states(&self) -> usize {
        self.lock().graph.states.len()
    }

    pub(super) fn waiting(&self) -> usize {
        self.lock().frontier.waiting()
    }

    /// Tells when something has changed.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The graph; the map is empty afterwards.
    pub(super) fn take(&self) -> Graph {
        std::mem::take(&mut self.lock().graph)
    }

    fn changed(&self) {
        self.changes.send_modify(|n| *n += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn add(&mut self, candidate: Candidate, offer: Option<&super::view::Offer>, state: StateId) -> ActionId {
        let id = ActionId(self.graph.actions.len());
        let offer = offer.cloned().unwrap_or_default();
        let status = match candidate.avoided {
            Some(reason) => Status::Avoided(reason),
            None => match self.frontier.add(id, candidate.rank, candidate.folds) {
                Admission::Pending => Status::Pending,
                Admission::Held => Status::Folded,
            },
        };
        self.by_key.insert(candidate.key.clone(), id);
        if let Some(found_in) = self.graph.states.get_mut(state.0) {
            found_in.actions.push(id);
        }
        self.graph.actions.push(Action {
            id,
            kind: candidate.kind,
            key: candidate.key,
            name: offer.name,
            role: if offer.role.is_empty() { offer.tag } else { offer.role },
            path: offer.path,
            fields: offer.fields,
            href: candidate.href,
            intent: candidate.intent,
            state,
            status,
        });
        id
    }

    /// Takes in an address that a script wanted to open in a window.
    fn add_address(&mut self, address: &str, state: StateId, scope: &Scope) {
        let offer = super::view::Offer {
            kind: "link".to_owned(),
            href: address.to_owned(),
            words: address.to_owned(),
            ..Default::default()
        };
        for candidate in Candidate::of_all(std::slice::from_ref(&offer), "", scope) {
            if candidate.href.is_some() && !self.by_key.contains_key(&candidate.key) {
                self.add(candidate, Some(&offer), state);
            }
        }
    }

    /// Queues one address of each route again: what was done since may have unlocked something there.
    fn revisit(&mut self) {
        let mut seen = HashSet::new();
        let states: Vec<(StateId, Url, String)> = self
            .graph
            .states
            .iter()
            .filter(|state| seen.insert(state.route.clone()))
            .map(|state| (state.id, state.url.clone(), state.route.clone()))
            .collect();
        for (state, url, route) in states.into_iter().take(MOST_REVISITS) {
            let candidate = Candidate {
                index: usize::MAX,
                key: format!("revisit {route}"),
                base: String::new(),
                kind: Kind::Revisit,
                href: Some(url),
                intent: Intent::Plain,
                rank: Rank::Again,
                avoided: None,
                folds: Vec::new(),
            };
            self.add(candidate, None, state);
        }
    }

    fn set(&mut self, id: ActionId, status: Status) {
        if let Some(action) = self.graph.actions.get_mut(id.0) {
            action.status = status;
        }
    }
}

/// What it costs to get to an action: in place first, buttons before links, then addresses, then longer ways.
fn cost(graph: &Graph, id: ActionId, here: &Here) -> usize {
    let Some(action) = graph.actions.get(id.0) else { return usize::MAX };
    let is_visible = here.visible.contains_key(&action.key);
    match (is_visible, action.kind) {
        (true, Kind::Link) => 2,
        (true, Kind::Scroll) => 1,
        (true, _) => 0,
        (false, Kind::Link | Kind::Revisit) => 4,
        (false, _) => {
            5 + graph.state(action.state).map_or(0, |state| state.trail.steps.len().min(DEEP))
                + graph.state(action.state).map_or(0, |state| state.id.0)
        }
    }
}

fn scroll(route: &str, index: usize) -> Candidate {
    let key = format!("{route} scroll");
    Candidate {
        index,
        base: String::new(),
        kind: Kind::Scroll,
        href: None,
        intent: Intent::Plain,
        rank: Rank::First,
        avoided: None,
        folds: Vec::new(),
        key,
    }
}

/// How many routes are opened once more.
const MOST_REVISITS: usize = 80;
/// How often the way back to a state is tried in vain.
const MOST_MISSES: usize = 3;
/// Longer ways cost all the same.
const DEEP: usize = 20;
