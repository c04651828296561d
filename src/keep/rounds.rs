//! One question at a time about a session that seems to have ended, and all who wait for its answer.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::{Notify, watch};

/// What became of a session that seemed to have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It had, and there is a new one.
    Renewed,
    /// It lives: who was denied is not allowed to.
    Alive,
    /// It had, and the page knows how to renew it: one answer goes on as it came, the others wait for what the page does.
    LeftToPage,
    /// It cannot be told, or not be renewed, or somebody else sees to it: what was held goes on as it came.
    LetGo,
}

/// How much an answer says of the session's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It may have other reasons as well.
    Hint,
    /// It says that nobody is logged in: 401.
    Denial,
}

/// Somebody has to find out whether the session has ended, and to renew it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What the application answered; it names no secret.
    pub evidence: String,
    /// How much that says.
    pub weight: Weight,
    /// When that was.
    pub since: Instant,
    /// How often the session had been renewed until then, as [`Hold::epoch`](super::Hold::epoch) counts.
    pub epoch: u64,
}

/// The round that is open, if there is one, and those who wait for its end.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    inner: Mutex<Inner>,
    opened: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    epoch: u64,
    open: Option<Round>,
    is_closed: bool,
}

#[derive(Debug)]
struct Round {
    wanted: Wanted,
    waiting: usize,
    end: watch::Sender<Option<Settled>>,
}

/// A place among those who wait.
#[derive(Debug)]
pub(super) struct Seat {
    end: watch::Receiver<Option<Settled>>,
    /// Whether the round was opened by whoever has this.
    pub(super) is_first: bool,
}

impl Seat {
    pub(super) async fn settled(mut self) -> Settled {
        let end = self.end.wait_for(Option::is_some).await;
        end.ok().and_then(|settled| *settled).unwrap_or(Settled::LetGo)
    }
}

impl Rounds {
    /// Waits with the others, or opens a round; nothing when nobody settles any.
    pub(super) fn join(&self, evidence: &str, weight: Weight) -> Option<Seat> {
        let mut inner = self.lock();
        if inner.is_closed {
            return None;
        }
        let (epoch, is_first) = (inner.epoch, inner.open.is_none());
        let round = inner.open.get_or_insert_with(|| Round {
            wanted: Wanted { evidence: evidence.to_owned(), weight, since: Instant::now(), epoch },
            waiting: 0,
            end: watch::Sender::new(None),
        });
        round.waiting += 1;
        round.wanted.weight = round.wanted.weight.max(weight);
        let seat = Seat { end: round.end.subscribe(), is_first };
        drop(inner);
        self.opened.notify_one();
        Some(seat)
    }

    /// Waits with the others, where there are any.
    pub(super) fn queue(&self) -> Option<Seat> {
        let mut inner = self.lock();
        let round = inner.open.as_mut()?;
        round.waiting += 1;
        Some(Seat { end: round.end.subscribe(), is_first: false })
    }

    /// Waits for a round to be opened.
    pub(super) async fn opened(&self) -> Wanted {
        loop {
            let open = self.lock().open.as_ref().map(|round| round.wanted.clone());
            match open {
                Some(wanted) => return wanted,
                None => self.opened.notified().await,
            }
        }
    }

    /// Ends the round; tells how many waited for that.
    pub(super) fn settle(&self, settled: Settled) -> usize {
        let mut inner = self.lock();
        inner.epoch += u64::from(settled == Settled::Renewed);
        let Some(round) = inner.open.take() else { return 0 };
        round.end.send_replace(Some(settled));
        round.waiting
    }

    /// From now on nobody waits.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.settle(Settled::LetGo);
    }

    pub(super) fn epoch(&self) -> u64 {
        self.lock().epoch
    }

    /// The session was renewed without a round.
    pub(super) fn renewed(&self) {
        self.lock().epoch += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
