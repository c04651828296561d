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
    /// The start address gave no answer at all.
    #[error("cannot open {url}: {reason}\nhint: is the application running, and the address right?")]
    Unreachable {
        /// The start address, without query.
        url: String,
        /// What the proxy was told.
        reason: String,
    },
    /// The application does not want the start address to be opened, and is obeyed.
    #[error(
        "the application's `robots.txt` does not let {url} be opened, or could not be asked for\nhint: leave out --robots where you may crawl it all the same"
    )]
    Disallowed {
        /// The start address, without query.
        url: String,
    },
    /// There was no place for a browser all the while.
    #[error("the grid has had no free place for a browser for {} s\nhint: `GET /status` of the grid tells its nodes and who uses them", after.as_secs())]
    NoPlace {
        /// How long it was asked.
        after: std::time::Duration,
    },
    /// A browser elsewhere does not reach the proxy that it is to use.
    #[error(
        "the browser does not reach the crawl's proxy at {proxy}\nhint: name this machine as the grid's nodes know it, with --advertise HOST"
    )]
    OutOfReach {
        /// The proxy as the browser was told it.
        proxy: String,
        /// What the browser says.
        #[source]
        source: crate::browser::Error,
    },
    /// The proxy's listener could not be opened.
    #[error("no port to listen on for the browsers' traffic")]
    Listen(#[source] std::io::Error),
}

/// Any error, as a source of browsers tells it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
