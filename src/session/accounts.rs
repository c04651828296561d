//! How the logins of each user went, so that no process locks an account.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension, params};

use super::{Error, Reference, clock::now_millis};

/// The failed logins of all users, as the store keeps them for all processes.
#[derive(Debug, Clone)]
pub struct Accounts(pub(super) Arc<Mutex<Connection>>);

/// How the last logins of a user went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// How many logins failed since one last worked.
    pub failures: u32,
    /// The time since the last failure.
    pub since: Duration,
    /// What the last failure was, without secrets; empty where there was none.
    pub reason: String,
}

impl Accounts {
    /// How the logins for a session went.
    pub fn of(&self, session: &Reference) -> Result<Account, Error> {
        let found = self
            .lock()
            .query_row(
                "SELECT failures, last, reason FROM accounts WHERE name = ?1",
                [session.key()],
                |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get(2)?)),
            )
            .optional()?;
        Ok(found.map_or_else(Account::default, |(failures, last, reason)| {
            let since = Duration::from_millis((now_millis() - last).max(0).unsigned_abs());
            Account { failures, since, reason }
        }))
    }

    /// How many logins failed for each session that has any, by name.
    pub fn all(&self) -> Result<Vec<(String, u32)>, Error> {
        let database = self.lock();
        let mut all = database.prepare("SELECT name, failures FROM accounts ORDER BY name")?;
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Counts a login that failed.
    pub fn failed(&self, session: &Reference, reason: &str) -> Result<(), Error> {
        self.lock().execute(
            "INSERT INTO accounts (name, failures, last, reason) VALUES (?1, 1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET failures = failures + 1, last = excluded.last, reason = excluded.reason",
            params![session.key(), now_millis(), reason],
        )?;
        Ok(())
    }

    /// Forgets the failures: a login worked, or its user lifts the mark. Returns whether there were any.
    pub fn worked(&self, session: &Reference) -> Result<bool, Error> {
        Ok(self.lock().execute("DELETE FROM accounts WHERE name = ?1", [session.key()])? > 0)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use crate::session::{Reference, Store};

    #[test]
    fn failures_are_counted_until_a_login_works_and_all_processes_see_them() {
        let home = tempfile::tempdir().unwrap();
        let jim = Reference::Name("shop/jim".into());
        let (one, other) = (Store::open(home.path()).unwrap(), Store::open(home.path()).unwrap());
        assert_eq!(one.accounts().of(&jim).unwrap().failures, 0);
        one.accounts().failed(&jim, "401").unwrap();
        other.accounts().failed(&jim, "locked").unwrap();
        let account = one.accounts().of(&jim).unwrap();
        assert_eq!((account.failures, account.reason.as_str()), (2, "locked"));
        assert_eq!(one.accounts().all().unwrap(), [("shop/jim".to_owned(), 2)]);
        assert!(other.accounts().worked(&jim).unwrap());
        assert_eq!(one.accounts().of(&jim).unwrap().failures, 0);
        assert!(!one.accounts().worked(&jim).unwrap());
    }
}
