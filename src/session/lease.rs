//! The right to log in, which one of many processes holds at a time.

use std::{
    fs, process,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use nix::{errno::Errno, sys::signal, unistd::Pid};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Error, clock::now_millis};

/// A lease on one session. Dropping it gives it back; it also ends by itself, and with its process.
#[derive(Debug)]
pub struct Lease {
    connection: Arc<Mutex<Connection>>,
    name: String,
    holder: String,
}

impl Lease {
    /// Takes the lease where nobody has it, where it has run out, or where its process is gone.
    pub(super) fn take(
        connection: &Arc<Mutex<Connection>>,
        name: String,
        ttl: Duration,
    ) -> Result<Option<Self>, Error> {
        let holder = format!("{:032x}", rand::random::<u128>());
        let mut database = connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let other: Option<(i32, Option<String>)> = transaction
            .query_row(
                "SELECT pid, machine FROM leases WHERE name = ?1 AND until > ?2",
                params![name, now_millis()],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        if other.is_some_and(|(pid, machine)| !is_gone(pid, machine.as_deref())) {
            return Ok(None);
        }
        transaction.execute(
            "INSERT OR REPLACE INTO leases (name, holder, pid, machine, until) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![name, holder, process::id(), machine(), until(ttl)],
        )?;
        transaction.commit()?;
        drop(database);
        Ok(Some(Self { connection: connection.clone(), name, holder }))
    }

    /// Makes the lease last `ttl` from now. `false` where it has run out and somebody else has taken it.
    pub fn extend(&self, ttl: Duration) -> Result<bool, Error> {
        let database = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = database.execute(
            "UPDATE leases SET until = ?3 WHERE name = ?1 AND holder = ?2",
            params![self.name, self.holder, until(ttl)],
        )?;
        Ok(rows == 1)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let database = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let given_back = database
            .execute("DELETE FROM leases WHERE name = ?1 AND holder = ?2", params![self.name, self.holder]);
        if let Err(error) = given_back {
            tracing::warn!(name = self.name, %error, "the lease stays until it runs out");
        }
    }
}

fn until(ttl: Duration) -> i64 {
    now_millis().saturating_add(ttl.as_millis().try_into().unwrap_or(i64::MAX))
}

/// Whether the process is known to have ended; where its number means nothing here, it is not.
fn is_gone(pid: i32, of: Option<&str>) -> bool {
    of.is_some() && of == machine().as_deref() && signal::kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH)
}

/// Names the set of process numbers that this process lives in: one boot of one machine or container.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), namespace.display()))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::session::{Reference, Store};

    const LONG: Duration = Duration::from_secs(600);

    fn store() -> (tempfile::TempDir, Store) {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        (home, store)
    }

    fn jim() -> Reference {
        Reference::Name("shop/jim".into())
    }

    /// Makes it look as if another process had taken the lease.
    fn blame(home: &tempfile::TempDir, pid: u32, machine: Option<&str>) {
        let database = Connection::open(home.path().join("sessions.db")).unwrap();
        database.execute("UPDATE leases SET pid = ?1, machine = ?2", params![pid, machine]).unwrap();
    }

    #[test]
    fn one_lease_a_session_is_given_and_given_back_when_dropped() {
        let (home, store) = store();
        let other = Store::open(home.path()).unwrap();
        let lease = store.lease(&jim(), LONG).unwrap().unwrap();
        assert!(store.lease(&jim(), LONG).unwrap().is_none());
        assert!(other.lease(&jim(), LONG).unwrap().is_none());
        assert!(other.lease(&Reference::Name("shop/ann".into()), LONG).unwrap().is_some());
        drop(lease);
        assert!(other.lease(&jim(), LONG).unwrap().is_some());
    }

    #[test]
    fn of_many_who_ask_at_once_one_gets_it() {
        let (home, _) = store();
        let ask = || Store::open(home.path()).unwrap().lease(&jim(), LONG).unwrap();
        let leases: Vec<_> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(leases.len(), 1);
    }

    #[test]
    fn a_lease_that_has_run_out_goes_to_the_next_and_cannot_be_extended() {
        let (_home, store) = store();
        let first = store.lease(&jim(), Duration::ZERO).unwrap().unwrap();
        assert!(first.extend(Duration::ZERO).unwrap());
        let second = store.lease(&jim(), LONG).unwrap().unwrap();
        assert!(!first.extend(LONG).unwrap());
        drop(first);
        assert!(store.lease(&jim(), LONG).unwrap().is_none());
        drop(second);
    }

    #[test]
    fn a_lease_of_a_process_that_has_died_is_free_at_once() {
        let (home, store) = store();
        let _lease = store.lease(&jim(), LONG).unwrap().unwrap();
        let mut child = Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        blame(&home, child.id(), Some("another machine"));
        assert!(store.lease(&jim(), LONG).unwrap().is_none());
        blame(&home, child.id(), machine().as_deref());
        assert_eq!(store.lease(&jim(), LONG).unwrap().is_some(), machine().is_some());
    }

    #[test]
    fn a_file_has_one_lease_however_its_path_is_written() {
        let (_home, store) = store();
        let _lease = store.lease(&Reference::File("s.json".into()), LONG).unwrap().unwrap();
        let absolute = std::env::current_dir().unwrap().join("s.json");
        assert!(store.lease(&Reference::File(absolute), LONG).unwrap().is_none());
    }
}
