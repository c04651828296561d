//! A JSON value that knows the way to itself, so that errors can name the place and not the value.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::super::{Error, Extra};

/// A place in a document, whether there is a value or not. `null` counts as nothing.
#[derive(Clone)]
pub(super) struct Keyed<'a> {
    value: Option<&'a Value>,
    key: String,
}

impl<'a> Keyed<'a> {
    pub(super) fn root(document: &'a Value) -> Self {
        Self { value: Some(document), key: String::new() }
    }

    pub(super) fn field(&self, name: &str) -> Self {
        let dot = if self.key.is_empty() { "" } else { "." };
        let value = self.value.and_then(|value| value.get(name)).filter(|value| !value.is_null());
        Self { value, key: format!("{}{dot}{name}", self.key) }
    }

    pub(super) fn optional(self) -> Option<Self> {
        self.value.is_some().then_some(self)
    }

    /// The entries of a list; a missing list is empty.
    pub(super) fn items(&self) -> Result<Vec<Self>, Error> {
        let Some(value) = self.value else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| self.wrong("a list"))?;
        let item = |(number, value)| Self { value: Some(value), key: format!("{}[{number}]", self.key) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    pub(super) fn object(&self) -> Result<&'a Map<String, Value>, Error> {
        self.value.and_then(Value::as_object).ok_or_else(|| self.wrong("an object"))
    }

    pub(super) fn text(&self) -> Result<&'a str, Error> {
        self.value.and_then(Value::as_str).ok_or_else(|| self.wrong("a string"))
    }

    pub(super) fn count(&self) -> Result<u64, Error> {
        self.value.and_then(Value::as_u64).ok_or_else(|| self.wrong("a whole number"))
    }

    /// A point in time in Unix seconds, fractions dropped; `None` where it is missing.
    pub(super) fn seconds(&self) -> Result<Option<i64>, Error> {
        let Some(value) = self.value else { return Ok(None) };
        value.as_i64().or_else(|| value.as_f64().map(whole)).map(Some).ok_or_else(|| self.wrong("a number"))
    }

    /// A yes or no; a missing one is no.
    pub(super) fn flag(&self) -> Result<bool, Error> {
        self.value.map_or(Some(false), Value::as_bool).ok_or_else(|| self.wrong("true or false"))
    }

    /// A value that is read as a whole. What serde says is dropped, for it may quote the value.
    pub(super) fn part<T: DeserializeOwned>(&self, expected: &'static str) -> Result<T, Error> {
        self.value.and_then(|value| T::deserialize(value).ok()).ok_or_else(|| self.wrong(expected))
    }

    pub(super) fn value(&self) -> Option<&'a Value> {
        self.value
    }

    /// What the object holds besides the keys in `known`.
    pub(super) fn besides(&self, known: &[&str]) -> Extra {
        let fields = self.value.and_then(Value::as_object).into_iter().flatten();
        Extra(
            fields
                .filter(|(key, _)| !known.contains(&key.as_str()))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
        )
    }

    pub(super) fn wrong(&self, expected: &'static str) -> Error {
        Error::WrongShape { key: self.key.clone(), expected }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast from f64 saturates, and only whole seconds count"
)]
fn whole(seconds: f64) -> i64 {
    seconds.floor() as i64
}
