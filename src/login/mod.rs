//! Finds the login form, walks its steps, and tells what came of it.

mod beyond;
mod body;
mod code;
mod credentials;
mod direct;
mod elsewhere;
mod error;
mod extra;
mod fill;
mod find;
pub mod flow;
mod hidden;
mod judge;
mod look;
mod outcome;
mod person;
mod prompted;
mod run;
mod scene;
mod send;
mod step;
mod totp;
mod watch;
mod witness;
mod words;

pub use body::Encoding;
pub use credentials::Credentials;
pub use direct::{Direct, DirectSettings, direct};
pub use error::Error;
pub use flow::{Flow, play};
pub use look::{is_asked, preload};
pub use outcome::{Outcome, Refusal};
pub use run::{Login, Settings, run};
pub use step::Step;
pub use totp::Totp;
pub use witness::Witness;
