//! Proves that a session is logged in, and names the evidence.

mod answer;
mod candidates;
mod check;
mod compare;
mod error;
mod learn;
mod page;
mod probe;
mod shape;

pub use answer::{head_text, header_texts};
pub use check::check;
pub use error::Error;
pub use learn::{Learned, learn};
pub use page::{Login, Seen, login_shown, look_in};
pub use probe::Probe;
