//! Log in once, in a real browser, and be logged in everywhere: the library behind the `handstamp` command.

pub mod browser;
pub mod cli;
pub mod command;
pub mod context;
pub mod crawl;
pub mod gateway;
pub mod harvest;
pub mod history;
pub mod inject;
pub mod keep;
pub mod login;
pub mod proxy;
pub mod report;
pub mod script;
pub mod session;
pub mod site;
pub mod verify;
