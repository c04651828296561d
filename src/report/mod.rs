//! Writes what was found to files that other tools read.

mod archive;
mod error;
mod graph;
mod har;
mod history;
mod output;
mod redactor;
mod requests;

pub use error::Error;
pub use history::history_har;
pub use output::{Output, Written, write};
pub use redactor::Redactor;
