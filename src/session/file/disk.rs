//! Session files on disk: read whole, written whole or not at all.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::super::{Error, State};
use super::{from_json, to_json};

/// Reads a session file, from Playwright or from handstamp.
///
/// Fails where there is none, where it cannot be read, and as [`from_json`] does.
pub fn read(path: &Path) -> Result<State, Error> {
    let text = fs::read(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => Error::NotFound { reference: path.display().to_string() },
        _ => Error::Unreadable { path: path.to_owned(), source },
    })?;
    parse(&text).map_err(|source| Error::InFile { path: path.to_owned(), source: Box::new(source) })
}

/// Writes a session file that only its owner may read.
///
/// It is written beside its place, flushed to the disk and renamed, so that a reader sees the old file or
/// the new one; a symbolic link stays one. Fails where the directory does not take it.
pub fn write(path: &Path, state: &State) -> Result<(), Error> {
    replace(path, state).map_err(|source| Error::Unwritable { path: path.to_owned(), source })
}

/// Tells whether a session file could be written here, before much work is done for it.
pub fn ensure_writable(path: &Path) -> Result<(), Error> {
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let refused = |source| Error::Unwritable { path: path.to_owned(), source };
    if path.is_dir() {
        return Err(refused(io::Error::from(ErrorKind::IsADirectory)));
    }
    tempfile::Builder::new().prefix(".handstamp-").tempfile_in(directory).map(drop).map_err(refused)
}

/// Reads a session from JSON text.
pub(in crate::session) fn parse(text: &[u8]) -> Result<State, Error> {
    from_json(serde_json::from_slice::<Value>(text).map_err(Error::NotJson)?)
}

fn replace(path: &Path, state: &State) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    // Temporary files are made with mode 0600, which the rename keeps.
    let mut file = tempfile::Builder::new().prefix(".handstamp-").tempfile_in(&directory)?;
    serde_json::to_writer_pretty(&mut file, &to_json(state))?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    File::open(&directory)?.sync_all()
}
