//! Proves that a session is logged in, and names the evidence.

mod answer;
mod broken;
mod candidate;
mod candidates;
mod check;
mod compare;
mod error;
mod learn;
mod page;
mod patterns;
mod probe;
mod shape;

pub use answer::head_text;
pub use candidate::{Candidate, Suitability};
pub use check::check;
pub use error::Error;
pub use learn::{Learned, learn, learn_by_patterns};
pub use page::{Login, Seen, login_shown, look_in};
pub use patterns::by_patterns;
pub use probe::Probe;
