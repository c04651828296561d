//! A step of a file while it is read: its values, and errors that name its place.

use std::time::Duration;

use serde_json::Value;

use super::{FlowError, Selector};

/// One step of a file, or the file's own map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) file: &'a str,
    /// Its number, from 1; 0 for the file itself.
    pub(super) number: usize,
    pub(super) value: &'a Value,
}

impl<'a> Item<'a> {
    /// The steps of a list, with their numbers.
    pub(super) fn all(file: &'a str, list: &'a Value) -> impl Iterator<Item = Self> {
        let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().enumerate().map(move |(n, value)| Self { file, number: n + 1, value })
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value[key].as_str()
    }

    /// A text that has to be there.
    pub(super) fn needed(&self, key: &str) -> Result<&'a str, FlowError> {
        self.text(key).ok_or_else(|| self.error(&format!("`{key}` is missing, or no text"), "write it"))
    }

    /// A whole number, also where it is written as a text.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        let value = &self.value[key];
        value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    pub(super) fn index(&self, key: &str) -> Option<usize> {
        self.number(key).and_then(|n| usize::try_from(n).ok())
    }

    pub(super) fn millis(&self, key: &str) -> Option<Duration> {
        self.number(key).filter(|n| *n > 0).map(Duration::from_millis)
    }

    /// A truth value, also where it is written as a text.
    pub(super) fn truth(&self, key: &str) -> Option<bool> {
        let value = &self.value[key];
        value.as_bool().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// The selectors under a key: a text is one, a list in the list is a chain through shadow roots.
    pub(super) fn selectors(&self, key: &str) -> Result<Vec<Selector>, FlowError> {
        let list = self.value[key].as_array().map(Vec::as_slice).unwrap_or_default();
        let found: Vec<Selector> = list.iter().filter_map(selector).collect();
        if found.is_empty() || found.len() < list.len() {
            let hint =
                "write a list of texts such as `#login`, `aria/Log in`, `text/Log in`, `xpath///button`";
            return Err(self.error(&format!("`{key}` are missing, or no selectors"), hint));
        }
        Ok(found)
    }

    pub(super) fn error(&self, message: &str, hint: &str) -> FlowError {
        match self.number {
            0 => FlowError::of_file(self.file, message, hint),
            number => FlowError::at(self.file, number, message, hint),
        }
    }

    /// The error for a word that is none of those that are known.
    pub(super) fn unknown(&self, what: &str, word: &str, known: &[&str]) -> FlowError {
        let word: String = word.chars().take(40).collect();
        let near = known.iter().max_by(|a, b| {
            let by = |known: &str| strsim::jaro_winkler(&word.to_lowercase(), &known.to_lowercase());
            by(a).total_cmp(&by(b))
        });
        let hint = near.map(|near| format!("the nearest one known is `{near}`")).unwrap_or_default();
        self.error(&format!("`{word}` is no {what} that handstamp knows"), &hint)
    }

    /// The error for a command that is known and cannot be played.
    pub(super) fn unplayable(&self, command: &str) -> FlowError {
        self.error(&format!("`{command}` cannot be played"), "take the step out, or write it in another way")
    }
}

fn selector(value: &Value) -> Option<Selector> {
    if let Some(text) = value.as_str() {
        return Some(Selector::parse(text));
    }
    let parts: Vec<Selector> =
        value.as_array()?.iter().map(|v| v.as_str().map(Selector::parse)).collect::<Option<_>>()?;
    match parts.len() {
        0 => None,
        1 => parts.into_iter().next(),
        _ => Some(Selector::Chain(parts)),
    }
}
