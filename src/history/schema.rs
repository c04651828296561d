//! The tables of the history, and the file that they lie in.

use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::Connection;

use super::Error;

/// Where the history of this home lies.
pub(super) fn path(home: &Path) -> PathBuf {
    home.join(FILE_NAME)
}

/// Opens the database and makes what is missing; it is for its owner alone.
pub(super) fn open(home: &Path) -> Result<Connection, Error> {
    let path = path(home);
    make(home, &path).map_err(|source| Error::Place { path: path.clone(), source })?;
    let connection = Connection::open(&path)?;
    connection.busy_timeout(PATIENCE)?;
    // Pages that are no longer used can be given back only if that is said before the first table.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    prepare(&connection, &path)?;
    Ok(connection)
}

fn prepare(connection: &Connection, path: &Path) -> Result<(), Error> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Err(Error::Newer { path: path.to_owned(), found, known: VERSION });
    }
    if found < VERSION {
        connection
            .execute_batch(&format!("BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"))?;
    }
    Ok(())
}

fn make(home: &Path, path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(home)?;
    match OpenOptions::new().write(true).create_new(true).mode(OWNER_ALONE).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::set_permissions(path, Permissions::from_mode(OWNER_ALONE)),
    }
}

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS exchanges (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        started INTEGER NOT NULL,
        duration INTEGER,
        method TEXT NOT NULL,
        url TEXT NOT NULL,
        host TEXT NOT NULL,
        status INTEGER,
        session TEXT,
        error TEXT,
        request_headers TEXT NOT NULL,
        request_body BLOB NOT NULL,
        request_size INTEGER NOT NULL,
        request_extent INTEGER NOT NULL,
        response_headers TEXT NOT NULL,
        response_body BLOB NOT NULL,
        response_size INTEGER NOT NULL,
        response_extent INTEGER NOT NULL
    );";

const VERSION: i64 = 1;
const FILE_NAME: &str = "history.db";
const OWNER_ALONE: u32 = 0o600;

/// How long a call waits for another process to finish writing.
const PATIENCE: Duration = Duration::from_secs(10);
