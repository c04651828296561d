//! The stand-ins for drivers, as tools start them: their arguments, their end, and browsers that are logged in.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

#[path = "stand_ins/bare.rs"]
mod bare;
#[path = "stand_ins/ends.rs"]
mod ends;
#[path = "stand_ins/links.rs"]
mod links;
#[path = "stand_ins/raw.rs"]
mod raw;
#[path = "stand_ins/reach.rs"]
mod reach;
#[path = "stand_ins/stage.rs"]
mod stage;
#[path = "stand_ins/tools.rs"]
mod tools;
#[path = "stand_ins/who.rs"]
mod who;
