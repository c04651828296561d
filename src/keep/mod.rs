//! Keeps sessions alive while they are used: notices that one has died, renews it once, and lets everybody wait for it.

mod confirm;
mod error;
mod handler;
mod limits;
mod living;
mod login;
mod peek;
mod roster;
mod saved;
mod sign;
mod tend;
mod watch;
mod who;

pub use error::{Fault, GivenUp, Refused};
pub use handler::Keeper;
pub use limits::Limits;
pub use living::{Counts, Living};
pub use login::{Login, Why};
pub use roster::Roster;
pub use watch::{Every, Strategy, Watch};
pub use who::{Asked, Who};
