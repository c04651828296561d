//! The seam through which a session is made anew.

use std::sync::Arc;

use super::error::Refused;
use crate::{
    inject::{self, HttpAuth, Scripted},
    session::State,
    site::Scope,
};

/// Why a session has to be made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// There is none yet.
    Absent,
    /// It is about to end, and still alive.
    Expiring,
    /// It is dead; the evidence names no secret.
    Dead(String),
}

/// Makes sessions for one user. Whoever calls it sees to it that one login runs at a time.
pub trait Login: Send + Sync + 'static {
    /// Whether it has what it needs, such as a password; without it nothing is ever renewed.
    fn is_able(&self) -> bool;

    /// Makes a session in the place of `old`, by the application's own renewal or by a new login.
    ///
    /// Fails when the application refuses, and when it or a browser cannot be reached.
    fn log_in(&self, why: &Why, old: &State) -> impl Future<Output = Result<State, Refused>> + Send;

    /// Whether making a session in the place of this one costs little: a request or two, and nobody's attention. Where it
    /// does, one whose end is only guessed from how others ended is renewed ahead of it.
    fn renews_cheaply(&self, _old: &State) -> bool {
        false
    }

    /// What answers servers that ask for HTTP authentication; nothing where the session is carried otherwise.
    ///
    /// May block while it reads the credentials, and is asked again after each login.
    fn http_auth(&self, _state: &State) -> Option<Arc<HttpAuth>> {
        None
    }

    /// The script that carries the session; nothing where it is carried otherwise. It is asked again after each login.
    ///
    /// Fails when there is one that cannot be loaded: then no request goes out, rather than one without the session.
    fn script(&self, _state: &State, _scope: &Scope) -> Result<Option<Arc<Scripted>>, inject::Error> {
        Ok(None)
    }
}
