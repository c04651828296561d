//! The seam through which a crawl gets its browsers, and learns how its session is.

use std::{net::SocketAddr, time::Instant};

use super::error::BoxError;
use crate::{browser::Browser, session::State};

/// Opens browsers that are logged in, and brings the session back when it is lost.
pub trait Source: Send + Sync {
    /// Opens a browser that sends all of its traffic through this proxy, with the session in place and no page open yet.
    ///
    /// It is called again when a browser is lost: the session may be renewed in between.
    fn open(
        &self,
        worker: usize,
        proxy: SocketAddr,
    ) -> impl Future<Output = Result<Browser, BoxError>> + Send;

    /// How many browsers can be opened at the moment, beside those that are open; nothing where trying is the way to know.
    fn room(&self) -> impl Future<Output = Option<usize>> + Send {
        async { None }
    }

    /// The session as it is put into a browser that has lost its copy; nothing where only a new browser helps.
    fn state(&self) -> Option<State> {
        None
    }

    /// Counts how often the session was made: browsers that have an older one need it anew.
    fn making(&self) -> u64 {
        0
    }

    /// Asks the application whether the session is alive, past the browsers. An answer to somebody who asked after `since`
    /// will do.
    fn ask(&self, _since: Instant) -> impl Future<Output = Sign> + Send {
        async { Sign::Unknown }
    }

    /// Makes the session live again, as cheaply as can be; who calls sees to it that this is done once for all browsers.
    fn revive(&self, _evidence: &str) -> impl Future<Output = Revival> + Send {
        async { Revival::Unable { reason: "the session cannot be made again".into() } }
    }
}

/// What the application says of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It is alive.
    Alive,
    /// It is dead.
    Dead {
        /// How that was seen; it names no secret.
        evidence: String,
    },
    /// There is no way to ask, or the answer tells nothing.
    Unknown,
}

/// How a session was brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revival {
    /// It lived after all: what was known of it before is good still, or somebody else has renewed it.
    Kept,
    /// It was made anew.
    Renewed,
    /// It stays dead.
    Unable {
        /// Why; it names no secret.
        reason: String,
    },
}
