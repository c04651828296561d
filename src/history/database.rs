//! The database of the history: what is put in, what is taken out, what has to go.

use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

use super::{
    Error,
    entry::{Entry, Extent, Message},
    filter::Filter,
    schema,
};

/// The history as it lies on disk. Calls block.
#[derive(Debug)]
pub struct Database(Connection);

impl Database {
    /// Opens the history in the directory `home`, and makes it where it is missing.
    ///
    /// Fails where the place cannot be used, and where a newer handstamp has been there.
    pub fn open(home: &Path) -> Result<Self, Error> {
        Ok(Self(schema::open(home)?))
    }

    /// Opens the history in the directory `home` if there is one.
    pub fn open_existing(home: &Path) -> Result<Option<Self>, Error> {
        if schema::path(home).exists() { Self::open(home).map(Some) } else { Ok(None) }
    }

    /// The entries that a filter admits, the oldest of them first.
    pub fn entries(&self, filter: &Filter) -> Result<Vec<Entry>, Error> {
        let mut statement = self.0.prepare(
            "SELECT * FROM exchanges
             WHERE started >= :since
               AND (:method IS NULL OR method = :method COLLATE NOCASE)
               AND (:session IS NULL OR session = :session)
               AND (:first IS NULL OR status BETWEEN :first AND :last)
             ORDER BY id DESC",
        )?;
        let mut rows = statement.query(named_params! {
            ":since": filter.since.map_or(i64::MIN, millis),
            ":method": filter.method,
            ":session": filter.session,
            ":first": filter.status.map(|s| s.first),
            ":last": filter.status.map(|s| s.last),
        })?;
        let mut found = Vec::new();
        while let (true, Some(row)) = (found.len() < filter.limit.unwrap_or(usize::MAX), rows.next()?) {
            let entry = read(row)?;
            if filter.admits(&entry) {
                found.push(entry);
            }
        }
        found.reverse();
        Ok(found)
    }

    /// The entry with this number.
    pub fn entry(&self, id: i64) -> Result<Option<Entry>, Error> {
        Ok(self.0.query_row("SELECT * FROM exchanges WHERE id = ?1", [id], read).optional()?)
    }

    /// Removes everything and gives the space back. Returns how many entries there were.
    pub fn clear(&self) -> Result<usize, Error> {
        let count = self.0.execute("DELETE FROM exchanges", [])?;
        self.give_back()?;
        Ok(count)
    }

    /// Adds entries, all or none; their numbers are given here.
    pub(super) fn add(&mut self, entries: &[Entry]) -> Result<(), Error> {
        let transaction = self.0.transaction()?;
        for entry in entries {
            insert(&transaction, entry)?;
        }
        Ok(transaction.commit()?)
    }

    /// Removes the oldest entries when the whole has more than `limit` bytes, until there is some room again.
    pub(super) fn prune(&self, limit: u64) -> Result<(), Error> {
        let used = self.used()?;
        if used <= limit {
            return Ok(());
        }
        let excess = i64::try_from(used - limit / 10 * 9).unwrap_or(i64::MAX);
        self.0.execute(
            "DELETE FROM exchanges WHERE id <= (
                 SELECT coalesce(min(id), (SELECT max(id) FROM exchanges)) FROM (
                     SELECT id, sum(length(url) + length(request_headers) + length(request_body)
                         + length(response_headers) + length(response_body)) OVER (ORDER BY id) AS freed
                     FROM exchanges)
                 WHERE freed >= ?1)",
            [excess],
        )?;
        self.give_back()
    }

    /// How many bytes the pages in use have.
    fn used(&self) -> Result<u64, Error> {
        let number = |name| self.0.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let pages = number("page_count")? - number("freelist_count")?;
        Ok((pages * number("page_size")?).unsigned_abs())
    }

    fn give_back(&self) -> Result<(), Error> {
        for pragma in ["PRAGMA incremental_vacuum", "PRAGMA wal_checkpoint(TRUNCATE)"] {
            let mut statement = self.0.prepare(pragma)?;
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {}
        }
        Ok(())
    }
}

fn insert(connection: &Connection, entry: &Entry) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "INSERT INTO exchanges (started, duration, method, url, host, status, session, error,
                 request_headers, request_body, request_size, request_extent,
                 response_headers, response_body, response_size, response_extent)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            millis(entry.started),
            entry.duration.map(|d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX)),
            entry.method,
            entry.url,
            entry.host,
            entry.status,
            entry.session,
            entry.error,
            headers_text(&entry.request),
            entry.request.body,
            i64::try_from(entry.request.size).unwrap_or(i64::MAX),
            entry.request.extent.number(),
            headers_text(&entry.response),
            entry.response.body,
            i64::try_from(entry.response.size).unwrap_or(i64::MAX),
            entry.response.extent.number(),
        ])
}

fn headers_text(message: &Message) -> String {
    serde_json::to_string(&message.headers).unwrap_or_default()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let message = |side: &str| -> rusqlite::Result<Message> {
        let headers: String = row.get(format!("{side}_headers").as_str())?;
        Ok(Message {
            headers: serde_json::from_str(&headers).unwrap_or_default(),
            body: row.get(format!("{side}_body").as_str())?,
            size: row.get::<_, i64>(format!("{side}_size").as_str())?.unsigned_abs(),
            extent: Extent::of(row.get(format!("{side}_extent").as_str())?),
        })
    };
    let started: i64 = row.get("started")?;
    let duration: Option<i64> = row.get("duration")?;
    Ok(Entry {
        id: row.get("id")?,
        started: UNIX_EPOCH + Duration::from_millis(started.unsigned_abs()),
        duration: duration.map(|micros| Duration::from_micros(micros.unsigned_abs())),
        method: row.get("method")?,
        url: row.get("url")?,
        host: row.get("host")?,
        status: row.get("status")?,
        session: row.get("session")?,
        error: row.get("error")?,
        request: message("request")?,
        response: message("response")?,
    })
}

fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn entry(url: &str, status: u16, body: &[u8]) -> Entry {
        Entry {
            id: 0,
            started: UNIX_EPOCH + Duration::from_millis(1_700_000_000_123),
            duration: Some(Duration::from_micros(1500)),
            method: "GET".into(),
            url: url.into(),
            host: url.split('/').nth(2).unwrap_or_default().into(),
            status: Some(status),
            session: Some("shop/anna".into()),
            error: None,
            request: Message { headers: vec![("accept".into(), "*/*".into())], ..Message::default() },
            response: Message { body: body.to_vec(), size: body.len() as u64, ..Message::default() },
        }
    }

    fn sizes(home: &Path) -> u64 {
        fs::read_dir(home).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
    }

    #[test]
    fn what_was_added_comes_back_as_it_was() {
        let home = tempfile::tempdir().unwrap();
        let mut database = Database::open(home.path()).unwrap();
        database.add(&[entry("http://shop.test/a", 200, b"\xffbody")]).unwrap();
        let found = Database::open(home.path()).unwrap().entry(1).unwrap().unwrap();
        let wanted = Entry { id: 1, ..entry("http://shop.test/a", 200, b"\xffbody") };
        assert_eq!(
            (found.started, found.duration, found.session),
            (wanted.started, wanted.duration, wanted.session)
        );
        assert_eq!((found.url, found.request, found.response), (wanted.url, wanted.request, wanted.response));
        assert!(database.entry(2).unwrap().is_none());
    }

    #[test]
    fn a_filter_admits_what_it_names_and_the_newest_up_to_its_limit() {
        let home = tempfile::tempdir().unwrap();
        let mut database = Database::open(home.path()).unwrap();
        let all = [
            entry("http://shop.test/a", 200, b"needle"),
            entry("http://shop.test/b", 401, b""),
            entry("http://www.shop.test/Needle", 404, b""),
        ];
        database.add(&all).unwrap();
        let ids = |filter: Filter| -> Vec<i64> {
            database.entries(&filter).unwrap().iter().map(|entry| entry.id).collect()
        };
        assert_eq!(ids(Filter::default()), [1, 2, 3]);
        assert_eq!(ids(Filter { limit: Some(2), ..Filter::default() }), [2, 3]);
        assert_eq!(ids(Filter { host: Some("*.shop.test".parse().unwrap()), ..Filter::default() }), [3]);
        assert_eq!(ids(Filter { status: Some("4xx".parse().unwrap()), ..Filter::default() }), [2, 3]);
        assert_eq!(ids(Filter { text: Some("NEEDLE".into()), ..Filter::default() }), [1, 3]);
        assert_eq!(ids(Filter { method: Some("get".into()), ..Filter::default() }), [1, 2, 3]);
        assert_eq!(ids(Filter { method: Some("PUT".into()), ..Filter::default() }), [0; 0]);
        assert_eq!(ids(Filter { session: Some("shop".into()), ..Filter::default() }), [0; 0]);
        assert_eq!(ids(Filter { since: Some(SystemTime::now()), ..Filter::default() }), [0; 0]);
    }

    #[test]
    fn the_oldest_go_first_when_there_is_too_much_and_their_space_is_given_back() {
        let home = tempfile::tempdir().unwrap();
        let mut database = Database::open(home.path()).unwrap();
        let limit = 1 << 20;
        for _ in 0..40 {
            database.add(&[entry("http://shop.test/", 200, &vec![7; 100_000])]).unwrap();
            database.prune(limit).unwrap();
        }
        let kept = database.entries(&Filter::default()).unwrap();
        assert_eq!(kept.last().unwrap().id, 40);
        assert!((5..=10).contains(&kept.len()), "{}", kept.len());
        assert!(database.used().unwrap() <= limit);
        assert!(sizes(home.path()) < 2 * limit, "{}", sizes(home.path()));
        assert_eq!(database.clear().unwrap(), kept.len());
        assert!(sizes(home.path()) < 100_000, "{}", sizes(home.path()));
    }

    #[test]
    fn an_entry_that_is_larger_than_the_limit_goes_at_once() {
        let home = tempfile::tempdir().unwrap();
        let mut database = Database::open(home.path()).unwrap();
        database.add(&[entry("http://shop.test/", 200, &vec![7; 300_000])]).unwrap();
        database.prune(100_000).unwrap();
        assert!(database.entries(&Filter::default()).unwrap().is_empty());
    }

    #[test]
    fn the_file_is_for_its_owner_alone_and_a_newer_one_is_refused() {
        let home = tempfile::tempdir().unwrap();
        assert!(Database::open_existing(home.path()).unwrap().is_none());
        let database = Database::open(home.path()).unwrap();
        for file in fs::read_dir(home.path()).unwrap() {
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        database.0.pragma_update(None, "user_version", 99).unwrap();
        let error = Database::open(home.path()).unwrap_err();
        assert!(error.to_string().contains("hint: upgrade"), "{error}");
    }
}
