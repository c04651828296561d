//! Brings a document of an older version to the newest.

use serde_json::Value;

use super::super::Error;
use super::keyed::Keyed;

/// The version that is written.
pub(super) const VERSION: u64 = 1;

/// Leaves documents without a `handstamp` key as they are: those are plain Playwright files.
///
/// Fails on a newer version, and where the version is no number.
pub(super) fn migrate(document: Value) -> Result<Value, Error> {
    let version =
        Keyed::root(&document).field("handstamp").optional().map(|own| own.field("version").count());
    match version.transpose()? {
        None | Some(VERSION) => Ok(document),
        Some(found) if found > VERSION => Err(Error::Newer { found, known: VERSION }),
        Some(_) => Err(Error::WrongShape { key: "handstamp.version".to_owned(), expected: "at least 1" }),
    }
}
