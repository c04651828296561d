//! Keeps a session in ZAP: over its API in a ZAP that runs, or as files for one that is yet to start.

mod abilities;
mod api;
mod context;
mod cookies;
mod error;
mod files;
mod goods;
mod headers;
mod indicators;
mod note;
mod plan;
mod push;
mod receipt;
mod remove;
mod sites;

pub use api::Api;
pub use error::Error;
pub use files::files;
pub use goods::{Goods, Names};
pub use note::Note;
pub use push::{Pushed, push};
pub use receipt::Receipt;
pub use remove::{Removed, remove};
