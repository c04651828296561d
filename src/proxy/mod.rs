//! An intercepting proxy for HTTP, HTTPS and WebSocket traffic that knows nothing of sessions.

mod address;
mod answer;
mod authority;
mod body;
mod client;
mod connect;
mod dial;
mod ending;
mod error;
mod exchange;
mod first;
mod handler;
mod headers;
mod leaf;
mod line;
mod link;
mod pass;
mod pool;
mod serve;
mod server;
mod target;
mod tee;
mod trust;
mod upgrade;

pub use answer::page;
pub use authority::Authority;
pub use body::{Body, BoxError, boxed, empty, full, read};
pub use client::Client;
pub use error::Error;
pub use exchange::{Exchange, Tunnel};
pub use handler::{Handler, Next, PassThrough};
pub use server::{STOP_LIMIT, Server};
pub use tee::{Captured, tee};
pub use trust::Trust;
