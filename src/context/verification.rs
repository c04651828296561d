//! How a context tells a logged-in answer from a logged-out one.

use url::Url;

use crate::{session::Secret, site::Pattern};

/// When to look, and what to look for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// When to look.
    pub strategy: Strategy,
    /// Where it is found, the user is logged in.
    pub logged_in: Option<Pattern>,
    /// Where it is found, the user is logged out.
    pub logged_out: Option<Pattern>,
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Strategy {
    /// Each response.
    Response,
    /// Each request.
    Request,
    /// Each request and its response.
    Both,
    /// The answer to a request of its own.
    Poll(Poll),
    /// Whatever is learned at the login.
    #[default]
    Autodetect,
}

/// A request that is made now and then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// Where it goes.
    pub url: Url,
    /// Its method; by default `GET`, or `POST` where there is a body.
    pub method: String,
    /// Its body.
    pub body: Option<Secret>,
    /// Its headers, in order, beside those of the session.
    pub headers: Vec<(String, Secret)>,
    /// How often.
    pub frequency: Frequency,
}

/// How often a poll is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// After so many requests.
    Requests(u32),
    /// After so many seconds.
    Seconds(u32),
}

impl Strategy {
    /// The word for it in configurations and messages.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Request => "request",
            Self::Both => "both",
            Self::Poll(_) => "poll",
            Self::Autodetect => "autodetect",
        }
    }
}
