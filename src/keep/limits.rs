//! How often a user is logged in, and when a session is renewed.

use std::time::Duration;

/// The limits that keep an account from being locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// After so many failed logins in a row the user is marked, and no more are made.
    pub failures: u32,
    /// The time after the first failed login until the next may be made; it doubles with each.
    pub backoff: Duration,
    /// A new session that dies sooner counts as a failed login.
    pub shortest: Duration,
    /// How long before its end a session is renewed; by default a tenth of its life, and time enough for a login.
    pub before_end: Option<Duration>,
    /// The most of a request body that is kept so that it can be sent again, in bytes.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            failures: 3,
            backoff: Duration::from_secs(2),
            shortest: Duration::from_secs(5),
            before_end: None,
            body: 1 << 20,
        }
    }
}

impl Limits {
    /// How long to wait after so many failures in a row.
    pub(super) fn wait(&self, failures: u32) -> Duration {
        self.backoff.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST)
    }

    /// How long before its end a session of this length is renewed, when a login took `login`.
    pub(super) fn margin(&self, life: Duration, login: Duration) -> Duration {
        if let Some(told) = self.before_end {
            return told.min(life / 2);
        }
        (life / 10).max(login * 3 / 2).clamp(Duration::from_secs(1), LONGEST).min(life / 2)
    }
}

const LONGEST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn the_wait_doubles_up_to_a_minute() {
        let limits = Limits::default();
        assert_eq!([1, 2, 3, 30].map(|n| limits.wait(n)), [seconds(2), seconds(4), seconds(8), seconds(60)]);
    }

    #[test]
    fn a_session_is_renewed_a_tenth_of_its_life_before_its_end() {
        let margin = |life, login| Limits::default().margin(life, login);
        assert_eq!(margin(seconds(30), Duration::ZERO), seconds(3));
        assert_eq!(margin(seconds(86_400), Duration::ZERO), seconds(60));
        assert_eq!(margin(seconds(30), seconds(4)), seconds(6));
        assert_eq!(margin(seconds(4), seconds(20)), seconds(2));
    }
}
