//! Which one-time passwords were used, so that no process types one twice.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use super::{Error, Secret, clock::now_millis};

/// The newest one-time password that was used of each secret, as the store keeps it for all processes.
///
/// A password is named by its step, the number of its period since 1970 (RFC 6238); a secret by its digest.
#[derive(Debug, Clone)]
pub struct Codes(pub(super) Arc<Mutex<Connection>>);

impl Codes {
    /// Takes the password of a step, for whoever asks first: `false` where it, or a later one, was used already.
    pub fn take(&self, secret: &Secret, step: u64) -> Result<bool, Error> {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let database = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = database.execute(
            "INSERT INTO codes (secret, step, used) VALUES (?1, ?2, ?3)
             ON CONFLICT (secret) DO UPDATE SET step = excluded.step, used = excluded.used WHERE step < excluded.step",
            params![digest(secret), step, now_millis()],
        )?;
        Ok(rows == 1)
    }
}

/// Names a secret without telling it: half a digest is enough to tell secrets apart.
fn digest(secret: &Secret) -> Vec<u8> {
    let mut digest = Sha256::new_with_prefix(b"handstamp one-time passwords\0");
    digest.update(secret.expose());
    digest.finalize().iter().take(16).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::session::{Secret, Store};

    #[test]
    fn a_code_is_given_once_to_whoever_asks_first() {
        let home = tempfile::tempdir().unwrap();
        let (one, other) = (Store::open(home.path()).unwrap(), Store::open(home.path()).unwrap());
        let (mine, yours) = (Secret::from("planted-mine"), Secret::from("planted-yours"));
        assert!(one.codes().take(&mine, 7).unwrap());
        assert!(!one.codes().take(&mine, 7).unwrap());
        assert!(!other.codes().take(&mine, 6).unwrap());
        assert!(other.codes().take(&yours, 7).unwrap());
        assert!(other.codes().take(&mine, 8).unwrap());
        for file in fs::read_dir(home.path()).unwrap().flatten() {
            let bytes = fs::read(file.path()).unwrap();
            assert!(!bytes.windows(7).any(|part| part == b"planted"), "{:?}", file.path());
        }
    }

    #[test]
    fn of_many_who_ask_at_once_one_gets_the_code() {
        let home = tempfile::tempdir().unwrap();
        let ask = || Store::open(home.path()).unwrap().codes().take(&Secret::from("s"), 1).unwrap();
        let given = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().filter_map(|thread| thread.join().ok()).filter(|given| *given).count()
        });
        assert_eq!(given, 1);
    }
}
