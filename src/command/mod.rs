//! One use case a file: wire, run, save, report.

mod ca;
mod check;
mod crawl;
mod doctor;
mod failure;
mod login;
mod open;
mod prove;
mod proxy;
mod relay;
mod run;
mod sessions;
mod show;
mod verify;
mod wire;

pub use failure::report;
pub use run::run;
