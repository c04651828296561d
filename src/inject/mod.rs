//! Puts a session into a browser or onto a request.

mod browser;
mod cookie_header;
mod error;
mod handler;
mod repeated_cookie;
mod request;
mod script;

pub use browser::{Injected, into_browser};
pub use error::Error;
pub use handler::Through;
pub use request::{Mode, Stamp, Stamped};
pub use script::Scripted;
