//! The server-side home of sessions: one `SQLite` database that many processes share.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    Accounts, Codes, Error, Lease, Reference, Secret, Sites, State, Summary, clock::now, file,
    protection::Protection, schema,
};

/// Keeps sessions by name, and reads and writes session files for references that name one.
///
/// All calls block, for some ten milliseconds as a rule and for ten seconds at most while another process
/// writes: in async code, call them through `spawn_blocking` where that matters. Clones share one
/// connection. What was saved survives the process being killed.
#[derive(Debug, Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    protection: Protection,
}

impl Store {
    /// Opens the store in the directory `home`, and makes both where they are missing.
    ///
    /// A new directory is open to its owner alone (0700), and so is the database always (0600). Fails
    /// where the place cannot be used, and where a newer handstamp has been there.
    pub fn open(home: &Path) -> Result<Self, Error> {
        Self::open_with(home, None)
    }

    /// Opens the store, whose sessions are encrypted at rest with `key`; those that are not yet are encrypted now.
    ///
    /// Names, dates and verdicts stay readable, for they hold no secret. Fails, besides what [`Store::open`] fails on, with
    /// [`Error::Locked`] where the sessions are encrypted with another key, and on a key of less than 32 bytes.
    pub fn open_with(home: &Path, key: Option<&Secret>) -> Result<Self, Error> {
        let unusable = |source| Error::Home { path: home.to_owned(), source };
        let alone = lock(home).map_err(unusable)?;
        let path = make_database(home).map_err(unusable)?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        schema::prepare(&mut connection)?;
        let protection = Protection::of(&mut connection, key)?;
        drop(alone);
        Ok(Self { connection: Arc::new(Mutex::new(connection)), protection })
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
        let body = self.protection.open(name, body)?;
        file::parse(body.as_bytes())
            .map_err(|source| Error::InStore { name: name.clone(), source: Box::new(source) })
    }

    /// Tells whether a session could be saved here, before much work is done for it.
    pub fn ensure_writable(&self, reference: &Reference) -> Result<(), Error> {
        match reference {
            Reference::File(path) => file::ensure_writable(path),
            Reference::Name(_) if matches!(self.protection, Protection::Locked) => Err(Error::Locked),
            Reference::Name(_) => Ok(()),
        }
    }

    /// Saves a session in the place of what was there; its generation grows by one.
    pub fn save(&self, reference: &Reference, state: &State) -> Result<(), Error> {
        let name = match reference {
            Reference::File(path) => return file::write(path, state),
            Reference::Name(name) => name,
        };
        let body = self.protection.seal(name, file::to_json(state).to_string())?;
        let verdict = state.verdict.as_ref().map(|verdict| serde_json::json!(verdict).to_string());
        self.lock().execute(
            "INSERT INTO sessions (name, body, verdict, created, updated, expires, generation)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
             ON CONFLICT (name) DO UPDATE SET body = excluded.body, verdict = excluded.verdict,
                 created = excluded.created, updated = excluded.updated, expires = excluded.expires,
                 generation = generation + 1",
            params![
                name,
                body,
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
        Lease::take(&self.connection, reference.key(), ttl)
    }

    /// How the logins of each user went.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Accounts(self.connection.clone())
    }

    /// Which one-time passwords were used.
    #[must_use]
    pub fn codes(&self) -> Codes {
        Codes(self.connection.clone())
    }

    /// The sessions and tokens of each site.
    #[must_use]
    pub fn sites(&self) -> Sites {
        Sites(self.connection.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Makes the directory, and waits until nobody else is opening the store; dropping the file lets the next in.
///
/// `SQLite` does not wait for others while it switches a new database to write-ahead logging.
fn lock(home: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(home)?;
    let file = owned().create(true).append(true).open(home.join(LOCK_NAME))?;
    file.lock()?;
    Ok(file)
}

/// Makes the empty database where there is none; `SQLite` gives its side files the same mode.
///
/// One that is there must not be opened but by `SQLite`: closing it drops the locks of the whole process.
fn make_database(home: &Path) -> io::Result<PathBuf> {
    let path = home.join(FILE_NAME);
    match owned().create_new(true).write(true).open(&path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => fs::set_permissions(&path, Permissions::from_mode(OWNER_ALONE))?,
    }
    Ok(path)
}

fn owned() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(OWNER_ALONE);
    options
}

/// Read and write for the owner, nothing for others.
const OWNER_ALONE: u32 = 0o600;

/// The name of the file that is locked while the store is opened.
const LOCK_NAME: &str = "sessions.lock";

/// The database's name in the home directory.
const FILE_NAME: &str = "sessions.db";

/// How long a call waits for another process to finish writing.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cookie, Verdict};

    fn store() -> (tempfile::TempDir, Store) {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(&home.path().join("home")).unwrap();
        (home, store)
    }

    fn name(text: &str) -> Reference {
        Reference::Name(text.into())
    }

    fn state(value: &str, expires: Option<i64>) -> State {
        let cookie = Cookie {
            name: "sid".into(),
            value: value.into(),
            domain: "shop.example".into(),
            path: "/".into(),
            expires,
            http_only: true,
            ..Cookie::default()
        };
        State { cookies: vec![cookie], created: 7, ..State::default() }
    }

    #[test]
    fn what_is_saved_is_loaded_again_by_whoever_opens_the_store() {
        let (home, store) = store();
        store.save(&name("shop/jim"), &state("x", None)).unwrap();
        let other = Store::open(&home.path().join("home")).unwrap();
        assert_eq!(other.load(&name("shop/jim")).unwrap(), state("x", None));
        assert!(matches!(other.load(&name("shop/ann")), Err(Error::NotFound { .. })));
    }

    #[test]
    fn the_generation_grows_by_one_with_each_save() {
        let (_home, store) = store();
        assert_eq!(store.generation(&name("a")).unwrap(), None);
        for number in 1..=3 {
            store.save(&name("a"), &state("x", None)).unwrap();
            assert_eq!(store.generation(&name("a")).unwrap(), Some(number));
        }
    }

    #[test]
    fn a_list_tells_about_each_session_and_holds_no_secret() {
        let (_home, store) = store();
        let verdict = Verdict::Proven { evidence: "200 instead of 401".into() };
        store
            .save(&name("b"), &State { verdict: Some(verdict.clone()), ..state("planted", Some(9)) })
            .unwrap();
        store.save(&name("a"), &state("planted", None)).unwrap();
        let list = store.list().unwrap();
        assert_eq!(list.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((list[1].created, list[1].expires, list[1].generation), (7, Some(9), 1));
        assert_eq!(list[1].verdict, Some(verdict));
        assert!(!format!("{list:?}").contains("planted"));
    }

    #[test]
    fn pruning_removes_what_has_ended_or_is_stale_and_nothing_else() {
        let (_home, store) = store();
        let stale = Verdict::Stale { evidence: "401".into() };
        store.save(&name("ended"), &state("x", Some(100))).unwrap();
        store.save(&name("stale"), &State { verdict: Some(stale), ..state("x", None) }).unwrap();
        store.save(&name("alive"), &state("x", Some(101))).unwrap();
        store.save(&name("open"), &state("x", None)).unwrap();
        assert_eq!(store.prune(100).unwrap(), ["ended", "stale"]);
        assert_eq!(store.list().unwrap().len(), 2);
    }

    #[test]
    fn removing_tells_whether_there_was_something() {
        let (home, store) = store();
        let file = Reference::File(home.path().join("s.json"));
        for reference in [name("a"), file] {
            assert!(!store.remove(&reference).unwrap());
            store.save(&reference, &state("x", None)).unwrap();
            assert!(store.remove(&reference).unwrap());
            assert!(store.load(&reference).is_err());
        }
    }

    #[test]
    fn everything_in_the_store_is_for_its_owner_alone() {
        let (home, store) = store();
        store.save(&name("a"), &state("x", None)).unwrap();
        let home = home.path().join("home");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&home), 0o700);
        let files: Vec<_> = fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 2, "{files:?}");
        for path in files {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }

    #[test]
    fn a_store_of_a_newer_handstamp_is_refused_with_a_hint() {
        let (home, store) = store();
        store.lock().pragma_update(None, "user_version", 99).unwrap();
        let error = Store::open(&home.path().join("home")).unwrap_err();
        assert!(matches!(error, Error::Newer { found: 99, .. }));
        assert!(error.to_string().contains("hint: upgrade handstamp"));
    }

    #[test]
    fn a_home_that_is_no_directory_is_refused_with_a_hint() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Store::open(file.path()).unwrap_err();
        assert!(matches!(error, Error::Home { .. }));
        assert!(error.to_string().contains("hint: set HANDSTAMP_HOME"));
    }

    #[test]
    fn many_threads_open_the_same_new_store_at_once() {
        let home = tempfile::tempdir().unwrap();
        let save = |number: u32| {
            let store = Store::open(home.path()).unwrap();
            store.save(&name(&format!("s{number}")), &state("x", None)).unwrap();
        };
        std::thread::scope(|scope| (0..8).for_each(|number| drop(scope.spawn(move || save(number)))));
        assert_eq!(Store::open(home.path()).unwrap().list().unwrap().len(), 8);
    }

    #[test]
    fn a_store_is_encrypted_with_what_it_holds_and_opens_with_its_key_only() {
        let (home, plain) = store();
        plain.save(&name("old"), &state("planted-1", None)).unwrap();
        drop(plain);
        let path = home.path().join("home");
        let key = Secret::from("k".repeat(32).as_str());
        let sealed = Store::open_with(&path, Some(&key)).unwrap();
        sealed.save(&name("new"), &state("planted-2", None)).unwrap();
        assert_eq!(sealed.load(&name("old")).unwrap(), state("planted-1", None));
        for file in fs::read_dir(&path).unwrap().flatten() {
            let bytes = fs::read(file.path()).unwrap();
            assert!(!bytes.windows(7).any(|w| w == b"planted"), "{:?}", file.path());
        }
        let keyless = Store::open(&path).unwrap();
        assert_eq!(keyless.list().unwrap().len(), 2);
        assert!(matches!(keyless.load(&name("old")), Err(Error::Locked)));
        assert!(matches!(keyless.save(&name("old"), &state("x", None)), Err(Error::Locked)));
        let other = Secret::from("x".repeat(32).as_str());
        assert!(matches!(Store::open_with(&path, Some(&other)), Err(Error::Locked)));
        assert_eq!(
            Store::open_with(&path, Some(&key)).unwrap().load(&name("new")).unwrap(),
            state("planted-2", None)
        );
    }
}
