//! What all workers know together: the graph, the frontier, and how both grow with each look at a page.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use url::Url;

use super::{
    action::{Action, ActionId, Candidate, Rank, Status, Submission},
    book::{Book, at_hand, closes, cost, scroll},
    choice::Choice,
    conduct::Conduct,
    frontier::{Next, Task},
    graph::{Edge, Graph, Sight},
    here::Here,
    mine::Opening,
    record::Provenance,
    route::{folder, page_route},
    state::{StateId, Trail, identity, shape},
    view::View,
};
use crate::site::Scope;

/// The shared knowledge of a crawl.
#[derive(Debug)]
pub(super) struct Map {
    inner: Mutex<Book>,
    changes: watch::Sender<u64>,
    scope: Scope,
    max_depth: usize,
    conduct: Arc<Conduct>,
}

impl Map {
    pub(super) fn new(scope: Scope, max_depth: usize, is_mined: bool, conduct: Arc<Conduct>) -> Self {
        let book = Book { is_mined, ..Book::default() };
        Self { inner: Mutex::new(book), changes: watch::channel(0).0, scope, max_depth, conduct }
    }

    /// Goes on from what was known when a crawl was left.
    pub(super) fn go_on(&self, mut book: Book) {
        book.frontier.wake();
        let mut inner = self.lock();
        book.is_mined = inner.is_mined;
        book.by_key = book.graph.actions.iter().map(|action| (action.key.clone(), action.id)).collect();
        *inner = book;
    }

    /// All that is known, as it is now.
    pub(super) fn copy(&self) -> Book {
        self.lock().clone()
    }

    /// Takes in a look at a page that was reached by `trail`, `depth` actions from the start.
    pub(super) fn see(&self, view: &View, url: &Url, trail: &Trail, depth: usize) -> Here {
        let route = page_route(url);
        let mut candidates = Candidate::of_all(&view.actions, &route, &self.scope);
        if (1..=MOST_SCROLLS).contains(&view.scroll) {
            candidates.push(scroll(&route, view.scroll, view.actions.len()));
        }
        for candidate in &mut candidates {
            let Some(offer) = view.actions.get(candidate.index) else { continue };
            candidate.avoided = candidate.avoided.or(self.conduct.avoids(candidate, offer));
            self.conduct.note(candidate, offer, url);
        }
        view.asides.iter().for_each(|aside| self.conduct.note_aside(aside, url));
        view.shut.iter().for_each(|shut| self.conduct.note_shut(shut));
        let mut inner = self.lock();
        for candidate in &mut candidates {
            inner.recognise(candidate);
        }
        let identity = identity(&route, &candidates);
        let is_first = inner.routes.insert(route.clone());
        let is_new = is_first && inner.is_novel(&folder(url), shape(&candidates));
        let is_new_route = inner.is_new_route(&route, is_new, trail.provenance);
        let sight = Sight { identity, route: &route, url, title: &view.title, depth, trail };
        let (state, is_new_state) = inner.graph.see(&sight);
        let mut found = 0;
        let mut actions = Vec::with_capacity(candidates.len());
        let mut visible = HashMap::with_capacity(candidates.len());
        for candidate in candidates {
            let offer = view.actions.get(candidate.index);
            let is_front = offer.is_some_and(|o| o.front);
            visible.entry(candidate.key.clone()).or_insert(candidate.index);
            let id = match inner.by_key.get(&candidate.key).copied() {
                Some(id) => inner.see_again(id, candidate),
                None if depth > self.max_depth => continue,
                None => {
                    found += usize::from(inner.is_first_met(&candidate, offer));
                    inner.add(candidate, offer, state)
                }
            };
            actions.push((id, is_front));
        }
        for opened in view.opened.iter().chain(&view.addresses) {
            inner.add_address(opened, state, &self.scope, &self.conduct);
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
            is_new_state,
            is_first,
            is_new_route,
            menu: None,
            found,
        }
    }

    /// What the worker that is here should do next.
    pub(super) fn next(&self, here: &Here) -> Next {
        let mut inner = self.lock();
        if !inner.has_revisited && inner.frontier.is_drained_before(Rank::Commit) {
            inner.has_revisited = true;
            inner.revisit();
        }
        let near = at_hand(&inner.graph, here);
        loop {
            let Book { graph, frontier, .. } = &mut *inner;
            match frontier.next(&near, |id| cost(graph, id, here)) {
                Next::Do(task) if inner.is_stale(task.id) => {
                    inner.set(task.id, Status::Folded);
                    inner.frontier.done(&task, false, 0);
                }
                Next::Done if inner.is_mined => return Next::Wait,
                next => return next,
            }
        }
    }

    /// Queues a page that was mined.
    pub(super) fn open(&self, opening: Opening) {
        self.lock().open(opening);
        self.changed();
    }

    /// Whether the crawl has begun, nothing waits, and nobody is busy.
    pub(super) fn is_drained(&self) -> bool {
        let inner = self.lock();
        !inner.graph.states.is_empty() && inner.frontier.is_drained()
    }

    /// Mining is over: when nothing waits, nothing comes any more.
    pub(super) fn stop_waiting_for_mining(&self) {
        self.lock().is_mined = false;
        self.changed();
    }

    /// How a state was reached, at its best.
    pub(super) fn provenance(&self, id: StateId) -> Provenance {
        self.lock().graph.provenance(id)
    }

    /// Notes what an action led to.
    pub(super) fn done(&self, task: &Task, to: &Here, from: StateId, is_novel: bool) {
        let mut inner = self.lock();
        inner.set(task.id, Status::Fired);
        inner.graph.connect(Edge { from, action: task.id, to: to.state });
        for released in inner.frontier.done(task, is_novel, to.found) {
            inner.set(released, Status::Pending);
        }
        drop(inner);
        self.changed();
    }

    /// Notes that an action could not be fired, or must not be.
    pub(super) fn drop_task(&self, task: &Task, status: Status) {
        let mut inner = self.lock();
        inner.set(task.id, status);
        inner.frontier.done(task, false, 0);
        drop(inner);
        self.changed();
    }

    /// Gives an action back, to be fired again.
    pub(super) fn put_back(&self, task: Task) {
        let mut inner = self.lock();
        inner.set(task.id, Status::Pending);
        inner.frontier.put_back(task);
        drop(inner);
        self.changed();
    }

    /// Notes how a form was taken; once accepted stays accepted.
    pub(super) fn submitted(&self, id: ActionId, submission: Submission) {
        if let Some(action) = self.lock().graph.actions.get_mut(id.0)
            && action.submission != Some(Submission::Accepted)
        {
            action.submission = Some(submission);
        }
    }

    /// Whether an address is that of a link which is left alone.
    pub(super) fn leaves_alone(&self, url: &Url) -> bool {
        let is_left = |action: &Action| matches!(action.status, Status::Avoided(_) | Status::Quarantined);
        let inner = self.lock();
        inner.graph.actions.iter().any(|action| is_left(action) && action.href.as_ref() == Some(url))
    }

    pub(super) fn action(&self, id: ActionId) -> Option<Action> {
        self.lock().graph.actions.get(id.0).cloned()
    }

    /// The action with this key.
    pub(super) fn known(&self, key: &str) -> Option<Action> {
        let inner = self.lock();
        inner.by_key.get(key).and_then(|id| inner.graph.actions.get(id.0)).cloned()
    }

    /// Whether an action closed the menu in which it was found.
    pub(super) fn closes(&self, action: &Action, here: &Here) -> bool {
        closes(&self.lock().graph, action, here)
    }

    /// What is known of a list to choose from.
    pub(super) fn choice(&self, id: ActionId) -> Option<Choice> {
        self.lock().choices.get(&id).cloned()
    }

    /// Notes that choosing from a list had an effect; nothing is noted of other actions.
    pub(super) fn had_effect(&self, id: ActionId) {
        if let Some(choice) = self.lock().choices.get_mut(&id) {
            choice.had_effect();
        }
    }

    /// How far a state is from the start.
    pub(super) fn depth(&self, id: StateId) -> usize {
        self.lock().graph.state(id).map_or(0, |state| state.depth)
    }

    /// The route and title of a state.
    pub(super) fn describe(&self, id: StateId) -> (String, String) {
        self.lock().graph.state(id).map(|s| (s.route.clone(), s.title.clone())).unwrap_or_default()
    }

    /// Notes that an action of a state was not found: the way back to it failed, unless others of its actions are there.
    pub(super) fn missed(&self, id: StateId, here: &Here) {
        let mut inner = self.lock();
        let known = inner.graph.state(id).map(|state| &*state.actions).unwrap_or_default();
        let actions = known.iter().filter_map(|action| inner.graph.actions.get(action.0));
        if actions.filter(|action| here.visible.contains_key(&action.key)).count() < known.len().div_ceil(2) {
            *inner.misses.entry(id).or_default() += 1;
        }
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

    /// The addresses of the states after the first `count`.
    pub(super) fn urls_since(&self, count: usize) -> Vec<Url> {
        self.lock().graph.states.iter().skip(count).map(|state| state.url.clone()).collect()
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

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often a document is scrolled on for what comes into view.
const MOST_SCROLLS: usize = 8;
/// How often the way back to a state is tried in vain.
const MOST_MISSES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crawl::{settings::Settings, view::Offer},
        site::Origin,
    };

    fn look(map: &Map, address: &str, born: &str) -> Here {
        let tool = |name: &str| Offer {
            kind: "click".into(),
            signature: format!("button|{name}||app>toolbar"),
            born: born.into(),
            shell: true,
            ..Offer::default()
        };
        let view = View { actions: vec![tool("Search"), tool("Basket")], ..View::default() };
        let url = Url::parse(address).unwrap();
        let trail =
            Trail { entry: url.clone(), steps: Vec::new(), tail: 0, provenance: Provenance::Interaction };
        map.see(&view, &url, &trail, 0)
    }

    #[test]
    fn a_toolbar_is_the_same_on_each_route_and_in_each_document() {
        let (start, basket) = ("http://127.0.0.1/#/", "http://127.0.0.1/#/basket");
        let scope = Scope::new(Origin::of(&Url::parse(start).unwrap()));
        let map = Map::new(scope, 9, false, Arc::new(Conduct::new(&Settings::default())));
        let first = look(&map, start, start);
        assert_eq!(first.found, 2);
        let moved = look(&map, basket, start);
        assert_eq!(moved.found, 0, "it stayed while the view below it changed");
        let loaded = look(&map, basket, basket);
        assert_eq!(loaded.found, 0, "it was drawn anew on a route where it was seen before");
        assert_eq!(loaded.state, moved.state);
        assert_ne!(first.state, moved.state);
        let keys = |here: &Here| here.visible.keys().cloned().collect::<std::collections::BTreeSet<_>>();
        assert_eq!(keys(&first), keys(&loaded), "so that a way that was walked once can be walked again");
    }

    fn named(map: &Map, address: &str, names: &[&str], steps: &[&str]) -> Here {
        let offer = |name: &&str| Offer {
            kind: "click".into(),
            name: (*name).into(),
            signature: format!("button|{name}||main>div"),
            place: "main>div".into(),
            ..Offer::default()
        };
        let view = View { actions: names.iter().map(offer).collect(), ..View::default() };
        let url = Url::parse(address).unwrap();
        let steps = steps.iter().map(|step| (*step).to_owned()).collect();
        let trail = Trail { entry: url.clone(), steps, tail: 0, provenance: Provenance::Interaction };
        map.see(&view, &url, &trail, 0)
    }

    #[test]
    fn a_menu_that_closes_behind_its_entries_is_opened_again_until_all_have_been_chosen() {
        let start = "http://127.0.0.1/";
        let scope = Scope::new(Origin::of(&Url::parse(start).unwrap()));
        let map = Map::new(scope, 9, false, Arc::new(Conduct::new(&Settings::default())));
        let first = named(&map, start, &["Menu", "Zoom", "Print"], &[]);
        let menu = map.action(first.actions[0].0).unwrap();
        let open = named(&map, start, &["Menu", "Zoom", "Print", "Import", "Export"], &[&menu.key]);
        let entry = map.action(open.actions[3].0).unwrap();
        assert!(!map.closes(&entry, &open) && map.closes(&entry, &first));
        let here = Here { menu: Some(entry.state), ..first };
        let mut order = Vec::new();
        while let Next::Do(task) = map.next(&here) {
            order.push(map.action(task.id).unwrap().name);
        }
        assert_eq!(order, ["Import", "Export", "Menu", "Zoom", "Print"]);
    }

    #[test]
    fn what_stands_on_each_page_and_brings_nothing_comes_after_what_is_new() {
        let start = "http://127.0.0.1/one";
        let scope = Scope::new(Origin::of(&Url::parse(start).unwrap()));
        let map = Map::new(scope, 9, false, Arc::new(Conduct::new(&Settings::default())));
        let look = |address: &str, names: &[&str]| named(&map, address, names, &[]);
        for page in [start, "http://127.0.0.1/two"] {
            let here = look(page, &["Filter"]);
            let Next::Do(task) = map.next(&here) else { panic!("it is to be fired on {page}") };
            map.done(&task, &Here { found: 0, ..here.clone() }, here.state, false);
        }
        let third = look("http://127.0.0.1/three", &["Filter", "Sort", "Print"]);
        assert_eq!(third.found, 2, "one of them stood on other pages");
        let Next::Do(task) = map.next(&third) else { panic!("there is more to do") };
        assert_eq!(map.action(task.id).unwrap().name, "Sort");
    }
}
