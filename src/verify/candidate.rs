//! A request that might have become the check, and why it did or did not.

use std::fmt;

use serde::Serialize;
use url::Position;

use crate::session::Check;

/// A request of the login that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The method.
    pub method: String,
    /// The address without its query, which may hold a token.
    pub url: String,
    /// What became of it.
    pub verdict: Suitability,
    /// Why, in words without secrets.
    pub why: String,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suitability {
    /// It is the check.
    Chosen,
    /// It would serve, and another serves better.
    Suitable,
    /// It does not tell a living session from a dead one.
    Rejected,
    /// It could not be asked.
    Failed,
    /// It was not asked, for a better one was found.
    Unasked,
}

impl fmt::Display for Suitability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chosen => "chosen",
            Self::Suitable => "suitable",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Unasked => "not asked",
        })
    }
}

impl Candidate {
    pub(super) fn new(check: &Check, verdict: Suitability, why: impl Into<String>) -> Self {
        let url = check.url[..Position::AfterPath].to_owned();
        Self { method: check.method.clone(), url, verdict, why: why.into() }
    }
}
