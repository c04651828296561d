//! What can go wrong when a session is put into a browser or onto a request.

/// An error of the inject room.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The browser failed.
    #[error("the session could not be put into the browser")]
    Browser {
        /// What it said.
        #[from]
        source: crate::browser::Error,
    },
    /// The browser did not open.
    #[error("{source}")]
    Closed {
        /// What its driver said.
        source: crate::browser::Error,
    },
    /// There is no proxy for a browser that needs one.
    #[error("no proxy could be started in front of the browser: {reason}")]
    NoStage {
        /// Why.
        reason: String,
    },
    /// The session script cannot be loaded.
    #[error("{reason}")]
    Unloaded {
        /// Why, with file and line.
        reason: String,
    },
    /// The session script failed.
    #[error("the session script did not put the session on the request")]
    Script {
        /// What it said.
        #[from]
        source: crate::script::Error,
    },
    /// The session script sent the request to another origin.
    #[error(
        "the session script sent a request for `{from}` to `{to}`\nhint: a script may change a request's path and query only"
    )]
    Elsewhere {
        /// Where the request was going.
        from: String,
        /// Where the script sent it.
        to: String,
    },
}
