//! The authentication report: what a login did, what it found, and how it is known that it worked.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Diary, Error, Redactor, folder::Folder, login_page::page};

/// All that is told of one login. It holds no secrets once it is written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginReport {
    /// The address that the login started from.
    pub url: String,
    /// Who logged in.
    pub user: Option<String>,
    /// The browser, with its version where that is known.
    pub browser: String,
    /// When, in the notation of RFC 3339.
    pub created: String,
    /// How long it took, in seconds, the report's own trials not counted.
    pub seconds: f64,
    /// How it ended.
    pub ruling: Ruling,
    /// The points that a login is judged by, in the words of ZAP's authentication report.
    pub summary: Vec<Point>,
    /// Why it is not complete, in the words of ZAP's authentication report; empty where it is.
    pub failure_reasons: Vec<FailureReason>,
    /// What was done.
    pub steps: Vec<Stage>,
    /// The origins that took part.
    pub domains: Vec<Domain>,
    /// How the session is carried, and why that is thought.
    pub management: Management,
    /// The values that may carry the session.
    pub tokens: Vec<Part>,
    /// What became of the trial of leaving parts out: how many requests and browsers it took, and its remarks.
    pub trial: Vec<String>,
    /// How long the session lasts, and how it is renewed.
    pub lifetime: Vec<String>,
    /// What proves the session.
    pub verification: Option<Verification>,
    /// The requests that could have proven it, each with what speaks for or against it.
    pub candidates: Vec<Candidate>,
    /// A context file that is ready to be used.
    pub context: String,
}

/// How a login ended.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ruling {
    /// `proven`, `unproven` or `failed`.
    pub verdict: String,
    /// The word for machines, as on the command line.
    pub reason: String,
    /// What was seen.
    pub evidence: String,
    /// What can be done about it.
    pub hint: Option<String>,
    /// The exit code.
    pub exit: u8,
}

/// One point that a login is judged by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// The key in ZAP's authentication report.
    pub key: String,
    /// What it says.
    pub words: String,
    /// Whether it is as it should be.
    pub passed: bool,
}

/// One reason why a login is not complete.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureReason {
    /// The key in ZAP's authentication report.
    pub key: String,
    /// What it says.
    pub words: String,
}

/// One step of the login.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// When, in seconds since the begin.
    pub at: f64,
    /// What was done.
    pub what: String,
    /// The file with the picture of the page afterwards, beside the report.
    pub picture: Option<String>,
    /// The picture itself, as PNG.
    #[serde(skip)]
    pub png: Option<Vec<u8>>,
}

/// One origin that took part in the login.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    /// The origin.
    pub origin: String,
    /// How many requests went there.
    pub requests: usize,
    /// Whether the session belongs to it.
    pub in_scope: bool,
    /// Whether the password went there.
    pub got_password: bool,
}

/// How the session is carried.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Management {
    /// The session management method.
    pub method: String,
    /// What speaks for it.
    pub reasons: Vec<String>,
}

/// One value that may carry the session; the value itself is not told.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Its key.
    pub key: String,
    /// Where it is kept.
    pub place: String,
    /// What kind of value it is.
    pub kind: String,
    /// Where it was sent.
    pub sent_as: Vec<String>,
    /// What it is for, such as the session or protection against forged requests.
    pub role: String,
    /// When it ends.
    pub expires: String,
    /// `needed`, `sufficient`, `noise` or `undecided`; nothing where it was not tried.
    pub verdict: String,
}

/// What proves the session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// The request.
    pub request: String,
    /// What tells a user from a stranger in the answer.
    pub indicator: String,
    /// What was seen.
    pub evidence: String,
}

/// A request that could have proven the session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The request.
    pub request: String,
    /// What became of it.
    pub verdict: String,
    /// Why.
    pub why: String,
}

/// The files of an authentication report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginFiles {
    /// The page for people, with its pictures inside.
    pub page: PathBuf,
    /// The same for machines.
    pub document: PathBuf,
    /// The context file.
    pub context: PathBuf,
}

impl LoginReport {
    /// Makes the folder that it will be written to, and begins to write down the steps, so that no login is made in
    /// vain.
    ///
    /// # Errors
    /// [`Error::Write`] when the folder cannot be made or written to.
    pub fn begin(dir: &Path) -> Result<Diary, Error> {
        Folder::create(dir)?;
        Ok(Diary::default())
    }

    /// Writes the report into a folder, without secrets: `report.html`, `report.json`, `handstamp.yaml` and a picture
    /// of each step. Each file appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`] when the folder or a file cannot be written.
    pub fn write(&self, dir: &Path, redactor: &Redactor) -> Result<LoginFiles, Error> {
        let folder = Folder::create(dir)?;
        for stage in &self.steps {
            if let (Some(name), Some(png)) = (&stage.picture, &stage.png) {
                folder.file(name, |out| out.write_all(png))?;
            }
        }
        let (shown, document) = self.without_secrets(redactor);
        Ok(LoginFiles {
            page: folder.file("report.html", |out| out.write_all(page(&shown).into_string().as_bytes()))?,
            document: folder.file("report.json", |out| {
                serde_json::to_writer_pretty(&mut *out, &document)?;
                out.write_all(b"\n")
            })?,
            context: folder.file("handstamp.yaml", |out| out.write_all(shown.context.as_bytes()))?,
        })
    }

    /// The report as it may be shown, and as a document. Pictures are left as they are: pages hide passwords themselves.
    fn without_secrets(&self, redactor: &Redactor) -> (Self, Value) {
        let mut document = serde_json::to_value(self).unwrap_or_default();
        redactor.value(&mut document);
        let mut shown: Self = serde_json::from_value(document.clone()).unwrap_or_default();
        for (shown, own) in shown.steps.iter_mut().zip(&self.steps) {
            shown.png.clone_from(&own.png);
        }
        document["schema"] = "handstamp.login-report/1".into();
        (shown, document)
    }
}
