//! What can go wrong with writing a report.

use std::{io, path::PathBuf};

/// An error of the report room.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A folder or file cannot be written.
    #[error("cannot write `{path}`\nhint: name a folder that can be written with --output")]
    Write {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}
