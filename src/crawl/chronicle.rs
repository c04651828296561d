//! What happened to the browsers and the session of a crawl, and when.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::event::Event;

/// The story of a crawl: all that is rare and matters for how its result is to be read.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    /// What happened to browsers and session, in order.
    pub moments: Vec<Moment>,
    /// When each state was found, by its number.
    pub found: Vec<Duration>,
}

/// Something that happened, and when.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The time since the crawl began.
    pub at: Duration,
    /// What happened.
    pub event: Event,
}

impl Chronicle {
    fn note(&mut self, at: Duration, event: &Event) {
        match event {
            Event::Fired { .. } | Event::Checkpoint(_) => {}
            // Two workers may tell of their states in another order than they found them.
            Event::Found { state, .. } => {
                let times = self.found.len().max(state.0 + 1);
                self.found.resize(times, at);
                self.found[state.0] = at;
            }
            _ if self.moments.len() < MOST_MOMENTS => self.moments.push(Moment { at, event: event.clone() }),
            _ => {}
        }
    }
}

/// Writes a chronicle while the crawl runs.
#[derive(Debug)]
pub(super) struct Chronicler {
    began: Instant,
    chronicle: Mutex<Chronicle>,
}

impl Chronicler {
    pub(super) fn new(began: Instant) -> Self {
        Self { began, chronicle: Mutex::default() }
    }

    pub(super) fn note(&self, event: &Event) {
        self.lock().note(self.began.elapsed(), event);
    }

    pub(super) fn take(&self) -> Chronicle {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Chronicle> {
        self.chronicle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A crawl that loses its session more often than this has nothing more to tell by it.
const MOST_MOMENTS: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::StateId;

    fn found(state: usize) -> Event {
        Event::Found { state: StateId(state), route: String::new(), title: String::new() }
    }

    #[test]
    fn losses_are_kept_with_their_time_and_states_by_their_number() {
        let mut chronicle = Chronicle::default();
        let second = Duration::from_secs;
        chronicle.note(second(1), &Event::Opened { worker: 0 });
        chronicle.note(second(3), &found(1));
        chronicle.note(second(4), &found(0));
        let (action, evidence) = (None, "401".to_owned());
        chronicle.note(second(5), &Event::SessionLost { worker: 0, action, evidence });
        assert_eq!(chronicle.moments.iter().map(|m| m.at).collect::<Vec<_>>(), [second(1), second(5)]);
        assert_eq!(chronicle.found, [second(4), second(3)]);
    }
}
