//! What a crawl's report says that the crawl itself does not know.

use crate::session::Verdict;

/// As whom and how was crawled, and what became of the session.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Whose session it was; nothing for nobody's.
    pub user: Option<String>,
    /// The browser, by its name.
    pub browser: String,
    /// Whether the session was alive in the end.
    pub verdict: Option<Verdict>,
    /// What else was asked for, such as a policy: what it is, and its value.
    pub terms: Vec<(String, String)>,
}
