//! What is known of an application so far: the graph, the frontier, and which actions were met already.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use regex::Regex;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    action::{Action, ActionId, Candidate, Kind, Rank, Status},
    choice::Choice,
    conduct::Conduct,
    frontier::{Admission, Frontier},
    graph::Graph,
    here::Here,
    kept,
    mine::{Opening, Way},
    reason::Reason,
    record::Provenance,
    route::{folder, is_same_document, page_route},
    state::StateId,
    view::Offer,
};
use crate::site::Scope;

/// The knowledge of a crawl, which grows with each look at a page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Book {
    pub(super) graph: Graph,
    pub(super) frontier: Frontier,
    #[serde(skip)]
    pub(super) by_key: HashMap<String, ActionId>,
    /// Other keys of actions that are known.
    #[serde(default)]
    pub(super) aliases: HashMap<String, ActionId>,
    pub(super) routes: HashSet<String>,
    /// Those that only mining has opened so far.
    #[serde(default)]
    pub(super) foreseen: HashSet<String>,
    /// How many routes of one folder look the same.
    #[serde(with = "kept::pairs")]
    pub(super) shapes: HashMap<String, usize>,
    pub(super) has_revisited: bool,
    /// Whether mining goes on and may find more to do.
    pub(super) is_mined: bool,
    /// How often the way back to a state failed.
    pub(super) misses: HashMap<StateId, usize>,
    /// What was to be done anywhere, without the route.
    #[serde(default)]
    pub(super) met: HashSet<String>,
    /// What is known of lists to choose from.
    #[serde(default)]
    pub(super) choices: HashMap<ActionId, Choice>,
}

impl Book {
    pub(super) fn add(&mut self, candidate: Candidate, offer: Option<&Offer>, state: StateId) -> ActionId {
        let id = ActionId(self.graph.actions.len());
        let offer = offer.cloned().unwrap_or_default();
        let status = match candidate.avoided {
            Some(reason) => Status::Avoided(reason),
            None => self.frontier.add(id, candidate.rank, candidate.folds).into(),
        };
        if candidate.kind == Kind::Select {
            self.choices.insert(id, Choice::new(offer.value.clone(), offer.others));
        }
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
            submission: None,
        });
        id
    }

    /// Whether something to do is new, and not what stood on another page as well. A link is new when its address is, and what
    /// has no name cannot be told from others.
    pub(super) fn is_first_met(&mut self, candidate: &Candidate, offer: Option<&Offer>) -> bool {
        let is_told = candidate.kind != Kind::Link && offer.is_some_and(|offer| !offer.name.is_empty());
        !is_told || self.met.insert(candidate.shape.clone())
    }

    /// Gives a candidate the key under which it is known already, and learns what else it is called.
    pub(super) fn recognise(&mut self, candidate: &mut Candidate) {
        let named = |key: &String| self.by_key.get(key).or_else(|| self.aliases.get(key)).copied();
        let Some(id) = std::iter::once(&candidate.key).chain(&candidate.aliases).find_map(named) else {
            return;
        };
        let Some(action) = self.graph.actions.get(id.0).filter(|action| action.kind == candidate.kind) else {
            return;
        };
        for key in std::iter::once(&candidate.key).chain(&candidate.aliases) {
            if !self.by_key.contains_key(key) {
                self.aliases.entry(key.clone()).or_insert(id);
            }
        }
        if let (false, Some((base, _))) = (candidate.key == action.key, action.key.rsplit_once('#')) {
            candidate.base = base.to_owned();
            candidate.key.clone_from(&action.key);
        }
    }

    /// Takes in that an action is offered again: a link that was excluded waits when another one leads to the same place.
    pub(super) fn see_again(&mut self, id: ActionId, candidate: Candidate) -> ActionId {
        let excluded = Status::Avoided(Reason::Excluded);
        let is_excluded = |action: &Action| action.kind == Kind::Link && action.status == excluded;
        if candidate.avoided.is_none() && self.graph.actions.get(id.0).is_some_and(is_excluded) {
            let admission = self.frontier.add(id, candidate.rank, candidate.folds);
            self.set(id, admission.into());
        }
        id
    }

    /// Takes in an address that a script wanted to open in a window.
    pub(super) fn add_address(&mut self, address: &str, state: StateId, scope: &Scope, conduct: &Conduct) {
        let offer = Offer {
            kind: "link".to_owned(),
            href: address.to_owned(),
            words: address.to_owned(),
            ..Default::default()
        };
        for mut candidate in Candidate::of_all(std::slice::from_ref(&offer), "", scope) {
            candidate.avoided = candidate.avoided.or_else(|| conduct.avoids(&candidate, &offer));
            if candidate.href.is_some() && !self.by_key.contains_key(&candidate.key) {
                self.add(candidate, Some(&offer), state);
            }
        }
    }

    /// Whether one more route of a folder is something new, and not one more of those that look the same.
    pub(super) fn is_novel(&mut self, folder: &str, shape: u64) -> bool {
        let alike = self.shapes.entry(format!("{folder} {shape:x}")).or_default();
        *alike += 1;
        *alike <= MOST_ALIKE
    }

    /// Whether a look shows a route that nobody knew, or that only mining did: who clicks comes there for the first time, too.
    pub(super) fn is_new_route(&mut self, route: &str, is_new: bool, provenance: Provenance) -> bool {
        match provenance {
            Provenance::Mined if is_new => self.foreseen.insert(route.to_owned()),
            Provenance::Mined => false,
            Provenance::Interaction => is_new || self.foreseen.remove(route),
        }
    }

    /// Queues one address of each route again: what was done since may have unlocked something there.
    pub(super) fn revisit(&mut self) {
        let (mut seen, mut folders) = (HashSet::new(), HashMap::<String, usize>::new());
        let states: Vec<(StateId, Url, String)> = self
            .graph
            .states
            .iter()
            .filter(|state| {
                let first = seen.insert(state.route.clone());
                let siblings = folders.entry(folder(&state.url)).or_default();
                *siblings += usize::from(first);
                first && *siblings <= MOST_REVISITS_OF_FOLDER
            })
            .map(|state| (state.id, state.url.clone(), state.route.clone()))
            .collect();
        for (state, url, route) in states.into_iter().take(MOST_REVISITS) {
            let candidate = Candidate {
                href: Some(url),
                ..Candidate::bare(usize::MAX, format!("revisit {route}"), Kind::Revisit, Rank::Again)
            };
            self.add(candidate, None, state);
        }
    }

    /// Queues a page that was mined, unless its route is known.
    pub(super) fn open(&mut self, opening: Opening) {
        let route = page_route(&opening.url);
        let (key, kind) = match opening.way {
            Way::Soft => (format!("mined {route}"), Kind::SoftRoute),
            Way::Address => (format!("mined {route}"), Kind::Route),
        };
        if let Some(id) = self.by_key.get(&key).copied() {
            return self.soften(id, &opening);
        }
        if self.routes.contains(&route) {
            return;
        }
        let folds = vec![(format!("mined below {}", folder(&opening.url)), MOST_MINED)];
        let candidate = Candidate {
            href: Some(opening.url),
            folds,
            ..Candidate::bare(usize::MAX, key, kind, Rank::Mined)
        };
        let home = self.home(opening.page.as_ref());
        self.add(candidate, None, home);
    }

    /// A page that waits to be opened by its address turned out to be a view of a router, which may show something else.
    fn soften(&mut self, id: ActionId, opening: &Opening) {
        let home = self.home(opening.page.as_ref());
        let Some(action) = self.graph.actions.get_mut(id.0) else { return };
        let waits = matches!(action.status, Status::Pending | Status::Folded);
        if waits && action.kind == Kind::Route && opening.way == Way::Soft {
            (action.kind, action.state) = (Kind::SoftRoute, home);
        }
    }

    /// The state in whose document the router of a page runs.
    fn home(&self, page: Option<&Url>) -> StateId {
        let is_it = |page: &Url| self.graph.states.iter().find(|state| is_same_document(&state.url, page));
        page.and_then(is_it).map_or(StateId(0), |state| state.id)
    }

    /// Whether a browser came by the address of a mined page meanwhile, so that opening it brings nothing.
    pub(super) fn is_stale(&self, id: ActionId) -> bool {
        self.graph.actions.get(id.0).is_some_and(|action| {
            let is_mined = matches!(action.kind, Kind::Route | Kind::SoftRoute);
            is_mined && action.href.as_ref().is_some_and(|url| self.routes.contains(&page_route(url)))
        })
    }

    pub(super) fn set(&mut self, id: ActionId, status: Status) {
        if let Some(action) = self.graph.actions.get_mut(id.0) {
            action.status = status;
        }
    }
}

impl From<Admission> for Status {
    fn from(admission: Admission) -> Self {
        match admission {
            Admission::Pending => Self::Pending,
            Admission::Held => Self::Folded,
        }
    }
}

/// What it costs to get to an action: in place first, buttons before links, then addresses, then longer ways.
pub(super) fn cost(graph: &Graph, id: ActionId, here: &Here) -> usize {
    let Some(action) = graph.actions.get(id.0) else { return usize::MAX };
    let is_visible = here.visible.contains_key(&action.key);
    match (is_visible, action.kind) {
        (true, Kind::Link) => 2,
        (true, Kind::Scroll) => 1,
        // What takes a menu or a dialog away comes after what stands in it; a link without a name is an icon.
        (true, _) if CLOSES.is_match(&action.name) && !(action.name.is_empty() && action.role == "link") => 3,
        // The pointer comes by most things anyway.
        (true, Kind::Hover) => 3,
        (true, _) => 0,
        (false, kind) if kind.is_in_place() && opener(graph, action.state, here) => 1,
        (false, Kind::Link | Kind::Revisit | Kind::Route | Kind::SoftRoute) => 4,
        (false, _) => {
            5 + graph.state(action.state).map_or(0, |state| state.trail.steps.len().min(DEEP))
                + graph.state(action.state).map_or(0, |state| state.id.0)
        }
    }
}

/// Whether that which showed a state first, such as the opener of a menu, can be used here.
fn opener(graph: &Graph, state: StateId, here: &Here) -> bool {
    let last = graph.state(state).and_then(|state| state.trail.steps.last());
    last.is_some_and(|opener| here.visible.contains_key(opener))
}

/// What a worker has at hand: what it sees, and what is left of a menu that closed behind one of its entries. What was first
/// found where it is since that menu was opened, such as the dialog of an entry, goes before.
pub(super) fn at_hand(graph: &Graph, here: &Here) -> Vec<(ActionId, bool)> {
    let mut all = here.actions.clone();
    let Some(menu) = here.menu.filter(|menu| opener(graph, *menu, here)).and_then(|menu| graph.state(menu))
    else {
        return all;
    };
    let action = |id: &ActionId| graph.actions.get(id.0);
    for (id, is_front) in &mut all {
        *is_front = *is_front || action(id).is_some_and(|a| a.state == here.state && a.state > menu.id);
    }
    let is_hidden = |id: &&ActionId| action(id).is_some_and(|action| !here.visible.contains_key(&action.key));
    all.extend(menu.actions.iter().filter(is_hidden).map(|id| (*id, true)));
    all
}

/// Whether an action closed the menu in which it was found: nothing else that was found there is to be seen any more.
pub(super) fn closes(graph: &Graph, action: &Action, here: &Here) -> bool {
    let others = |id: &&ActionId| **id != action.id;
    let is_shown = |id: &ActionId| graph.actions.get(id.0).is_some_and(|a| here.visible.contains_key(&a.key));
    graph.state(action.state).is_some_and(|state| {
        let is_opened = !state.trail.steps.is_empty() && state.actions.len() <= LONG_MENU;
        is_opened && !state.actions.iter().filter(others).any(is_shown)
    })
}

pub(super) fn scroll(route: &str, number: usize, index: usize) -> Candidate {
    Candidate::bare(index, format!("{route} scroll {number}"), Kind::Scroll, Rank::First)
}

/// How many pages of one folder that look the same count as something new.
const MOST_ALIKE: usize = 20;
/// How many mined pages of one folder are opened, unless they bring something new.
const MOST_MINED: usize = 40;
/// The names of what closes or goes back; what has no name, such as the ground behind a dialog, closes too.
static CLOSES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^.?$|\b(close|cancel|dismiss|back|schlie(ß|ss)en|abbrechen|zur(ü|ue)ck|fermer|annuler|retour|cerrar|cancelar|volver|fechar|voltar|chiudi|annulla|indietro|sluiten|annuleren|zamknij|anuluj)\b|закрыть|отмена|关闭|取消|返回|閉じる|戻る",
    )
    .expect("the pattern is a constant that the tests compile")
});
/// How many routes of one folder are opened once more.
const MOST_REVISITS_OF_FOLDER: usize = 10;
/// How many routes are opened once more.
const MOST_REVISITS: usize = 80;
/// A menu has not so many entries.
const LONG_MENU: usize = 40;
/// Longer ways cost all the same.
const DEEP: usize = 20;
