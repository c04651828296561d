//! What can go wrong while logging in, other than being refused.

/// An error of the login room. A login that is refused is no error but an [`super::Outcome`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The browser failed.
    #[error("the login could not be walked through")]
    Browser {
        /// What it said.
        #[from]
        source: crate::browser::Error,
    },
}
