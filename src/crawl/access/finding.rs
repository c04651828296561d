//! What came of comparing the users of an application.

use super::{Matrix, Ruling};

/// Who reaches what, and what became of trying each user's requests as the others.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// What the crawls reached by themselves.
    pub matrix: Matrix,
    /// What the replays found, the gravest first.
    pub findings: Vec<Finding>,
    /// How many requests were sent for it.
    pub requests: usize,
    /// How many endpoints were not tried because of the limit.
    pub left_out: usize,
}

/// One request of one user, tried as another.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The user whose request it is.
    pub owner: String,
    /// The user as whom it was sent.
    pub other: String,
    /// The method.
    pub method: String,
    /// The route of its endpoint.
    pub route: String,
    /// The address that was asked for; it may hold secrets.
    pub url: url::Url,
    /// What the owner was answered with.
    pub owner_status: u16,
    /// What the other user was answered with; 0 for no answer.
    pub status: u16,
    /// The users whose own interfaces ask for this endpoint.
    pub asked_by: Vec<String>,
    /// The verdict.
    pub ruling: Ruling,
}

/// How far the replays go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many requests are sent at most.
    pub requests: usize,
    /// Whether requests that write are sent again too.
    pub writes: bool,
}
