//! Runs session scripts, written to the interface of ZAP's, in an embedded JavaScript engine without access to anything.

mod error;
mod fault;
mod globals;
mod host;
mod kept;
mod limits;
mod message;
mod realm;
mod session_script;
mod text;
mod values;
mod wire;
mod worker;

pub use error::Error;
pub use fault::{Fault, Place};
pub use globals::Globals;
pub use limits::Limits;
pub use message::Message;
pub use session_script::SessionScript;
pub use values::Values;
