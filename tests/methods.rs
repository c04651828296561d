//! Each session management method, end to end, through a proxy in front of servers that check what they get.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

#[path = "methods/carried.rs"]
mod carried;
#[path = "methods/direct.rs"]
mod direct;
#[path = "methods/http.rs"]
mod http;
#[path = "methods/leaks.rs"]
mod leaks;
#[path = "methods/login.rs"]
mod login;
#[path = "methods/stage.rs"]
mod stage;
