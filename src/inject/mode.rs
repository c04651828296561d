//! How a request and a session get along, and what became of it.

/// How a request and the session get along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The request of a forced user: the session replaces what the request carries.
    Force,
    /// The request of a client that may log in itself: one that carries a session keeps it, any other
    /// is treated as in [`Mode::Force`].
    Fill,
    /// The request of a browser that the session was put into: nothing is replaced. Only tokens that live
    /// in the memory of a script are added where they are missing, for a browser cannot be given those.
    Follow,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamped {
    /// It goes to a place out of scope, and was left alone.
    OutOfScope,
    /// It is a CORS preflight, which carries no session. See 3.3.3 of the Fetch standard.
    Preflight,
    /// It carried a session of its own, and was left alone.
    Carried,
    /// The session has nothing for this place.
    Nothing,
    /// The session is on it.
    Put,
    /// Its cookies are on it, and the session script is to be asked for the rest: `processMessageToMatchSession`.
    Script,
}
