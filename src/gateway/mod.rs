//! A WebDriver endpoint in front of real drivers or a grid, which puts a session into each new browser.

mod activity;
mod answer;
mod bare;
mod carry;
mod error;
mod event;
mod forward;
mod fresh;
mod front;
mod guard;
mod house;
mod opening;
mod order;
mod passage;
mod relay;
mod route;
mod seat;
mod server;
mod settings;
mod sockets;
mod upgrade;
mod users;
mod wish;

pub use error::Error;
pub use event::{Event, Reason};
pub use guard::{Guard, Locals, Peers};
pub use passage::{Passage, Told};
pub use server::Gateway;
pub use settings::{
    Behind, DEFAULT_IDLE_TIMEOUT, DEFAULT_MAX_SESSIONS, DEFAULT_QUEUE_TIMEOUT, RelaySockets, Settings,
};
pub use users::{Certificates, Users};
pub use wish::{Storage, Wish};
