//! Finds the login form, walks its steps, and tells what came of it.

mod body;
mod credentials;
mod direct;
mod error;
mod extra;
mod fill;
mod find;
mod hidden;
mod judge;
mod look;
mod outcome;
mod run;
mod scene;
mod send;
mod step;
mod watch;
mod witness;

pub use body::Encoding;
pub use credentials::Credentials;
pub use direct::{Direct, DirectSettings, direct};
pub use error::Error;
pub use look::preload;
pub use outcome::{Outcome, Refusal};
pub use run::{Login, Settings, run};
pub use step::Step;
pub use witness::Witness;
