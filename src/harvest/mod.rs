//! Reads a session out of a browser and its traffic.

mod cookies;
mod error;
mod headers;
mod origins;
mod read;
mod sources;

pub use error::Error;
pub use read::{Harvest, read};
