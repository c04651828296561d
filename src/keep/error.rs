//! Why a session cannot be had.

use std::time::Duration;

/// One login that failed. The text names no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refused {
    /// What the application or the browser said.
    pub reason: String,
    /// What lay behind it.
    pub fault: Fault,
}

/// Why a login failed, as far as it decides what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The application refused it; too many of these lock an account.
    Refused,
    /// Another try would do no good, or harm: the account is locked, or a CAPTCHA stands in the way.
    Final,
    /// The application or a browser could not be had: it was not tried at all.
    Unavailable,
}

/// Nobody gets this session for now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GivenUp {
    /// The last login failed; another one is made when the time is over and somebody asks.
    #[error("the login of `{name}` failed, try again in {} s: {reason}", wait.as_secs().max(1))]
    Waiting {
        /// Whose session.
        name: String,
        /// How long it is until the next try.
        wait: Duration,
        /// What the login said.
        reason: String,
    },
    /// So many logins failed that no more are made, lest the account gets locked.
    #[error(
        "`{name}` is marked after {failures} failed logins, and no more are made: {reason}\nhint: mend the credentials, then log in with `handstamp login`, or lift the mark with `handstamp sessions unlock {name}`"
    )]
    Marked {
        /// Whose session.
        name: String,
        /// How many logins failed, one after the other.
        failures: u32,
        /// What the last one said.
        reason: String,
    },
    /// The session is dead, and there is nothing to log in with.
    #[error(
        "the session `{name}` is dead and cannot be renewed: {reason}\nhint: log in again with `handstamp login`; name a variable or file with the password, so that it can be renewed"
    )]
    Unable {
        /// Whose session.
        name: String,
        /// What showed that it is dead.
        reason: String,
    },
    /// The store failed.
    #[error("the session `{name}` cannot be read or kept: {reason}")]
    Store {
        /// Whose session.
        name: String,
        /// What the store said.
        reason: String,
    },
}
