//! Proves that a session is logged in, and names the evidence.

mod answer;
mod broken;
mod candidate;
mod candidates;
mod check;
mod compare;
mod error;
mod learn;
mod minimal;
mod minimal_browsers;
mod minimal_requests;
mod page;
mod part;
mod patterns;
mod probe;
mod shape;
mod trial;

pub use answer::head_text;
pub use candidate::{Candidate, Suitability};
pub use check::check;
pub use error::Error;
pub use learn::{Learned, learn, learn_by_patterns};
pub use minimal_browsers::{Shown, try_in_browsers};
pub use minimal_requests::try_on_requests;
pub use page::{Login, Seen, login_shown, look_in};
pub use part::Part;
pub use patterns::by_patterns;
pub use probe::Probe;
pub use trial::{Budget, End, Sets, Trial};
