//! Whether the sessions of a store are encrypted at rest.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{
    Error, Secret,
    vault::{Vault, is_sealed},
};

/// How sessions lie in the database.
#[derive(Debug, Clone)]
pub(super) enum Protection {
    /// In plain text.
    None,
    /// Encrypted, and there is no key.
    Locked,
    /// Encrypted, with this key.
    Key(Vault),
}

impl Protection {
    /// Finds out, and encrypts with the key what is not encrypted yet. Fails on the wrong key.
    pub(super) fn of(connection: &mut Connection, key: Option<&Secret>) -> Result<Self, Error> {
        Ok(match key {
            Some(key) => Self::Key(unlock(connection, key)?),
            None if is_encrypted(connection)? => Self::Locked,
            None => Self::None,
        })
    }

    /// The text of a session as it is kept. Fails without the key.
    pub(super) fn seal(&self, name: &str, text: String) -> Result<String, Error> {
        match self {
            Self::Key(vault) => vault.seal(name, &text),
            Self::Locked => Err(Error::Locked),
            Self::None => Ok(text),
        }
    }

    /// The text of a session that was kept. Fails without the key.
    pub(super) fn open(&self, name: &str, kept: String) -> Result<String, Error> {
        match self {
            _ if !is_sealed(&kept) => Ok(kept),
            Self::Key(vault) => vault.open(name, &kept),
            _ => Err(Error::Locked),
        }
    }
}

fn is_encrypted(connection: &Connection) -> Result<bool, Error> {
    Ok(connection.query_row("SELECT EXISTS (SELECT 1 FROM vault)", [], |row| row.get(0))?)
}

/// Derives the key, proves that it is the one of this store, and encrypts what is not encrypted yet.
fn unlock(connection: &mut Connection, key: &Secret) -> Result<Vault, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let known: Option<(Vec<u8>, String)> = transaction
        .query_row("SELECT salt, proof FROM vault", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((salt, proof)) = known {
        let vault = Vault::new(key, &salt)?;
        vault.open(PROOF, &proof)?;
        return Ok(vault);
    }
    let salt: [u8; 16] = rand::random();
    let vault = Vault::new(key, &salt)?;
    transaction.execute(
        "INSERT INTO vault (salt, proof) VALUES (?1, ?2)",
        params![salt, vault.seal(PROOF, PROOF)?],
    )?;
    let mut all = transaction.prepare("SELECT name, body FROM sessions")?;
    let plain = all
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(String, String)>, _>>()?;
    drop(all);
    for (name, body) in plain {
        let sealed = vault.seal(&name, &body)?;
        transaction.execute("UPDATE sessions SET body = ?2 WHERE name = ?1", params![name, sealed])?;
    }
    transaction.commit()?;
    // What was plain lies in the log still.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(vault)
}

/// What the proof of a key says.
const PROOF: &str = "proof";
