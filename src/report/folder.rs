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

    /// Makes a folder in it for files that are named after states; those of an earlier time are removed.
    pub(super) fn below(&self, name: &str) -> Result<(), Error> {
        let path = self.0.join(name);
        let failed = |source| Error::Write { path: path.clone(), source };
        std::fs::create_dir_all(&path).map_err(failed)?;
        for entry in std::fs::read_dir(&path).map_err(failed)?.flatten() {
            if entry.file_name().to_str().is_some_and(is_of_state) {
                std::fs::remove_file(entry.path()).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// What is in a file, where there is one.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(name)).ok()
    }

    /// Removes a file where there is one.
    pub(super) fn remove(&self, name: &str) {
        let _ = std::fs::remove_file(self.0.join(name));
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

/// Whether a file is named after a state, as in `s12.json`: anything else is somebody else's.
fn is_of_state(name: &str) -> bool {
    let Some((number, ending)) = name.strip_prefix('s').and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && ["jpg", "png", "json"].contains(&ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_an_earlier_time_go_and_those_of_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::create(dir.path()).unwrap();
        folder.below("paths").unwrap();
        for name in ["s1.json", "s1.png", "s.json", "sun.png", "notes.txt"] {
            std::fs::write(dir.path().join("paths").join(name), "x").unwrap();
        }
        folder.below("paths").unwrap();
        let left: std::collections::BTreeSet<_> = std::fs::read_dir(dir.path().join("paths"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(left.into_iter().collect::<Vec<_>>(), ["notes.txt", "s.json", "sun.png"]);
    }
}
