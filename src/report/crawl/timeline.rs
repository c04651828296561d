//! The requests and events of a crawl over its time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::crawl::{Carriage, Class, Event, Outcome, Passage};

/// A crawl in equal pieces of time, and what happened in it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Timeline {
    pub(super) seconds: f64,
    pub(super) slots: Vec<Slot>,
    pub(super) marks: Vec<Mark>,
}

/// One piece of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slot {
    /// Requests in scope, without scripts, styles and pictures, by whether they carried the session.
    pub(super) carried: usize,
    pub(super) bare: usize,
    /// Those that were not meant to.
    pub(super) other: usize,
    /// States that were known at its end.
    pub(super) states: usize,
}

/// Something that happened.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Mark {
    /// In seconds since the begin.
    pub(super) at: f64,
    /// `opened`, `lost`, `bridged`, `replaced` or `other`.
    pub(super) kind: String,
    pub(super) words: String,
}

impl Timeline {
    pub(super) fn new(outcome: &Outcome) -> Self {
        let seconds = outcome.duration.as_secs_f64().max(0.001);
        let mut slots = vec![Slot::default(); SLOTS];
        for record in &outcome.records {
            if record.passage != Passage::InScope || record.class == Class::Asset {
                continue;
            }
            let at = record.started.duration_since(outcome.started).unwrap_or_default();
            let slot = &mut slots[place(at, outcome.duration)];
            match record.session {
                Carriage::Carried => slot.carried += 1,
                Carriage::Bare | Carriage::Dead => slot.bare += 1,
                Carriage::NotMeant => slot.other += 1,
            }
        }
        let mut found = vec![0; SLOTS];
        outcome.chronicle.found.iter().for_each(|at| found[place(*at, outcome.duration)] += 1);
        let mut known = 0;
        for (slot, new) in slots.iter_mut().zip(found) {
            known += new;
            slot.states = known;
        }
        let marks = outcome.chronicle.moments.iter().map(|m| mark(m.at, &m.event)).collect();
        Self { seconds, slots, marks }
    }

    pub(super) fn has_requests(&self) -> bool {
        self.slots.iter().any(|slot| *slot != Slot::default())
    }
}

/// In which slot a time lies.
fn place(at: Duration, whole: Duration) -> usize {
    let part = at.as_millis() * SLOTS as u128 / whole.as_millis().max(1);
    usize::try_from(part).map_or(SLOTS - 1, |part| part.min(SLOTS - 1))
}

fn mark(at: Duration, event: &Event) -> Mark {
    let (kind, words) = told(event);
    Mark { at: at.as_secs_f64(), kind: kind.into(), words }
}

/// An event as a word and in words.
pub(in crate::report) fn told(event: &Event) -> (&'static str, String) {
    match event {
        Event::Opened { worker } => ("opened", format!("browser {worker} is open and logged in")),
        Event::SessionLost { worker, action, evidence } => {
            let after = action.map(|id| format!(", after {id}")).unwrap_or_default();
            ("lost", format!("browser {worker} is logged out{after}: {evidence}"))
        }
        Event::Bridged { evidence, how, waited, took } => {
            let requests = if *waited == 1 { "request" } else { "requests" };
            let seconds = took.as_secs_f64();
            let words = format!(
                "the session had ended, {waited} {requests} waited {seconds:.1} s for it: {how}; {evidence}"
            );
            ("bridged", words)
        }
        Event::Replaced { worker, reason } => ("replaced", format!("browser {worker} is replaced: {reason}")),
        other => ("other", format!("{other:?}")),
    }
}

/// Into how many pieces a crawl is cut.
const SLOTS: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_the_pages_did_not_see_is_told_with_who_waited_for_how_long() {
        let (evidence, how) = ("/api/x: 401".to_owned(), "logged in again");
        let event = Event::Bridged { evidence, how, waited: 4, took: Duration::from_millis(1500) };
        let words = "the session had ended, 4 requests waited 1.5 s for it: logged in again; /api/x: 401";
        assert_eq!(told(&event), ("bridged", words.to_owned()));
    }

    #[test]
    fn the_end_lies_in_the_last_slot() {
        let minute = Duration::from_secs(60);
        assert_eq!(place(Duration::ZERO, minute), 0);
        assert_eq!(place(minute / 2, minute), SLOTS / 2);
        assert_eq!(place(minute * 2, minute), SLOTS - 1);
        assert_eq!(place(minute, Duration::ZERO), SLOTS - 1);
    }
}
