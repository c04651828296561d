//! Reads configurations: YAML with places, the description of its keys, and what is made of them.

mod contexts;
mod document;
mod fit;
mod keys;
mod keys_login;
mod logins;
mod schema;
mod shape;
mod single;
mod tree;
mod users;
mod value;
mod variables;
mod yaml;

pub(super) use document::document;
pub use schema::schema;
pub use tree::tree;
pub use variables::Lookup;
pub(super) use yaml::MOST_BYTES;
