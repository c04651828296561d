//! Playwright's storageState, with and without what handstamp adds.

use serde_json::Value;

use super::{Error, Format, Handed, Parts, export::Written};
use crate::session::{Error as SessionError, State, file};

/// The whole session file.
pub(super) fn write_own(handed: &Handed) -> Written {
    Written::new(pretty(&file::to_json(&handed.state)), carried(handed, Format::Handstamp))
}

/// What Playwright knows of it.
pub(super) fn write(handed: &Handed) -> Written {
    let mut document = file::to_json(&handed.state);
    if let Some(fields) = document.as_object_mut() {
        fields.remove("handstamp");
    }
    Written::new(pretty(&document), carried(handed, Format::Playwright))
}

/// Reads either.
pub(super) fn read(document: Value, format: Format) -> Result<State, Error> {
    file::from_json(document).map_err(|error| Error::damaged(format, reason(&error)))
}

fn carried(handed: &Handed, format: Format) -> Parts {
    Parts::of(&handed.state).only(format.carries())
}

fn reason(error: &SessionError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

fn pretty(document: &Value) -> String {
    format!("{document:#}\n")
}
