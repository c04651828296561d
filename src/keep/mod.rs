//! Keeps sessions alive while they are used: notices that one has died, renews it once, and lets everybody wait for it.

mod carriers;
mod confirm;
mod door;
mod error;
mod followed;
mod handler;
mod hold;
mod leased;
mod limits;
mod living;
mod login;
mod peek;
mod phase;
mod revive;
mod roster;
mod rotation;
mod rounds;
mod saved;
mod sign;
mod tend;
mod trade;
mod watch;
mod who;

pub use error::{Fault, GivenUp, Refused};
pub use followed::Followed;
pub use handler::Keeper;
pub use hold::{Hold, Ticket};
pub use limits::Limits;
pub use living::Living;
pub use login::{Login, Why};
pub use roster::Roster;
pub use rotation::Rotation;
pub use rounds::{Settled, Wanted, Weight};
pub use watch::{Every, Strategy, Watch};
pub use who::{Asked, Who};
