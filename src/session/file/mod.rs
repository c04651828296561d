//! The session file: Playwright's storageState, with what handstamp adds under one key of its own.

mod decode;
mod disk;
mod encode;
mod keyed;
mod migrate;

pub use decode::from_json;
pub(super) use disk::parse;
pub use disk::{ensure_writable, read, write};
pub use encode::to_json;
