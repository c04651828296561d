//! Finds the login form, walks its steps, and tells what came of it.

mod credentials;
mod error;
mod fill;
mod look;
mod outcome;
mod run;
mod step;
mod watch;

pub use credentials::Credentials;
pub use error::Error;
pub use outcome::{Outcome, Refusal};
pub use run::{Login, Settings, run};
pub use step::Step;
