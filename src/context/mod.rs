//! Contexts and users as data: what is tested and as whom, read from YAML.

mod authentication;
mod config;
#[expect(clippy::module_inception, reason = "the room is named after the one thing that it is for")]
mod context;
mod error;
mod management;
mod problem;
mod read;
mod script;
mod secret_source;
mod step;
mod user;
mod verification;
mod words;

pub use authentication::{Authentication, BrowserLogin, ClientLogin, RequestLogin};
pub use config::Config;
pub use context::{Context, Logout, Renewal};
pub use error::Error;
pub use management::Management;
pub use problem::{Problem, Problems, Weight};
pub use read::{Lookup, schema, tree};
pub use script::{Script, ScriptSource};
pub use secret_source::SecretSource;
pub use step::{Step, StepKind};
pub use user::{Totp, User};
pub use verification::{Frequency, Poll, Strategy, Verification};
