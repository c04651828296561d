//! The frontier: which actions wait, which are held back, and which comes next.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    action::{ActionId, Rank},
    kept,
};

/// The actions that wait, shared by all workers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Frontier {
    tasks: HashMap<ActionId, Task>,
    pending: BTreeSet<(Rank, ActionId)>,
    #[serde(with = "kept::pairs")]
    folds: HashMap<String, Fold>,
    busy: BTreeMap<ActionId, Rank>,
    /// How many other tasks were given out since the last one that was mined.
    #[serde(default)]
    since_mined: usize,
}

/// What is to be done, and how often it was tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) id: ActionId,
    pub(super) rank: Rank,
    /// Which of several values forms and selects are filled with.
    pub(super) variant: usize,
    /// What the application answered when it refused the last try.
    pub(super) refusal: Option<String>,
    /// How often it was done once more where it led on.
    pub(super) repeats: usize,
    /// How often it cost a session or a browser.
    pub(super) strikes: usize,
    /// How often the session ended while it alone was being done.
    #[serde(default)]
    pub(super) trials: usize,
    /// How often its element could not be found.
    pub(super) misses: usize,
    folds: Vec<String>,
}

/// A group of equals: some are fired, the rest is held back until one of them brings something new.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Fold {
    admitted: usize,
    limit: usize,
    fired: usize,
    /// How many of those fired last, one after the other, brought nothing new.
    barren: usize,
    held: VecDeque<ActionId>,
}

/// What a worker is to do.
#[derive(Debug)]
pub(super) enum Next {
    /// Fire this.
    Do(Task),
    /// Others are busy and may find more.
    Wait,
    /// All is done.
    Done,
}

/// What goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// The first of its kind.
    Fresh,
    /// One more of its kind, close at hand.
    Near,
    /// A page that was mined: opening it costs less than a long way.
    Mined,
    /// One more of its kind, and a way has to be gone to it.
    Far,
    /// What waits for all the rest.
    Last(Rank),
}

impl Urgency {
    fn of(rank: Rank, cost: usize) -> Self {
        match rank {
            Rank::First => Self::Fresh,
            Rank::Again if cost <= AT_HAND => Self::Near,
            Rank::Again => Self::Far,
            Rank::Mined => Self::Mined,
            last => Self::Last(last),
        }
    }
}

/// What costs more needs a way back to where it was found.
const AT_HAND: usize = 4;

/// Whether an action waits or is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Pending,
    Held,
}

impl Frontier {
    /// Takes in a new action, unless enough of its equals were.
    pub(super) fn add(&mut self, id: ActionId, rank: Rank, folds: Vec<(String, usize)>) -> Admission {
        let full = folds.iter().find(|(group, _)| self.folds.get(group).is_some_and(Fold::is_full));
        let full = full.map(|(group, _)| group.clone());
        for (group, limit) in &folds {
            let fold = self.folds.entry(group.clone()).or_insert_with(|| Fold::new(*limit));
            fold.admitted += usize::from(full.is_none());
        }
        let folds = folds.into_iter().map(|(group, _)| group).collect();
        self.tasks.insert(
            id,
            Task { id, rank, variant: 0, refusal: None, repeats: 0, strikes: 0, trials: 0, misses: 0, folds },
        );
        if let Some(fold) = full.and_then(|group| self.folds.get_mut(&group)) {
            fold.held.push_back(id);
            return Admission::Held;
        }
        self.pending.insert((rank, id));
        Admission::Pending
    }

    /// What was being done when the crawl was left waits again.
    pub(super) fn wake(&mut self) {
        for (id, rank) in std::mem::take(&mut self.busy) {
            self.pending.insert((rank, id));
        }
    }

    /// Puts a task back, to be fired once more.
    pub(super) fn put_back(&mut self, task: Task) {
        self.busy.remove(&task.id);
        self.pending.insert((task.rank, task.id));
        self.tasks.insert(task.id, task);
    }

    /// Picks the best task: what can be done where the worker is, else what `cost` finds cheapest.
    pub(super) fn next(&mut self, here: &[(ActionId, bool)], cost: impl Fn(ActionId) -> usize) -> Next {
        let Some(floor) = self.floor() else { return Next::Done };
        let is_open = |rank: Rank| matches!(rank, Rank::First | Rank::Again | Rank::Mined) || rank == floor;
        let urgency = |task: &Task| {
            let rank = if self.is_tired(task) { task.rank.max(Rank::Again) } else { task.rank };
            let cost = cost(task.id);
            (Urgency::of(rank, cost), cost)
        };
        // What has only just appeared goes first: it may be gone after anything else.
        let near = here
            .iter()
            .filter_map(|(id, front)| Some((self.tasks.get(id)?, front)))
            .filter(|(task, _)| self.pending.contains(&(task.rank, task.id)) && is_open(task.rank))
            .map(|(task, front)| (urgency(task), !*front, task.id))
            .map(|((urgency, cost), front, id)| (urgency, front, cost, id))
            .min();
        // A way that must be gone is worth it for what is fresh, while here all is more of the same.
        let far = near.is_none_or(|(urgency, ..)| urgency > Urgency::Fresh).then(|| {
            let open = self.pending.iter().filter(|(rank, _)| is_open(*rank));
            let tasks = open.filter_map(|(_, id)| self.tasks.get(id));
            tasks.map(|task| (urgency(task), task.id)).map(|((urgency, cost), id)| (urgency, cost, id)).min()
        });
        let chosen = match (near, far.flatten()) {
            (Some((here, .., id)), Some((there, ..))) if here <= there => Some(id),
            (_, Some((.., id))) | (Some((.., id)), None) => Some(id),
            (None, None) => None,
        };
        // What is fresh here or has begun is not left; else what was mined has its turn, however much there is to click elsewhere.
        let is_begun = |id: &ActionId| self.tasks.get(id).is_some_and(|task| self.is_begun(task));
        let is_held = near.is_some_and(|(urgency, ..)| urgency == Urgency::Fresh)
            || here.iter().any(|(id, _)| is_begun(id));
        let turn = (self.since_mined >= MINED_TURN && !is_held).then(|| self.cheapest_mined(&cost)).flatten();
        match turn.or(chosen).and_then(|id| self.tasks.get(&id).cloned()) {
            Some(task) => {
                self.since_mined = if task.rank == Rank::Mined { 0 } else { self.since_mined + 1 };
                self.pending.remove(&(task.rank, task.id));
                self.busy.insert(task.id, task.rank);
                Next::Do(task)
            }
            None if self.busy.is_empty() => Next::Done,
            None => Next::Wait,
        }
    }

    /// Whether a task waits that was tried already, and goes on where it stands.
    fn is_begun(&self, task: &Task) -> bool {
        (task.variant > 0 || task.repeats > 0) && self.pending.contains(&(task.rank, task.id))
    }

    fn cheapest_mined(&self, cost: impl Fn(ActionId) -> usize) -> Option<ActionId> {
        let mined = self.pending.iter().filter(|(rank, _)| *rank == Rank::Mined);
        mined.map(|(_, id)| *id).min_by_key(|id| cost(*id))
    }

    /// Notes that a task is done, and how many actions it brought; gives those that were held back and may be fired now.
    pub(super) fn done(&mut self, task: &Task, is_novel: bool, found: usize) -> Vec<ActionId> {
        self.busy.remove(&task.id);
        let mut released = Vec::new();
        for group in &task.folds {
            let Some(fold) = self.folds.get_mut(group) else { continue };
            fold.fired += 1;
            fold.barren = if is_novel || found > 1 { 0 } else { fold.barren + 1 };
            // The first of its kind always brings something new.
            if is_novel && fold.fired > 1 {
                fold.limit += 1;
                fold.admitted += usize::from(!fold.held.is_empty());
                released.extend(fold.held.pop_front());
            }
        }
        for id in &released {
            if let Some(task) = self.tasks.get(id) {
                self.pending.insert((task.rank, *id));
            }
        }
        released
    }

    /// How many actions wait.
    pub(super) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Whether nothing waits, and nobody is busy.
    pub(super) fn is_drained(&self) -> bool {
        self.busy.is_empty() && self.pending.is_empty()
    }

    /// Whether nothing waits that may be fired before all the rest is done, and nobody is busy.
    pub(super) fn is_drained_before(&self, rank: Rank) -> bool {
        self.busy.is_empty() && self.pending.first().is_none_or(|(first, _)| *first >= rank)
    }

    /// Whether the last of its equals brought nothing new: it waits for what there is no such record of.
    fn is_tired(&self, task: &Task) -> bool {
        task.folds.iter().filter_map(|group| self.folds.get(group)).any(|fold| fold.barren >= TIRED)
    }

    /// The lowest rank that waits or is being done: what costs something starts only when the rest is through.
    fn floor(&self) -> Option<Rank> {
        let waiting = self.pending.first().map(|(rank, _)| *rank);
        waiting.into_iter().chain(self.busy.values().copied()).min()
    }
}

impl Fold {
    fn new(limit: usize) -> Self {
        Self { admitted: 0, limit, fired: 0, barren: 0, held: VecDeque::new() }
    }

    fn is_full(&self) -> bool {
        self.admitted >= self.limit
    }
}

/// After how many others the turn is with a page that was mined.
const MINED_TURN: usize = 4;
/// After how many of equals in a row that brought nothing new the others have to wait.
const TIRED: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn add(frontier: &mut Frontier, id: usize, rank: Rank, fold: &str) -> Admission {
        frontier.add(ActionId(id), rank, vec![(fold.to_owned(), 2)])
    }

    fn next(frontier: &mut Frontier, here: &[usize]) -> Option<Task> {
        let here: Vec<_> = here.iter().map(|id| (ActionId(*id), false)).collect();
        match frontier.next(&here, |id| id.0) {
            Next::Do(task) => Some(task),
            _ => None,
        }
    }

    #[test]
    fn what_can_be_done_here_comes_first() {
        let mut frontier = Frontier::default();
        add(&mut frontier, 0, Rank::First, "a");
        add(&mut frontier, 1, Rank::First, "b");
        assert_eq!(next(&mut frontier, &[1]).unwrap().id, ActionId(1));
    }

    #[test]
    fn what_takes_away_waits_until_nobody_else_is_busy() {
        let mut frontier = Frontier::default();
        add(&mut frontier, 0, Rank::First, "a");
        add(&mut frontier, 1, Rank::Destroy, "b");
        let task = next(&mut frontier, &[]).unwrap();
        assert!(next(&mut frontier, &[1]).is_none());
        frontier.done(&task, false, 0);
        assert_eq!(next(&mut frontier, &[1]).unwrap().id, ActionId(1));
    }

    #[test]
    fn what_is_fresh_elsewhere_comes_before_more_of_what_brought_nothing_here() {
        let mut frontier = Frontier::default();
        for id in 0..4 {
            frontier.add(ActionId(id), Rank::First, vec![("cards".to_owned(), 12)]);
        }
        add(&mut frontier, 4, Rank::First, "menu");
        for id in 0..2 {
            let task = next(&mut frontier, &[0, 1, 2, 3]).unwrap();
            assert_eq!(task.id, ActionId(id), "while they may bring something, what is here comes first");
            frontier.done(&task, false, 0);
        }
        assert_eq!(next(&mut frontier, &[2, 3]).unwrap().id, ActionId(4));
        assert_eq!(next(&mut frontier, &[2, 3]).unwrap().id, ActionId(2), "they are fired all the same");
    }

    #[test]
    fn what_was_mined_has_its_turn_however_much_there_is_to_click() {
        let mut frontier = Frontier::default();
        add(&mut frontier, 0, Rank::Mined, "mined");
        for id in 1..9 {
            add(&mut frontier, id, Rank::First, &format!("button {id}"));
        }
        let given: Vec<_> = (0..6).map(|_| next(&mut frontier, &[]).unwrap().id.0).collect();
        assert_eq!(given, [1, 2, 3, 4, 0, 5]);
    }

    #[test]
    fn a_form_that_was_refused_is_sent_again_before_what_was_mined() {
        let mut frontier = Frontier::default();
        add(&mut frontier, 0, Rank::Mined, "mined");
        for id in 1..5 {
            add(&mut frontier, id, Rank::First, &format!("button {id}"));
        }
        let form = (0..4).map(|_| next(&mut frontier, &[1, 2, 3, 4]).unwrap()).last().unwrap();
        frontier.put_back(Task { variant: 1, rank: Rank::Again, ..form });
        assert_eq!(next(&mut frontier, &[4]).unwrap().id, ActionId(4));
        assert_eq!(next(&mut frontier, &[]).unwrap().id, ActionId(0));
    }

    #[test]
    fn what_is_fresh_here_is_not_left_for_what_was_mined() {
        let mut frontier = Frontier::default();
        add(&mut frontier, 0, Rank::Mined, "mined");
        let menu: Vec<_> = (1..8).map(|id| (ActionId(id), false)).collect();
        for id in 1..8 {
            add(&mut frontier, id, Rank::First, &format!("entry {id}"));
        }
        for id in 1..8 {
            let Next::Do(task) = frontier.next(&menu, |id| id.0) else { panic!("there is more to do") };
            assert_eq!(task.id, ActionId(id));
        }
    }

    #[test]
    fn what_opens_more_to_do_does_not_tire() {
        let mut frontier = Frontier::default();
        for id in 0..4 {
            frontier.add(ActionId(id), Rank::First, vec![("menus".to_owned(), 12)]);
        }
        add(&mut frontier, 4, Rank::First, "other");
        for id in 0..3 {
            let task = next(&mut frontier, &[0, 1, 2, 3]).unwrap();
            assert_eq!(task.id, ActionId(id));
            frontier.done(&task, false, 5);
        }
        assert_eq!(next(&mut frontier, &[3]).unwrap().id, ActionId(3));
    }

    #[test]
    fn the_third_of_equals_is_fired_only_when_the_second_brought_something_new() {
        let mut frontier = Frontier::default();
        assert_eq!(add(&mut frontier, 0, Rank::First, "row"), Admission::Pending);
        assert_eq!(add(&mut frontier, 1, Rank::First, "row"), Admission::Pending);
        assert_eq!(add(&mut frontier, 2, Rank::First, "row"), Admission::Held);
        let first = next(&mut frontier, &[]).unwrap();
        assert!(frontier.done(&first, true, 0).is_empty());
        let second = next(&mut frontier, &[]).unwrap();
        assert_eq!(frontier.done(&second, true, 0), [ActionId(2)]);
        assert!(next(&mut frontier, &[]).is_some());
        assert!(matches!(frontier.next(&[], |_| 0), Next::Wait));
    }
}
