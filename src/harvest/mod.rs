//! Reads a session out of a browser and its traffic.

mod capture;
mod cookies;
mod detect;
mod error;
mod exchanges;
mod headers;
mod origins;
mod read;
mod sources;

pub use capture::{capture, login_request};
pub use detect::{Detected, detect};
pub use error::Error;
pub use exchanges::{from_credentials, from_exchanges};
pub use read::{Harvest, read};
