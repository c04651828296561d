//! The tables of the session store, and how they came about.

use rusqlite::{Connection, TransactionBehavior};

use super::Error;

/// Brings the database of a store to the newest version of its tables. Fails on a newer one.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), Error> {
    connection.pragma_update(None, "secure_delete", true)?;
    let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if journal != "wal" {
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    }
    if version(connection)? == NEWEST {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found > NEWEST {
        return Err(Error::Newer { found: found.into(), known: NEWEST.into() });
    }
    for (_, step) in STEPS.iter().filter(|(number, _)| *number > found) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", NEWEST)?;
    Ok(transaction.commit()?)
}

fn version(connection: &Connection) -> Result<u32, Error> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// The version of the last step.
const NEWEST: u32 = 3;

/// What makes each version out of the one before. Never changed, only added to.
const STEPS: &[(u32, &str)] = &[
    (
        1,
        "
    CREATE TABLE sessions (
        name TEXT PRIMARY KEY,
        body TEXT NOT NULL,
        verdict TEXT,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        expires INTEGER,
        generation INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE leases (
        name TEXT PRIMARY KEY,
        holder TEXT NOT NULL,
        pid INTEGER NOT NULL,
        machine TEXT,
        until INTEGER NOT NULL
    ) STRICT;
",
    ),
    (
        2,
        "
    CREATE TABLE accounts (
        name TEXT PRIMARY KEY,
        failures INTEGER NOT NULL,
        last INTEGER NOT NULL,
        reason TEXT NOT NULL
    ) STRICT;
    CREATE TABLE default_tokens (
        name TEXT PRIMARY KEY COLLATE NOCASE,
        enabled INTEGER NOT NULL
    ) STRICT;
    INSERT INTO default_tokens (name, enabled) VALUES
        ('asp.net_sessionid', 1), ('aspsessionid', 1), ('siteserver', 1), ('cfid', 1), ('cftoken', 1),
        ('jsessionid', 1), ('phpsessid', 1), ('sessid', 1), ('sid', 1), ('viewstate', 1), ('zenid', 1);
    CREATE TABLE site_tokens (
        site TEXT NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (site, name)
    ) STRICT;
    CREATE TABLE active_sessions (
        site TEXT PRIMARY KEY,
        session TEXT NOT NULL
    ) STRICT;
    CREATE TABLE vault (
        salt BLOB NOT NULL,
        proof TEXT NOT NULL
    ) STRICT;
",
    ),
    (
        3,
        "
    CREATE TABLE codes (
        secret BLOB PRIMARY KEY,
        step INTEGER NOT NULL,
        used INTEGER NOT NULL
    ) STRICT;
",
    ),
];
