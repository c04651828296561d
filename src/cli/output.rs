//! What goes to stdout: words for people, or JSON for machines.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

use serde_json::Value;

/// Who reads the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// People.
    Words,
    /// Machines.
    Json,
}

impl Output {
    /// Writes a line for people; machines get nothing.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn line(self, text: impl Display) -> io::Result<()> {
        match self {
            Self::Words => writeln!(io::stdout().lock(), "{text}"),
            Self::Json => Ok(()),
        }
    }

    /// Writes a document for machines, on one line; people get nothing.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn document(self, value: &Value) -> io::Result<()> {
        match self {
            Self::Words => Ok(()),
            Self::Json => {
                let mut out = io::stdout().lock();
                writeln!(out, "{value}")?;
                out.flush()
            }
        }
    }
}

/// A number with its noun: `1 cookie`, `2 cookies`.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
