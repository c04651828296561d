//! The folder of a browser that handstamp starts: profile, temporary files, all gone with it.

use std::path::Path;

use tempfile::TempDir;

use super::error::{Error, Result};

/// A new profile folder, removed when dropped.
#[derive(Debug)]
pub(super) struct Profile(TempDir);

impl Profile {
    pub(super) fn create() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("handstamp-browser-").tempdir();
        folder
            .map(Self)
            .map_err(|e| Error::DriverStart { driver: "browser profile".into(), reason: e.to_string() })
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}
