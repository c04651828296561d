//! Sessions in the formats of other tools, both ways, and commands that run logged in.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

#[path = "formats/bad.rs"]
mod bad;
#[path = "formats/built.rs"]
mod built;
#[path = "formats/commands.rs"]
mod commands;
#[path = "formats/round.rs"]
mod round;
#[path = "formats/run.rs"]
mod run;
#[path = "formats/sample.rs"]
mod sample;
#[path = "formats/tools.rs"]
mod tools;
