//! What can go wrong while a session is verified.

/// An error of the verify room. A session that is dead is no error but a verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The application cannot be asked.
    #[error("the application could not be asked")]
    Http {
        /// Why.
        #[from]
        source: crate::proxy::Error,
    },
    /// The application's answer broke off.
    #[error("the answer of `{host}` broke off")]
    Broken {
        /// The host.
        host: String,
    },
    /// The session could not be put on the request.
    #[error("the application could not be asked as the session's user")]
    Inject {
        /// Why.
        #[from]
        source: crate::inject::Error,
    },
    /// The browser failed.
    #[error("the page could not be looked at")]
    Browser {
        /// What it said.
        #[from]
        source: crate::browser::Error,
    },
}
