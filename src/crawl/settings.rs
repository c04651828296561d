//! How far a crawl goes, and how many browsers it uses.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use regex::Regex;

use super::policy::Policy;
use crate::proxy::Reach;

/// The limits of a crawl.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many browsers work side by side.
    pub browsers: usize,
    /// When to stop, counted from the start; nothing for no limit.
    pub max_duration: Option<Duration>,
    /// After how many states to stop; nothing for no limit.
    pub max_states: Option<usize>,
    /// How many actions away from the start a state may lie for its actions to be tried.
    pub max_depth: usize,
    /// How long to wait at most for a page to come to rest after an action.
    pub settle_limit: Duration,
    /// What to put into fields: the name or label of a field, and its value.
    pub values: Vec<(String, String)>,
    /// How many bytes of each body are kept.
    pub body_limit: usize,
    /// How often it is told where the crawl stands; nothing for never.
    pub save_every: Option<Duration>,
    /// Of how many states a picture is taken; 0 for none.
    pub pictures: usize,
    /// Whether routes and endpoints are sought without clicking as well.
    pub mine: Mining,
    /// What is done about actions that do harm.
    pub policy: Policy,
    /// Whether each origin's `robots.txt` is obeyed.
    pub robots: Robots,
    /// Elements whose names match one of these are left alone.
    pub exclude_texts: Vec<Regex>,
    /// Elements that match one of these CSS selectors, or stand within one that does, are left alone.
    pub exclude_selectors: Vec<String>,
    /// How many requests in scope are sent in a second at most, over all browsers; nothing for no limit.
    pub max_rate: Option<f64>,
    /// A header that tells the application who asks; it goes with requests in scope.
    pub identify: Option<(HeaderName, HeaderValue)>,
    /// Where the browsers are, seen from the proxies that they use.
    pub reach: Reach,
    /// Whether answers that say that the session has ended wait until it is renewed.
    pub holding: Holding,
}

/// What becomes of answers that say that the session has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Holding {
    /// They are held, the session is renewed, and the page gets the answer to the same request with the new one.
    #[default]
    On,
    /// The page gets them.
    Off,
}

/// Whether scripts, documents and lists are read for routes and endpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mining {
    /// They are, and what they name is asked for.
    #[default]
    On,
    /// Only interaction counts.
    Off,
}

/// What is done about the `robots.txt` of the origins in scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Robots {
    /// It is read for addresses, as any other text.
    #[default]
    Ignored,
    /// What it does not allow is not opened: no page, no link, no form, nothing that was mined. What a page's own scripts
    /// ask for is theirs.
    Obeyed,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            browsers: DEFAULT_BROWSERS,
            max_duration: None,
            max_states: None,
            max_depth: DEFAULT_DEPTH,
            settle_limit: Duration::from_secs(10),
            values: Vec::new(),
            body_limit: 64 * 1024,
            save_every: None,
            pictures: DEFAULT_PICTURES,
            mine: Mining::On,
            policy: Policy::default(),
            robots: Robots::default(),
            exclude_texts: Vec::new(),
            exclude_selectors: Vec::new(),
            max_rate: None,
            identify: None,
            reach: Reach::Here,
            holding: Holding::On,
        }
    }
}

/// How many browsers there are unless told otherwise.
pub const DEFAULT_BROWSERS: usize = 2;
/// How deep a crawl goes unless told otherwise.
pub const DEFAULT_DEPTH: usize = 30;
/// Of how many states there are pictures unless told otherwise.
pub const DEFAULT_PICTURES: usize = 1_000;
