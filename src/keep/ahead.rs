//! When a session has to be renewed ahead of its end, which it tells or which others let expect.

use std::{
    sync::{MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use super::{lives::Lives, living::Living, login::Login};
use crate::session::now;

impl<L: Login> Living<L> {
    /// How long it is until the session has to be renewed; nothing when neither it tells an end nor others let expect one.
    pub(super) fn due(&self) -> Option<Duration> {
        let took = *self.took.lock().unwrap_or_else(PoisonError::into_inner);
        self.told(took).into_iter().chain(self.learned(took)).min()
    }

    fn told(&self, took: Duration) -> Option<Duration> {
        let (created, expires) = self.shared.read(|state| (state.created, state.expires()));
        let expires = expires.filter(|end| *end > created)?;
        let life = Duration::from_secs((expires - created).unsigned_abs());
        let left = Duration::from_secs((expires - now()).max(0).unsigned_abs());
        Some(left.saturating_sub(self.limits.margin(life, took)))
    }

    /// A guess is acted on only where that costs little.
    fn learned(&self, took: Duration) -> Option<Duration> {
        let left = self.past().left(self.used(), took, |life| self.limits.margin(life, took));
        left.filter(|_| self.shared.read(|state| self.login.renews_cheaply(state)))
    }

    fn is_worn(&self, took: Duration) -> bool {
        self.past().is_worn(self.used(), took)
    }

    /// Waits until the session should be renewed because of how much it was used.
    pub(super) async fn worn(&self) {
        let mut uses = self.shared.uses();
        let took = *self.took.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = || self.due().is_some_and(|due| due.is_zero());
        while !(self.is_worn(took) && self.is_alive() && self.login.is_able() && is_due()) {
            // The sender lives as long as the session.
            let _ = uses.changed().await;
        }
    }

    /// How often it was renewed ahead of its end, which it told or which others let expect.
    #[must_use]
    pub fn renewed_ahead(&self) -> u64 {
        self.ahead.load(Ordering::Relaxed)
    }

    pub(super) fn note_beginning(&self) {
        self.past().begin(self.used());
    }

    pub(super) fn note_end(&self) {
        self.past().end(self.used());
    }

    fn used(&self) -> u64 {
        *self.shared.uses().borrow()
    }

    fn past(&self) -> MutexGuard<'_, Lives> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
