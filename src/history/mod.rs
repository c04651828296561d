//! What passed the proxy, kept in a database of limited size, without secrets.

mod carried;
mod database;
mod decode;
mod draft;
mod entry;
mod error;
mod filter;
mod mask;
mod record;
mod recording;
mod schema;
mod writer;

pub use carried::Carried;
pub use database::Database;
pub use entry::{Entry, Extent, Message};
pub use error::Error;
pub use filter::{Filter, StatusRange};
pub use mask::{Mask, Secrecy};
pub use record::{BODY_LIMIT, History, Settings, TOTAL_LIMIT};
pub use recording::Recording;
