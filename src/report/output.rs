//! The folder that a crawl's files go to.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::NamedTempFile;
use url::Url;

use super::{
    About, Error, Redactor,
    catalog::Catalog,
    crawl::{
        AccessSheet, Sheet, Ways, access_document, access_page, embedded, page, path, path_name, picture_name,
    },
    endpoints::endpoints,
    folder::Folder,
    graph::graph,
    har::har,
    openapi::openapi,
    requests::{requests, urls},
    yaml::yaml,
};
use crate::{
    browser::{Picture, PictureFormat},
    crawl::{Outcome, access::Access},
};

/// A folder that is known to take a crawl's files.
#[derive(Debug)]
pub struct Output(Folder);

/// The files that were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// All addresses, one a line.
    pub urls: PathBuf,
    /// All requests, one JSON document a line.
    pub requests: PathBuf,
    /// Endpoints with their parameters and where they were found.
    pub endpoints: PathBuf,
    /// What was seen of the interface, as `OpenAPI`.
    pub openapi: PathBuf,
    /// States, actions and transitions.
    pub graph: PathBuf,
    /// The requests as an HTTP archive.
    pub har: PathBuf,
    /// All of it, for people to look at.
    pub page: PathBuf,
}

/// The files that tell who reaches what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessFiles {
    /// For people.
    pub page: PathBuf,
    /// For machines.
    pub document: PathBuf,
}

impl Output {
    /// Makes the folder where it is missing, and tries whether it takes files, so that a crawl is not made in vain.
    ///
    /// # Errors
    /// [`Error::Write`] when the folder cannot be made or written to.
    pub fn create(dir: &Path) -> Result<Self, Error> {
        Ok(Self(Folder::create(dir)?))
    }

    /// Writes the findings of a crawl, without secrets; each file appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`] when a file cannot be written.
    pub fn write(&self, outcome: &Outcome, about: &About, redactor: &Redactor) -> Result<Written, Error> {
        let sheet = Sheet::new(outcome, about).without_secrets(redactor);
        self.pictures(outcome)?;
        self.paths(outcome, redactor)?;
        let catalog = Catalog::of(outcome);
        Ok(Written {
            urls: self.0.file("urls.txt", |out| {
                urls(outcome).iter().try_for_each(|url| writeln!(out, "{}", redactor.text(url)))
            })?,
            requests: self.0.file("requests.jsonl", |out| {
                requests(outcome).try_for_each(|line| json_line(out, line, redactor))
            })?,
            endpoints: self.0.file("endpoints.json", |out| {
                json_line(out, endpoints(outcome, &catalog, redactor), redactor)
            })?,
            openapi: self.0.file("openapi.yaml", |out| {
                let mut document = openapi(outcome, &catalog);
                redactor.value(&mut document);
                yaml(out, &document)
            })?,
            graph: self.0.file("graph.json", |out| json_line(out, graph(outcome), redactor))?,
            har: self.0.file("crawl.har", |out| json_line(out, har(outcome, redactor), redactor))?,
            page: self.0.file("report.html", |out| {
                out.write_all(page(&sheet, &embedded(outcome)).into_string().as_bytes())
            })?,
        })
    }
}

impl Output {
    /// Writes who reaches what, without secrets.
    ///
    /// # Errors
    /// [`Error::Write`] when a file cannot be written.
    pub fn write_access(
        &self,
        start: &Url,
        access: &Access,
        redactor: &Redactor,
    ) -> Result<AccessFiles, Error> {
        let sheet = AccessSheet::new(start, access).without_secrets(redactor);
        let page = access_page(&sheet).into_string();
        Ok(AccessFiles {
            page: self.0.file("report.html", |out| out.write_all(page.as_bytes()))?,
            document: self
                .0
                .file("access.json", |out| json_line(out, access_document(start, access), redactor))?,
        })
    }

    /// Takes in the pictures that an earlier part of the crawl left in the folder.
    pub fn recall(&self, outcome: &mut Outcome) {
        for state in &outcome.graph.states {
            for format in [PictureFormat::Jpeg, PictureFormat::Png] {
                let mut picture = Picture { bytes: Vec::new(), format };
                if let Some(bytes) = self.0.read(&picture_name(state.id, &picture)) {
                    picture.bytes = bytes;
                    outcome.pictures.entry(state.id).or_insert(picture);
                }
            }
        }
    }

    /// Pictures are left as they are: pages hide passwords themselves.
    fn pictures(&self, outcome: &Outcome) -> Result<(), Error> {
        if !outcome.pictures.is_empty() {
            self.0.below("screenshots")?;
        }
        outcome.pictures.iter().try_for_each(|(state, picture)| {
            self.0.file(&picture_name(*state, picture), |out| out.write_all(&picture.bytes)).map(drop)
        })
    }

    fn paths(&self, outcome: &Outcome, redactor: &Redactor) -> Result<(), Error> {
        self.0.below("paths")?;
        let ways = Ways::new(&outcome.graph);
        outcome.graph.states.iter().try_for_each(|state| {
            let document = path(&ways, state);
            self.0.file(&path_name(state.id), |out| json_line(out, document, redactor)).map(drop)
        })
    }
}

/// Writes a document to a file that only its owner can read, whole or not at all.
///
/// # Errors
/// [`Error::Write`] when the file cannot be written.
pub fn write(file: &Path, document: &Value) -> Result<(), Error> {
    let failed = |source| Error::Write { path: file.to_owned(), source };
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = NamedTempFile::new_in(dir).map_err(failed)?;
    let mut writer = std::io::BufWriter::new(&mut temporary);
    serde_json::to_writer(&mut writer, document).map_err(|e| failed(e.into()))?;
    writer.flush().map_err(failed)?;
    drop(writer);
    temporary.persist(file).map_err(|e| failed(e.error))?;
    Ok(())
}

fn json_line(out: &mut impl std::io::Write, mut value: Value, redactor: &Redactor) -> std::io::Result<()> {
    redactor.value(&mut value);
    serde_json::to_writer(&mut *out, &value)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_written_is_noticed_before_the_crawl() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Output::create(&file.join("below")).unwrap_err();
        assert!(error.to_string().contains("hint:"), "{error}");
    }
}
