//! A folder for the files of a report.

use std::{
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::Error;

/// A folder that is known to take files.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder where it is missing, and tries whether it takes files.
    pub(super) fn create(dir: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Write { path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(failed)?;
        NamedTempFile::new_in(dir).map_err(failed)?;
        Ok(Self(dir.to_owned()))
    }

    /// Writes a file, whole or not at all.
    pub(super) fn file(
        &self,
        name: &str,
        fill: impl FnOnce(&mut BufWriter<&mut NamedTempFile>) -> io::Result<()>,
    ) -> Result<PathBuf, Error> {
        let path = self.0.join(name);
        let failed = |source| Error::Write { path: path.clone(), source };
        let mut temporary = NamedTempFile::new_in(&self.0).map_err(failed)?;
        let mut writer = BufWriter::new(&mut temporary);
        fill(&mut writer).and_then(|()| writer.flush()).map_err(failed)?;
        drop(writer);
        temporary.persist(&path).map_err(|e| failed(e.error))?;
        Ok(path)
    }
}
