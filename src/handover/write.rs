//! Writes what is secret: whole or not at all, and for its owner alone.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::Error;
use crate::session::Secret;

/// Writes a file that only its owner may read; it appears whole, or what was there stays.
///
/// Fails where the directory does not take it.
pub fn write_private(path: &Path, text: &Secret) -> Result<(), Error> {
    replace(path, text.expose()).map_err(|source| Error::Unwritable { path: path.to_owned(), source })
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    // Temporary files are made with mode 0600, which the rename keeps.
    let mut file = tempfile::Builder::new().prefix(".handstamp-").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
