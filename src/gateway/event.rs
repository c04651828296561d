//! What becomes of the browsers, as it is told to whoever runs the gateway.

use std::fmt;

/// News of one browser.
#[derive(Clone, Debug)]
pub enum Event {
    /// A client got a browser that is logged in.
    Opened {
        /// The WebDriver session.
        id: String,
        /// Whose session was put into it; nothing where the client wanted none.
        session: String,
        /// The browser's own name.
        browser: String,
        /// How it was put in, `cdp` for example, and `proxy` where the browser's traffic goes through one.
        by: Vec<&'static str>,
    },
    /// A browser has ended.
    Ended {
        /// The WebDriver session.
        id: String,
        /// Whose session it had.
        session: String,
        /// Why.
        reason: Reason,
    },
    /// A client got no browser.
    Refused {
        /// What the client was told; it names no secret.
        reason: String,
    },
}

/// Why a browser ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The client deleted the session, or closed its last window.
    Deleted,
    /// The client went away before it got the answer to its new-session command.
    Vanished,
    /// Nobody used it for too long.
    Idle,
    /// The driver or the browser ended by itself.
    Died,
    /// The gateway was ended.
    Stopped,
}

impl Reason {
    /// The word for machines.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Vanished => "vanished",
            Self::Idle => "idle",
            Self::Died => "died",
            Self::Stopped => "stopped",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deleted => "its client ended it",
            Self::Vanished => "its client went away",
            Self::Idle => "nobody used it any more",
            Self::Died => "the driver or the browser died",
            Self::Stopped => "the gateway is being ended",
        })
    }
}
