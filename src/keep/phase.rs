//! Which of a user's sessions is the current one, and how it does.

use std::time::Instant;

use super::error::GivenUp;
use crate::session::State;

/// Which session is the current one, and how it does. The number grows with each new session.
#[derive(Debug, Clone)]
pub(super) struct Phase {
    pub(super) epoch: u64,
    pub(super) health: Health,
    /// When the session was made, if this process has seen it.
    pub(super) since: Option<Instant>,
}

#[derive(Debug, Clone)]
pub(super) enum Health {
    Absent,
    Alive,
    Dead(String),
    GivenUp(GivenUp, Option<Instant>),
}

/// When a session ends, worked out once for each change of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct End(pub(super) Option<i64>);

impl End {
    /// One that came before the session was made says that the clocks differ, and counts for nothing. Of a life that is
    /// long enough the last second counts as over, for ends are told in whole seconds.
    pub(super) fn of(state: &State) -> Self {
        let end = state.expires().filter(|end| *end > state.created);
        Self(end.map(|end| if end - state.created > SHORT_LIFE { end - 1 } else { end }))
    }
}

/// Of a life of so many seconds no second is given away.
const SHORT_LIFE: i64 = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Cookie;

    fn end(created: i64, expires: i64) -> Option<i64> {
        let cookie = Cookie { http_only: true, expires: Some(expires), ..Cookie::default() };
        let End(end) = End::of(&State { created, cookies: vec![cookie], ..State::default() });
        end
    }

    #[test]
    fn the_last_second_of_a_long_life_counts_as_over_and_an_end_before_the_beginning_for_nothing() {
        assert_eq!(end(1000, 1030), Some(1029));
        assert_eq!(end(1000, 1001), Some(1001));
        assert_eq!(end(1000, 999), None);
    }
}
