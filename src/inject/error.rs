//! What can go wrong when a session is put into a browser.

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
}
