//! A WebDriver endpoint whose browsers are logged in: what its clients see, with real browsers and with a driver that does as it is told.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

#[path = "gateway/browsers.rs"]
mod browsers;
#[path = "gateway/commands.rs"]
mod commands;
#[path = "gateway/ends.rs"]
mod ends;
#[path = "gateway/grids.rs"]
mod grids;
#[path = "gateway/raw.rs"]
mod raw;
#[path = "gateway/stage.rs"]
mod stage;
