//! Where a crawl stands, so that it can go on from there another time.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{book::Book, record::Record};

/// Where a crawl stands: what it knows and what waits. Its requests are kept apart, for they only ever grow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Which form it has.
    pub schema: String,
    /// Where the crawl began.
    pub start: Url,
    /// How long it went on.
    pub spent: Duration,
    pub(super) book: Book,
    /// The requests since the checkpoint before; all of them when a crawl goes on from here.
    #[serde(skip)]
    pub records: Vec<Record>,
}

impl Checkpoint {
    pub(super) fn new(start: Url, spent: Duration, book: Book, records: Vec<Record>) -> Self {
        Self { schema: SCHEMA.to_owned(), start, spent, book, records }
    }

    /// Whether this version can go on from it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.schema == SCHEMA
    }

    /// How many actions wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.book.frontier.waiting()
    }
}

const SCHEMA: &str = "handstamp.checkpoint/1";
