//! Logins that ask for more than a password: codes, prompts of the browser, other origins, and people.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

#[path = "factors/code.rs"]
mod code;
#[path = "factors/gate.rs"]
mod gate;
#[path = "factors/person.rs"]
mod person;
#[path = "factors/prompt.rs"]
mod prompt;
#[path = "factors/provider.rs"]
mod provider;
#[path = "factors/sign_on.rs"]
mod sign_on;
#[path = "factors/verdict.rs"]
mod verdict;
