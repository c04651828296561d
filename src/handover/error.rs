//! What can be wrong with files of other tools, and with what is asked of them.

use std::{io, path::PathBuf};

use super::{Format, zap};

/// Why a session could not be handed over or taken. No message holds a value of a session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no format of this name.
    #[error("there is no format `{text}`\nhint: {}", names())]
    NoSuchFormat {
        /// What was asked for.
        text: String,
    },
    /// The text is none of the formats that are read.
    #[error("this is in no format that handstamp knows\nhint: name it with --format: {}", names())]
    Unknown,
    /// There is nothing at all.
    #[error(
        "there is nothing to read: it is empty\nhint: was the export cut short, or the wrong file named?"
    )]
    Empty,
    /// JSON that is broken.
    #[error(
        "this is no complete JSON, from line {line}, column {column} on\nhint: was it cut short? export it once more"
    )]
    CutJson {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: usize,
    },
    /// Binary data.
    #[error("this is no text\nhint: it looks like binary data; unpack it first, and export as text or JSON")]
    NotText,
    /// More than a session can be.
    #[error("this is larger than {limit} MiB, which no session is\nhint: narrow the export down to the site")]
    TooLarge {
        /// The most that is read, in MiB.
        limit: usize,
    },
    /// It is not what it should be.
    #[error(
        "this cannot be read as {format}: {reason}\nhint: export it once more, or name its format with --format"
    )]
    Damaged {
        /// What it was read as.
        format: Format,
        /// What is wrong and where, without values.
        reason: String,
    },
    /// The format is written only.
    #[error("{format} cannot be imported\nhint: it is a program; import what it was made from")]
    OutOnly {
        /// The format.
        format: Format,
    },
    /// It is well formed and holds no session.
    #[error("there is no session in it\nhint: {hint}")]
    NoSession {
        /// What may be the cause.
        hint: &'static str,
    },
    /// The format does not say where its values belong.
    #[error("{format} does not tell which site this is for\nhint: name its address with --url")]
    WhichSite {
        /// The format.
        format: Format,
    },
    /// The session has several origins, and the format is for one.
    #[error(
        "{format} is for one address, and the session is for several or none\nhint: name it with --url{}",
        told(origins)
    )]
    WhichUrl {
        /// The format.
        format: Format,
        /// The origins to choose from.
        origins: Vec<String>,
    },
    /// The session does not belong there.
    #[error(
        "the session does not belong to `{origin}`\nhint: name an address of its scope with --url{}",
        told(origins)
    )]
    OutOfScope {
        /// The origin that was named.
        origin: String,
        /// The origins that it belongs to.
        origins: Vec<String>,
    },
    /// A name or value could break out of its place.
    #[error(
        "the {kind} `{name}` holds a character that would break out of its place\nhint: no server sets such a value; do not trust where it came from"
    )]
    Unsafe {
        /// What it is.
        kind: &'static str,
        /// Its name, escaped.
        name: String,
    },
    /// The session has none of what the format can carry.
    #[error(
        "the session has nothing that {format} can carry\nhint: it holds {parts}; see the table in `handstamp export --help`"
    )]
    NothingToCarry {
        /// The format.
        format: Format,
        /// What the session holds.
        parts: String,
    },
    /// The session cannot be written for ZAP.
    #[error(transparent)]
    Zap(#[from] zap::Error),
    /// The credentials do not fit the scheme of HTTP authentication.
    #[error("the credentials cannot be used")]
    Credentials(#[source] crate::inject::Unanswered),
    /// The file cannot be written.
    #[error("cannot write `{}`\nhint: choose a directory that exists and that you may write to", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl Error {
    pub(super) fn damaged(format: Format, reason: impl Into<String>) -> Self {
        Self::Damaged { format, reason: reason.into() }
    }
}

fn names() -> String {
    Format::ALL.iter().map(|format| format.word()).collect::<Vec<_>>().join(", ")
}

fn told(origins: &[String]) -> String {
    if origins.is_empty() { String::new() } else { format!(": {}", origins.join(", ")) }
}
