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
