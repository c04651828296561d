//! What proves a session, which of its parts it needs, and how few questions that takes.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

#[path = "proof/browsers.rs"]
mod browsers;
#[path = "proof/csrf.rs"]
mod csrf;
#[path = "proof/needed.rs"]
mod needed;
#[path = "proof/rounds.rs"]
mod rounds;
