//! Reads a session out of a browser and its traffic.

mod capture;
mod cookies;
mod csrf;
mod detect;
mod error;
mod exchanges;
mod explain;
mod headers;
mod inside;
mod insight;
mod lifetime;
mod origins;
mod page_tokens;
mod read;
mod sinks;
mod sources;

pub use capture::{capture, login_request};
pub use detect::{Detected, detect};
pub use error::Error;
pub use exchanges::{from_credentials, from_exchanges};
pub use explain::explain;
pub use headers::is_own_header;
pub use insight::insight;
pub use lifetime::lifetime;
pub use read::{Harvest, read, read_tabs};
