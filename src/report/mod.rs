//! Writes what was found to files that other tools read.

mod error;
mod graph;
mod har;
mod output;
mod redactor;
mod requests;

pub use error::Error;
pub use output::{Output, Written};
pub use redactor::Redactor;
