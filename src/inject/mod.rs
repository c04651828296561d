//! Puts a session into a browser or onto a request.

mod cookie_header;
mod repeated_cookie;
mod request;

pub use request::{Mode, Stamp, Stamped};
