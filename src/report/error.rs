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
    /// A crawl has left nothing to go on from.
    #[error(
        "no crawl was cut off in `{path}`\nhint: a crawl that is complete leaves nothing to go on from; without --resume a new one begins"
    )]
    NoCheckpoint {
        /// The folder.
        path: PathBuf,
    },
    /// What a crawl left to go on from cannot be read.
    #[error("cannot read where the crawl in `{path}` was left: {reason}\nhint: begin anew, without --resume")]
    Checkpoint {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}
