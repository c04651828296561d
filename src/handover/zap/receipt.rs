//! What was pushed into a ZAP, so that it can be kept up and undone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Error, Names};

/// Names, places and settings that were there before; never a value that carries a session.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Receipt {
    pub(super) context_id: String,
    pub(super) context: Found,
    pub(super) user_id: String,
    pub(super) user: Found,
    /// The expressions that the context did not have.
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    /// The settings of a context that others made, by the call that sets them back.
    pub(super) settings: BTreeMap<String, Value>,
    pub(super) sites: BTreeMap<String, SiteReceipt>,
    /// The places of the user's cookies.
    pub(super) cookies: BTreeSet<CookiePlace>,
    /// The names of the rules.
    pub(super) rules: BTreeSet<String>,
    /// The variables that were set, and what the harmless ones among them were before.
    pub(super) variables: BTreeMap<String, Option<String>>,
}

/// Whether something was there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Found {
    /// Others made it: it stays.
    #[default]
    There,
    /// It was made by a push.
    Missing,
}

/// What was pushed for one site.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SiteReceipt {
    /// The names that were no tokens there before.
    pub(super) tokens: BTreeSet<String>,
    /// The names that the session has values for.
    pub(super) cookies: BTreeSet<String>,
    /// The session that was active.
    pub(super) active: Option<String>,
}

/// Where a user's cookie is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct CookiePlace {
    pub(super) domain: String,
    pub(super) name: String,
    pub(super) path: String,
    pub(super) secure: bool,
}

impl Receipt {
    /// The file of the receipt for this ZAP, context and user below the directory `home`.
    #[must_use]
    pub fn file(home: &Path, zap: &str, names: &Names) -> PathBuf {
        let mut hash = Sha256::new();
        for part in [zap, &names.context, &names.user] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let number = hash.finalize().iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte));
        home.join("pushed").join(format!("{number:032x}.json"))
    }

    /// Reads a receipt; `None` where nothing was pushed.
    ///
    /// Fails where it cannot be read.
    pub fn read(file: &Path) -> Result<Option<Self>, Error> {
        let broken = |source| Error::Receipt { path: file.to_owned(), source };
        match fs::read(file) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|e| broken(Arc::new(e))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(broken(Arc::new(error))),
        }
    }

    /// Writes the receipt, in one piece and for its owner alone.
    ///
    /// Fails where it cannot be written.
    pub fn write(&self, file: &Path) -> Result<(), Error> {
        self.put(file).map_err(|error| Error::Receipt { path: file.to_owned(), source: Arc::new(error) })
    }

    fn put(&self, file: &Path) -> io::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let draft = file.with_extension("tmp");
        let mut options = fs::OpenOptions::new();
        let open = options.create(true).write(true).truncate(true).mode(0o600).open(&draft)?;
        serde_json::to_writer(open, self)?;
        fs::rename(draft, file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_read_as_it_was_written_and_each_user_has_one() {
        let home = tempfile::tempdir().unwrap();
        let names = |user: &str| Names { context: "shop".into(), user: user.into() };
        let file = Receipt::file(home.path(), "http://127.0.0.1:1", &names("anna"));
        assert_ne!(file, Receipt::file(home.path(), "http://127.0.0.1:1", &names("ben")));
        assert_ne!(file, Receipt::file(home.path(), "http://127.0.0.1:2", &names("anna")));
        assert_eq!(Receipt::read(&file).unwrap(), None);
        let mut receipt = Receipt { context: Found::Missing, ..Receipt::default() };
        receipt.sites.entry("shop.example:80".into()).or_default().tokens.insert("sid".into());
        receipt.write(&file).unwrap();
        assert_eq!(Receipt::read(&file).unwrap(), Some(receipt));
        fs::write(&file, "{").unwrap();
        assert!(Receipt::read(&file).unwrap_err().to_string().contains("\nhint: "));
    }
}
