//! What can go wrong with a crawl as a whole.

/// An error of the crawl room.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No worker got a browser.
    #[error("no browser could be opened for the crawl")]
    NoBrowser(#[source] BoxError),
    /// The start address could not be opened.
    #[error("the crawl could not begin")]
    Start(#[source] crate::browser::Error),
    /// The proxy's listener could not be opened.
    #[error("no port to listen on for the browsers' traffic")]
    Listen(#[source] std::io::Error),
}

/// Any error, as a source of browsers tells it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
