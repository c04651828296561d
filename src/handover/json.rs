//! Reads JSON of other tools, and names the place where something is wrong, not the value.

use serde_json::Value;

use super::{Error, Format};

/// A value that knows the way to itself.
#[derive(Clone)]
pub(super) struct Field<'a> {
    value: Option<&'a Value>,
    place: String,
    format: Format,
}

impl<'a> Field<'a> {
    pub(super) fn root(value: &'a Value, format: Format) -> Self {
        Self { value: Some(value), place: String::new(), format }
    }

    /// The value under a key; `null` counts as nothing.
    pub(super) fn at(&self, key: &str) -> Self {
        let dot = if self.place.is_empty() { "" } else { "." };
        let value = self.value.and_then(|value| value.get(key)).filter(|value| !value.is_null());
        Self { value, place: format!("{}{dot}{key}", self.place), format: self.format }
    }

    pub(super) fn value(&self) -> Option<&'a Value> {
        self.value
    }

    pub(super) fn is_there(&self) -> bool {
        self.value.is_some()
    }

    /// The items of a list; a missing one is empty.
    pub(super) fn items(&self) -> Result<Vec<Self>, Error> {
        let Some(value) = self.value else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| self.wrong("a list"))?;
        let item = |(number, value)| Self {
            value: Some(value),
            place: format!("{}[{number}]", self.place),
            format: self.format,
        };
        Ok(items.iter().enumerate().map(item).collect())
    }

    pub(super) fn text(&self) -> Result<&'a str, Error> {
        self.maybe_text()?.ok_or_else(|| self.wrong("a string"))
    }

    pub(super) fn maybe_text(&self) -> Result<Option<&'a str>, Error> {
        self.value.map(|value| value.as_str().ok_or_else(|| self.wrong("a string"))).transpose()
    }

    /// A yes or no; a missing one is no.
    pub(super) fn flag(&self) -> Result<bool, Error> {
        self.value.map_or(Some(false), Value::as_bool).ok_or_else(|| self.wrong("true or false"))
    }

    /// A point in time in Unix seconds; nothing where it is missing, zero or below.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from f64 saturates, and only whole seconds count"
    )]
    pub(super) fn end(&self) -> Result<Option<i64>, Error> {
        let Some(value) = self.value else { return Ok(None) };
        let seconds = value.as_f64().ok_or_else(|| self.wrong("a number of seconds"))?;
        Ok(Some(seconds.floor() as i64).filter(|end| *end > 0))
    }

    pub(super) fn wrong(&self, expected: &str) -> Error {
        let place = if self.place.is_empty() { "the document" } else { &self.place };
        Error::damaged(self.format, format!("`{place}` has to be {expected}"))
    }
}

/// Reads a whole document.
pub(super) fn parse(text: &str, format: Format) -> Result<Value, Error> {
    // What serde says of strings may quote them; the place is enough.
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::damaged(format, format!("it is no complete JSON, from line {line}, column {column} on"))
    })
}
