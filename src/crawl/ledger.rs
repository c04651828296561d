//! What ran since the session was last seen alive, and when it is worth asking again.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::frontier::Task;

/// The actions that may have run logged out, of all browsers.
#[derive(Debug)]
pub(super) struct Ledger(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    ran: Vec<(Task, Instant)>,
    /// Where the log stood when the session was last seen alive.
    mark: usize,
    asked: Option<Instant>,
    cost: Duration,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Inner { ran: Vec::new(), mark: 0, asked: None, cost: Duration::ZERO }))
    }

    /// Notes that an action ran.
    pub(super) fn ran(&self, task: &Task) {
        let mut inner = self.lock();
        inner.ran.retain(|(other, _)| other.id != task.id);
        inner.ran.push((task.clone(), Instant::now()));
    }

    /// The session was seen alive by somebody who asked then, when the log stood at `mark`.
    pub(super) fn good(&self, asked: Instant, mark: usize) {
        let mut inner = self.lock();
        // What is suspected already was watched for a while; of anything else the effect may still be on its way.
        let grace = |task: &Task| if task.strikes == 0 { GRACE } else { Duration::ZERO };
        inner.ran.retain(|(task, ended)| *ended + grace(task) > asked);
        inner.mark = inner.mark.max(mark);
        inner.note(asked);
    }

    /// Asking told nothing.
    pub(super) fn unknown(&self, asked: Instant) {
        self.lock().note(asked);
    }

    /// All that ran since the session was last seen alive, and where the log stood then; the ledger is empty afterwards.
    pub(super) fn lost(&self) -> (Vec<Task>, usize) {
        let mut inner = self.lock();
        let ran = std::mem::take(&mut inner.ran);
        (ran.into_iter().map(|(task, _)| task).collect(), inner.mark)
    }

    /// From here on the session lives.
    pub(super) fn begin(&self, mark: usize) {
        let mut inner = self.lock();
        inner.mark = inner.mark.max(mark);
    }

    /// Whether asking now keeps to the budget: a fifth of the time.
    pub(super) fn is_due(&self) -> bool {
        let inner = self.lock();
        inner.asked.is_none_or(|asked| asked.elapsed() >= inner.cost * SHARE)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn note(&mut self, asked: Instant) {
        self.cost = asked.elapsed();
        self.asked = Some(Instant::now());
    }
}

/// How many times as long as asking took passes until it is done again.
const SHARE: u32 = 4;
/// How long after an action its effect may come: by a socket, a worker, a beacon.
const GRACE: Duration = Duration::from_millis(500);
