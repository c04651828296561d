//! Brings the session back when it is lost: once for all browsers, and with the action that did it found out.

use std::{
    collections::HashSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{action::ActionId, frontier::Task, ledger::Ledger};
use crate::keep::{Life, Lives};

/// What the workers of a crawl share to keep its session alive.
#[derive(Debug)]
pub(super) struct Rescue {
    pub(super) ledger: Ledger,
    /// Held by whoever brings the session back.
    at_work: AsyncMutex<()>,
    /// Counts how often the session was made anew; browsers that have an older one are refilled.
    epoch: AtomicU64,
    turns: RwLock<()>,
    /// Which worker alone goes on; [`ALL`] as long as all do.
    stays: AtomicUsize,
    history: Mutex<History>,
    at_hand: Mutex<HashSet<ActionId>>,
    /// How often actions were suspected while they were being done.
    suspicions: AtomicU64,
}

/// A worker's turn: as long as it lives, an action may run.
#[derive(Debug)]
#[expect(dead_code, reason = "they are held, not read")]
pub(super) enum Turn<'a> {
    /// Beside those of other workers.
    Shared(RwLockReadGuard<'a, ()>),
    /// On its own, for it is suspected of ending the session.
    Alone(RwLockWriteGuard<'a, ()>),
}

/// Who has to answer for the loss of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// The actions that ran since it was last seen alive.
    Actions,
    /// Nobody: it ended as others have before, none of which lived longer, or when it had said that it would.
    Age,
}

/// What an action had to do with the end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing.
    None,
    /// It was being done then.
    Suspected,
}

#[derive(Debug)]
struct History {
    lives: Lives,
    /// Which making of the session the last of these is.
    making: u64,
    /// How long those lived that ended, and all others that were given up.
    ended: Vec<Life>,
    lived: Vec<Life>,
    steps: usize,
    losses: Vec<(usize, usize)>,
    /// How often in a row it was brought back without an action being done in between.
    in_vain: usize,
    /// How often the application did not renew it by itself.
    left: usize,
}

impl Rescue {
    /// For a session that was made so often and used so much before.
    pub(super) fn new(making: u64, uses: u64) -> Self {
        let history = History {
            lives: Lives::new(uses),
            making,
            ended: Vec::new(),
            lived: Vec::new(),
            steps: 0,
            losses: Vec::new(),
            in_vain: 0,
            left: 0,
        };
        Self {
            ledger: Ledger::new(),
            at_work: AsyncMutex::default(),
            epoch: AtomicU64::new(0),
            turns: RwLock::default(),
            stays: AtomicUsize::new(ALL),
            history: Mutex::new(history),
            at_hand: Mutex::default(),
            suspicions: AtomicU64::new(0),
        }
    }

    /// Waits until the session is not being brought back, and keeps others from doing that meanwhile.
    pub(super) async fn enter(&self) -> AsyncGuard<'_, ()> {
        self.at_work.lock().await
    }

    /// Waits until a task may run: one that is suspected runs alone.
    pub(super) async fn turn(&self, task: &Task) -> Turn<'_> {
        if task.strikes > 0 {
            Turn::Alone(self.turns.write().await)
        } else {
            Turn::Shared(self.turns.read().await)
        }
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Whether a worker may go on.
    pub(super) fn has_place(&self, worker: usize) -> bool {
        [ALL, worker].contains(&self.stays.load(Ordering::Relaxed))
    }

    /// An action was done, and the session lives as far as is known.
    pub(super) fn did(&self) {
        let mut history = self.lock();
        history.steps += 1;
        history.in_vain = 0;
    }

    /// Notes that the session died after so much use, and tells who has to answer for it; nothing when bringing it back is
    /// in vain.
    pub(super) fn died(&self, uses: u64) -> Option<Blame> {
        let mut history = self.lock();
        history.in_vain += 1;
        if history.in_vain > MOST_IN_VAIN {
            return None;
        }
        let life = history.lives.so_far(uses);
        let is_like = history.ended.iter().any(|other| life.is_like(other, ALIKE));
        let is_cut_short = history.lived.iter().any(|other| life.is_cut_short(other));
        history.ended.push(life);
        history.lived.push(life);
        Some(if is_like && !is_cut_short { Blame::Age } else { Blame::Actions })
    }

    /// Takes note of which making of the session is in use: it may be renewed in the background.
    pub(super) fn meet(&self, making: u64, uses: u64) {
        let mut history = self.lock();
        if history.making != making {
            let life = history.lives.so_far(uses);
            history.lived.push(life);
            history.making = making;
            history.lives.begin(uses);
        }
    }

    /// Notes in which browser a loss was seen; tells whether only this one goes on from now: losses in quick succession in
    /// different browsers mean that each takes the session from the others.
    pub(super) fn lost_in(&self, worker: usize) -> bool {
        let mut history = self.lock();
        let step = history.steps;
        history.losses.push((step, worker));
        let recent: Vec<_> = history.losses.iter().rev().take(QUICK_LOSSES).collect();
        let is_quick = recent.len() == QUICK_LOSSES
            && recent.last().is_some_and(|(first, _)| step - first <= QUICK_STEPS)
            && recent.iter().any(|(_, other)| *other != worker);
        is_quick && self.stays.compare_exchange(ALL, worker, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// The session was made anew or put back, after so much use: every browser needs it.
    pub(super) fn renewed(&self, making: u64, uses: u64) {
        let mut history = self.lock();
        history.making = making;
        history.lives.begin(uses);
        drop(history);
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether it is worth waiting for the application to renew the session by itself.
    pub(super) fn may_renew_itself(&self) -> bool {
        self.lock().left < MOST_LEFT
    }

    /// The application renewed the session by itself, after so much use.
    pub(super) fn renewed_itself(&self, uses: u64) {
        let mut history = self.lock();
        history.left = 0;
        history.lives.begin(uses);
    }

    pub(super) fn did_not_renew_itself(&self) {
        self.lock().left += 1;
    }

    /// A worker begins an action; gives what [`Self::ends`] wants to know.
    pub(super) fn begins(&self, id: ActionId) -> u64 {
        self.at_hand().insert(id);
        self.suspicions.load(Ordering::Acquire)
    }

    /// An action that was begun is over.
    pub(super) fn ends(&self, id: ActionId, begun: u64) -> Part {
        let mut at_hand = self.at_hand();
        at_hand.remove(&id);
        if self.suspicions.load(Ordering::Acquire) == begun { Part::None } else { Part::Suspected }
    }

    /// Those of the suspects that nobody is at; all that is being done is suspected too, and answers for itself when it ends.
    pub(super) fn not_at_hand(&self, mut suspects: Vec<Task>) -> Vec<Task> {
        let at_hand = self.at_hand();
        self.suspicions.fetch_add(1, Ordering::AcqRel);
        suspects.retain(|task| !at_hand.contains(&task.id));
        suspects
    }

    fn at_hand(&self) -> MutexGuard<'_, HashSet<ActionId>> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// After so many revivals without an action done in between the session is given up.
const MOST_IN_VAIN: usize = 4;
const ALL: usize = usize::MAX;
/// So many losses within so many actions are a sign that browsers take the session from each other.
const QUICK_LOSSES: usize = 3;
const QUICK_STEPS: usize = 8;
/// Lives that differ by no more than this part of them ended alike.
const ALIKE: u32 = 4;
/// After so many times nobody waits for the application to renew the session by itself.
const MOST_LEFT: usize = 2;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn losses_in_quick_succession_in_several_browsers_leave_one_of_them() {
        let rescue = Rescue::new(0, 0);
        assert!(!rescue.lost_in(0) && !rescue.lost_in(1));
        for _ in 0..=QUICK_STEPS {
            rescue.did();
        }
        assert!(!rescue.lost_in(0) && !rescue.lost_in(1));
        assert!(rescue.lost_in(0) && !rescue.lost_in(1));
        assert!(rescue.has_place(0) && !rescue.has_place(1));
    }

    #[test]
    fn losses_in_one_browser_are_its_actions_doing() {
        let rescue = Rescue::new(0, 0);
        assert!(!rescue.lost_in(1) && !rescue.lost_in(1) && !rescue.lost_in(1) && rescue.has_place(1));
    }

    #[test]
    fn a_session_that_dies_again_and_again_before_anything_is_done_is_given_up() {
        let rescue = Rescue::new(0, 0);
        let tries = std::iter::from_fn(|| rescue.died(0)).take(20).count();
        assert_eq!(tries, MOST_IN_VAIN);
        rescue.did();
        assert!(rescue.died(0).is_some());
    }

    /// Ends sessions that were good for so many requests; how old they get is left to the machine.
    fn blames(uses: &[u64]) -> Vec<Blame> {
        let rescue = Rescue::new(0, 0);
        let mut all = 0;
        let ends = uses.iter().enumerate().map(|(making, uses)| {
            rescue.meet(making as u64, all);
            all += uses;
            rescue.did();
            rescue.died(all).unwrap()
        });
        ends.collect()
    }

    #[test]
    fn sessions_that_end_after_as_many_requests_are_nobodys_doing() {
        assert_eq!(blames(&[36, 36, 40]), [Blame::Actions, Blame::Age, Blame::Age]);
        assert_eq!(blames(&[36, 90]), [Blame::Actions; 2]);
    }

    #[test]
    fn what_ends_again_and_again_at_once_is_no_age_where_another_lived_longer() {
        let (short, long) = (Life { age: Duration::ZERO, uses: 9 }, Life { age: Duration::MAX, uses: 900 });
        let rescue = Rescue::new(0, 0);
        assert_eq!((rescue.died(9), rescue.died(9)), (Some(Blame::Actions), Some(Blame::Age)));
        assert!(short.is_cut_short(&long));
        rescue.lock().lived.push(long);
        assert_eq!(rescue.died(9), Some(Blame::Actions));
    }
}
