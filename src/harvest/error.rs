//! What can go wrong when a session is read out of a browser.

/// An error of the harvest room.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The browser failed.
    #[error("the session could not be read out of the browser")]
    Browser {
        /// What it said.
        #[from]
        source: crate::browser::Error,
    },
}
