//! A living session that many parts use at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::State;

/// One session, shared: whoever holds a clone reads the newest state and hears of each change.
///
/// The lock is held for the length of a closure only, which must not wait for anything.
#[derive(Debug, Clone)]
pub struct Shared(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

impl Shared {
    /// Shares a session, at change number 0.
    #[must_use]
    pub fn new(state: State) -> Self {
        Self(Arc::new(Inner { state: Mutex::new(state), changes: watch::Sender::new(0) }))
    }

    /// Looks at the state.
    pub fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the state and tells everybody.
    pub fn update<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let result = change(&mut self.lock());
        self.announce();
        result
    }

    /// Lets `change` say whether it changed anything, tells everybody only if so, and returns that.
    pub fn update_if(&self, change: impl FnOnce(&mut State) -> bool) -> bool {
        let changed = change(&mut self.lock());
        if changed {
            self.announce();
        }
        changed
    }

    /// A copy of the state as it is now.
    #[must_use]
    pub fn snapshot(&self) -> State {
        self.lock().clone()
    }

    /// The number of the newest change; a receiver wakes up at each. It counts what has happened so far as seen.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    fn announce(&self) {
        self.0.changes.send_modify(|number| *number += 1);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_clone_sees_a_change_and_hears_of_it() {
        let shared = Shared::new(State::default());
        let mut changes = shared.changes();
        shared.clone().update(|state| state.user_agent = Some("Firefox".into()));
        changes.changed().await.unwrap();
        assert_eq!(*changes.borrow_and_update(), 1);
        assert_eq!(shared.read(|state| state.user_agent.clone()).as_deref(), Some("Firefox"));
    }

    #[test]
    fn nobody_is_woken_when_nothing_changed() {
        let shared = Shared::new(State::default());
        let changes = shared.changes();
        assert!(!shared.update_if(|_| false));
        assert!(!changes.has_changed().unwrap());
        assert!(shared.update_if(|_| true));
        assert!(changes.has_changed().unwrap());
    }
}
