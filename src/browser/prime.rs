//! What is run at an origin before the application is opened there.

use std::fmt;

use url::Url;

/// A script to run at an origin on an empty page: no request leaves the browser, and nothing is there for pages to see.
#[derive(Clone)]
pub struct Prime {
    /// The origin, as the URL of its root.
    pub origin: Url,
    /// An expression, possibly a promise; its value is given back. May hold secrets.
    pub script: String,
}

impl fmt::Debug for Prime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prime({})", self.origin)
    }
}

/// The page that stands in for the application.
pub(super) const EMPTY_PAGE: &str = "<!doctype html><html><head></head><body></body></html>";
