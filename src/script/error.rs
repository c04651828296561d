//! What can go wrong with session scripts.

use std::{io, path::PathBuf, time::Duration};

use super::{Fault, Place};

/// An error of the script room. No message of its own shows a value that a script keeps.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is missing, unreadable or no text.
    #[error("the script `{}` cannot be read", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The script is no JavaScript, or ended with an error when it was loaded.
    #[error("the script cannot be loaded: {0}")]
    Load(Fault),
    /// Functions that a session script must have are not there.
    #[error(
        "the script `{script}` has no function {}\nhint: a session script has `extractWebSession` and `processMessageToMatchSession`",
        quoted(functions)
    )]
    Lacks {
        /// The script's file.
        script: String,
        /// Their names.
        functions: Vec<String>,
    },
    /// Parameters that the script requires were not given.
    #[error(
        "the script `{script}` requires the parameter {}\nhint: give it beside the script's name in the session management's parameters",
        quoted(names)
    )]
    Parameters {
        /// The script's file.
        script: String,
        /// Their names.
        names: Vec<String>,
    },
    /// The script threw an error.
    #[error("the script failed: {0}")]
    Threw(Fault),
    /// The script ran for too long; it starts afresh at its next call.
    #[error("the script took longer than {limit:?}: {place}\nhint: look for a loop that does not end")]
    Time {
        /// Where it was stopped.
        place: Place,
        /// How long it may take.
        limit: Duration,
    },
    /// The script asked for too much memory; it starts afresh at its next call.
    #[error("the script needed more than {limit} bytes of memory: {place}")]
    Memory {
        /// Where it was stopped.
        place: Place,
        /// How much it may use.
        limit: usize,
    },
    /// The script's functions called each other too deeply.
    #[error("the script went too deep: {place}\nhint: look for a function that calls itself without end")]
    Depth {
        /// Where it was stopped.
        place: Place,
    },
    /// The request cannot be sent as the script left it.
    #[error("the script `{script}` made the request unusable: {reason}")]
    Request {
        /// The script's file.
        script: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The script's thread does not answer, or could not be started; the next call starts a new one.
    #[error("the script `{script}` does not answer")]
    Silent {
        /// The script's file.
        script: String,
    },
}

/// Names in backticks, with commas.
fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
