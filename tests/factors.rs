//! Logins that ask for more than a password: codes, prompts of the browser, other origins, and people.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

#[path = "factors/code.rs"]
mod code;
#[path = "factors/gate.rs"]
mod gate;
