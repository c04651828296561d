//! What can go wrong with the history.

use std::{io, path::PathBuf};

/// An error of the history room.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory or the file cannot be made or read.
    #[error("the history cannot be kept in `{}`\nhint: set HANDSTAMP_HOME to a directory that can be written, or use `--no-history`", path.display())]
    Place {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A newer handstamp has written it.
    #[error("the history in `{}` has format {found}, and this handstamp knows no more than {known}\nhint: upgrade handstamp, or remove the file", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that is known.
        known: i64,
    },
    /// The database failed.
    #[error(
        "the history cannot be read or written\nhint: is the disk full? if the file is damaged, remove `history.db`"
    )]
    Database(#[from] rusqlite::Error),
    /// The thread that writes could not be started.
    #[error("the history's writer cannot be started")]
    Writer(#[source] io::Error),
}
