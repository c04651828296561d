//! A living session that many parts use at once.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::State;

/// One session, shared: whoever holds a clone reads the newest state and hears of each change.
///
/// The lock is held for the length of a closure only, which must not wait for anything.
#[derive(Debug, Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
    /// How many requests were answered as those of its user.
    uses: watch::Sender<u64>,
    derived: Mutex<HashMap<TypeId, Derived>>,
}

/// Something that was made from the state at a change, by this number.
struct Derived {
    number: u64,
    value: Arc<dyn Any + Send + Sync>,
}

impl Shared {
    /// Shares a session, at change number 0.
    #[must_use]
    pub fn new(state: State) -> Self {
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            changes: watch::Sender::new(0),
            uses: watch::Sender::new(0),
            derived: Mutex::default(),
        }))
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

    /// Notes that a request which carried it was answered as one of its user.
    pub fn used(&self) {
        self.0.uses.send_modify(|uses| *uses += 1);
    }

    /// How many requests were answered so far as those of its user, whatever it was made of then; a receiver wakes up at each.
    #[must_use]
    pub fn uses(&self) -> watch::Receiver<u64> {
        self.0.uses.subscribe()
    }

    /// What `make` makes from the state, made anew only when the session has changed; it is given its last work.
    ///
    /// There is one for each type `T`, which all clones share.
    pub fn derived<T: Send + Sync + 'static>(&self, make: impl FnOnce(&State, Option<&T>) -> T) -> Arc<T> {
        let mut all = self.0.derived.lock().unwrap_or_else(PoisonError::into_inner);
        // Read before the state: who changes that meanwhile makes this count as old.
        let number = *self.0.changes.borrow();
        let known = all.get(&TypeId::of::<T>());
        let last = known.and_then(|known| Arc::clone(&known.value).downcast::<T>().ok());
        if let (Some(last), true) = (&last, known.is_some_and(|known| known.number == number)) {
            return Arc::clone(last);
        }
        let value = Arc::new(self.read(|state| make(state, last.as_deref())));
        all.insert(TypeId::of::<T>(), Derived { number, value: value.clone() });
        value
    }

    fn announce(&self) {
        self.0.changes.send_modify(|number| *number += 1);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("state", &self.state).finish_non_exhaustive()
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

    #[test]
    fn what_is_derived_is_made_once_a_change_for_all_clones() {
        let shared = Shared::new(State::default());
        let made = |shared: &Shared| *shared.derived(|_, last: Option<&u32>| last.map_or(0, |last| last + 1));
        assert_eq!((made(&shared), made(&shared.clone()), made(&shared)), (0, 0, 0));
        shared.update(|state| state.created = 1);
        assert_eq!((made(&shared.clone()), made(&shared)), (1, 1));
        assert_eq!(*shared.derived(|state, _: Option<&i64>| state.created), 1);
    }
}
