//! The server-side home of sessions: one SQLite database that many processes share.

use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Error, Lease, Reference, State, Summary, clock::now, file, schema};

/// Keeps sessions by name, and reads and writes session files for references that name one.
///
/// All calls block, for some ten milliseconds as a rule and for ten seconds at most while another process
/// writes: in async code, call them through `spawn_blocking` where that matters. Clones share one
/// connection. What was saved survives the process being killed.
#[derive(Debug, Clone)]
pub struct Store(Arc<Mutex<Connection>>);

impl Store {
    /// Opens the store in the directory `home`, and makes both where they are missing.
    ///
    /// A new directory is open to its owner alone (0700), and so is the database always (0600). Fails
    /// where the place cannot be used, and where a newer handstamp has been there.
    pub fn open(home: &Path) -> Result<Self, Error> {
        let path = make_place(home).map_err(|source| Error::Home { path: home.to_owned(), source })?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        schema::prepare(&mut connection)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Reads a session. Fails where there is none, and on what [`file::from_json`] refuses.
    pub fn load(&self, reference: &Reference) -> Result<State, Error> {
        let name = match reference {
            Reference::File(path) => return file::read(path),
            Reference::Name(name) => name,
        };
        let body: Option<String> = self
            .lock()
            .query_row("SELECT body FROM sessions WHERE name = ?1", [name], |row| row.get(0))
            .optional()?;
        let body = body.ok_or_else(|| Error::NotFound { reference: name.clone() })?;
        file::parse(body.as_bytes())
            .map_err(|source| Error::InStore { name: name.clone(), source: Box::new(source) })
    }

    /// Saves a session in the place of what was there; its generation grows by one.
    pub fn save(&self, reference: &Reference, state: &State) -> Result<(), Error> {
        let name = match reference {
            Reference::File(path) => return file::write(path, state),
            Reference::Name(name) => name,
        };
        let verdict = state.verdict.as_ref().map(|verdict| serde_json::json!(verdict).to_string());
        self.lock().execute(
            "INSERT INTO sessions (name, body, verdict, created, updated, expires, generation)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
             ON CONFLICT (name) DO UPDATE SET body = excluded.body, verdict = excluded.verdict,
                 created = excluded.created, updated = excluded.updated, expires = excluded.expires,
                 generation = generation + 1",
            params![
                name,
                file::to_json(state).to_string(),
                verdict,
                if state.created > 0 { state.created } else { now() },
                now(),
                state.expires()
            ],
        )?;
        Ok(())
    }

    /// Removes a session. Returns whether there was one.
    pub fn remove(&self, reference: &Reference) -> Result<bool, Error> {
        match reference {
            Reference::Name(name) => {
                Ok(self.lock().execute("DELETE FROM sessions WHERE name = ?1", [name])? > 0)
            }
            Reference::File(path) => match fs::remove_file(path) {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(source) => Err(Error::Unwritable { path: path.clone(), source }),
            },
        }
    }

    /// A number that grows with each save, so that one process sees that another has renewed the session.
    ///
    /// `None` where there is no such session. For a file it is the time of its last change.
    pub fn generation(&self, reference: &Reference) -> Result<Option<u64>, Error> {
        match reference {
            Reference::Name(name) => Ok(self
                .lock()
                .query_row("SELECT generation FROM sessions WHERE name = ?1", [name], |row| {
                    row.get::<_, i64>(0).map(i64::unsigned_abs)
                })
                .optional()?),
            Reference::File(path) => match fs::metadata(path).and_then(|meta| meta.modified()) {
                Ok(time) => {
                    let age = time.duration_since(UNIX_EPOCH).unwrap_or_default();
                    Ok(Some(age.as_nanos().try_into().unwrap_or(u64::MAX)))
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(source) => Err(Error::Unreadable { path: path.clone(), source }),
            },
        }
    }

    /// What is in the store, by name.
    pub fn list(&self) -> Result<Vec<Summary>, Error> {
        let database = self.lock();
        let mut statement = database.prepare(
            "SELECT name, created, updated, expires, generation, verdict FROM sessions ORDER BY name",
        )?;
        let rows = statement.query_map([], summary)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Removes the sessions that have ended at the time `now`, in Unix seconds, or are known to be stale.
    ///
    /// Returns their names. Whether one has ended is told by [`State::expires`] at its last save.
    pub fn prune(&self, now: i64) -> Result<Vec<String>, Error> {
        let database = self.lock();
        let mut statement = database.prepare(
            "DELETE FROM sessions
             WHERE expires <= ?1 OR json_extract(verdict, '$.state') = 'stale'
             RETURNING name",
        )?;
        let mut names = statement.query_map([now], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        names.sort();
        Ok(names)
    }

    /// Asks for the right to log in for this session, for `ttl` at most.
    ///
    /// `None` while somebody else has it, in this process or another. A lease whose process has died is
    /// free at once where that can be told, else when it runs out.
    pub fn lease(&self, reference: &Reference, ttl: Duration) -> Result<Option<Lease>, Error> {
        Lease::take(&self.0, reference.key(), ttl)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let verdict: Option<String> = row.get("verdict")?;
    Ok(Summary {
        name: row.get("name")?,
        created: row.get("created")?,
        updated: row.get("updated")?,
        expires: row.get("expires")?,
        generation: row.get::<_, i64>("generation")?.unsigned_abs(),
        verdict: verdict.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

/// Makes the directory and the empty database with tight modes; SQLite gives its side files the same.
fn make_place(home: &Path) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(home)?;
    let path = home.join(FILE_NAME);
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(path)
}

/// The database's name in the home directory.
const FILE_NAME: &str = "sessions.db";

/// How long a call waits for another process to finish writing.
const PATIENCE: Duration = Duration::from_secs(10);
