//! Where a crawl stands, kept in its folder, so that it can go on after it was cut off.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::{Error, Redactor, folder::Folder};
use crate::crawl::{Checkpoint, Record};

/// The place of a crawl's checkpoints. The requests, which only ever grow, are added to a file of their own.
#[derive(Debug)]
pub struct Checkpoints {
    folder: Folder,
    requests: File,
    written: usize,
}

/// The file of a checkpoint.
#[derive(Serialize, Deserialize)]
struct Page<C> {
    /// How many lines of the requests belong to it: what was written after it is torn off.
    requests: usize,
    checkpoint: C,
}

impl Checkpoints {
    /// A place for a crawl that begins, or that goes on from a checkpoint; what lay there before is gone.
    ///
    /// # Errors
    /// [`Error::Write`] when the folder takes no files.
    pub fn create(dir: &Path, from: Option<&Checkpoint>) -> Result<Self, Error> {
        let folder = Folder::create(dir)?;
        let path = dir.join(REQUESTS);
        let failed = |source| Error::Write { path: path.clone(), source };
        let _ = fs::remove_file(dir.join(PAGE));
        let _ = fs::remove_file(&path);
        let requests =
            OpenOptions::new().create_new(true).append(true).mode(0o600).open(&path).map_err(failed)?;
        let mut new = Self { folder, requests, written: 0 };
        if let Some(checkpoint) = from {
            // It was written without secrets.
            new.write(checkpoint, &Redactor::new([]))?;
        }
        Ok(new)
    }

    /// Writes a checkpoint with the requests since the one before, without secrets.
    ///
    /// # Errors
    /// [`Error::Write`] when a file cannot be written; the checkpoint before stands then.
    pub fn write(&mut self, checkpoint: &Checkpoint, redactor: &Redactor) -> Result<(), Error> {
        let mut lines = Vec::new();
        let mut add = |record: &Record| {
            serde_json::to_writer(&mut lines, &without_secrets(record, redactor))?;
            writeln!(lines)
        };
        let failed = |source| Error::Write { path: PathBuf::from(REQUESTS), source };
        checkpoint.records.iter().try_for_each(&mut add).map_err(failed)?;
        self.requests.write_all(&lines).map_err(failed)?;
        self.written += checkpoint.records.len();
        let page = Page { requests: self.written, checkpoint };
        self.folder.file(PAGE, |out| {
            let mut document = serde_json::to_value(&page)?;
            redactor.value(&mut document);
            serde_json::to_writer(out, &document).map_err(io::Error::from)
        })?;
        Ok(())
    }

    /// Removes it all: a crawl that is complete has nowhere to go on from.
    pub fn remove(self) {
        self.folder.remove(PAGE);
        self.folder.remove(REQUESTS);
    }
}

/// Reads where a crawl was left.
///
/// # Errors
/// [`Error::NoCheckpoint`] where there is none, [`Error::Checkpoint`] where it cannot be read.
pub fn checkpoint(dir: &Path) -> Result<Checkpoint, Error> {
    let text = match fs::read(dir.join(PAGE)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(Error::NoCheckpoint { path: dir.to_owned() });
        }
        Err(e) => return Err(Error::Checkpoint { path: dir.to_owned(), reason: e.to_string() }),
    };
    let bad = |reason: String| Error::Checkpoint { path: dir.to_owned(), reason };
    let page: Page<Checkpoint> = serde_json::from_slice(&text).map_err(|e| bad(e.to_string()))?;
    let mut checkpoint = page.checkpoint;
    if !checkpoint.is_known() {
        return Err(bad(format!("its form is `{}`, which this version does not know", checkpoint.schema)));
    }
    let lines = BufReader::new(File::open(dir.join(REQUESTS)).map_err(|e| bad(e.to_string()))?).lines();
    for line in lines.take(page.requests) {
        let line = line.map_err(|e| bad(e.to_string()))?;
        checkpoint.records.push(serde_json::from_str(&line).map_err(|e| bad(e.to_string()))?);
    }
    if checkpoint.records.len() < page.requests {
        return Err(bad("some of its requests are missing".into()));
    }
    Ok(checkpoint)
}

/// The request as it may be written down.
fn without_secrets(record: &Record, redactor: &Redactor) -> serde_json::Value {
    let mut record = record.clone();
    for headers in [&mut record.request_headers, &mut record.response_headers] {
        for (name, value) in headers.iter_mut() {
            let shown = redactor.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
            *value = HeaderValue::from_str(&shown).unwrap_or(HeaderValue::from_static("***"));
        }
    }
    let content_type = |headers: &http::HeaderMap| {
        let value = headers.get(http::header::CONTENT_TYPE);
        value.and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    };
    let (asked, answered) = (content_type(&record.request_headers), content_type(&record.response_headers));
    let body = |bytes: &[u8], kind: &str| redactor.body(&String::from_utf8_lossy(bytes), kind).into();
    record.request_body = body(&record.request_body, &asked);
    record.response_body = body(&record.response_body, &answered);
    let mut value = serde_json::to_value(&record).unwrap_or_default();
    redactor.value(&mut value);
    value
}

const PAGE: &str = "resume.json";
const REQUESTS: &str = "resume-requests.jsonl";
