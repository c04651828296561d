//! What can go wrong with sessions: their files, their store, and the credentials that they refer to.

use std::{io, path::PathBuf};

/// Why a session could not be read, kept or renewed. No message holds a value of a session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no session of this name, or no such file.
    #[error("there is no session `{reference}`\nhint: log in first, and save the session under this name")]
    NotFound {
        /// The name or path.
        reference: String,
    },
    /// A name that the store does not take.
    #[error(
        "`{text}` is not a name for a session\nhint: use letters, digits and `._@-`, with one `/` between context and user; a file begins with `./` or `/` or ends in `.json`"
    )]
    BadName {
        /// What was given.
        text: String,
    },
    /// Something is wrong inside a session file.
    #[error("cannot use the session file `{}`", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: Box<Error>,
    },
    /// Something is wrong inside a session of the store.
    #[error("cannot use the stored session `{name}`")]
    InStore {
        /// The session's name.
        name: String,
        /// What is wrong.
        #[source]
        source: Box<Error>,
    },
    /// The text of a session is no JSON, or ends too early.
    #[error("it is not complete JSON\nhint: it was damaged or cut short; log in again")]
    NotJson(#[source] serde_json::Error),
    /// A newer handstamp wrote this.
    #[error(
        "it has version {found}, and this handstamp reads up to version {known}\nhint: upgrade handstamp"
    )]
    Newer {
        /// The version that it has.
        found: u64,
        /// The newest version that can be read.
        known: u64,
    },
    /// A key is missing or holds something else than it should.
    #[error("{} has to be {expected}\nhint: mend the file, or log in again", place(key))]
    WrongShape {
        /// The way to the key, such as `cookies[3].value`; empty for the whole document.
        key: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A session file cannot be read.
    #[error("cannot read the session file `{}`\nhint: check that it is a file and that you may read it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A session file cannot be written.
    #[error("cannot write the session file `{}`\nhint: choose a directory that exists and that you may write to", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The place of the store cannot be used.
    #[error("cannot keep sessions in `{}`\nhint: set HANDSTAMP_HOME to a directory that you may write to", path.display())]
    Home {
        /// The directory of the store.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The sessions of the store are encrypted, and no key or another one was given.
    #[error(
        "the sessions in the store are encrypted, and this is not their key\nhint: set HANDSTAMP_STORE_KEY, or HANDSTAMP_STORE_KEY_FILE, to the key that they were encrypted with"
    )]
    Locked,
    /// A key for the store that could be guessed.
    #[error(
        "the key of the session store is shorter than {shortest} characters\nhint: make a random one, with `openssl rand -base64 32` for example"
    )]
    WeakKey {
        /// The least length, in bytes.
        shortest: usize,
    },
    /// The database of the store failed.
    #[error("the session store failed")]
    Store(#[from] rusqlite::Error),
    /// A credential that a session or user refers to cannot be read.
    #[error("cannot read a credential from the {reference}: {reason}\nhint: {hint}")]
    Credential {
        /// The reference, in words.
        reference: String,
        /// What happened.
        reason: String,
        /// What to do.
        hint: String,
    },
}

fn place(key: &str) -> String {
    if key.is_empty() { "the document".to_owned() } else { format!("`{key}`") }
}
