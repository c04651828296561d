//! Which entries of the history are wanted.

use std::{str::FromStr, time::SystemTime};

use super::entry::Entry;
use crate::proxy::HostPattern;

/// What an entry must be like; what is left out does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The host of the URL.
    pub host: Option<HostPattern>,
    /// The method, in any letter case.
    pub method: Option<String>,
    /// The status.
    pub status: Option<StatusRange>,
    /// A text in URL, headers or bodies, in any letter case.
    pub text: Option<String>,
    /// The session, by its whole name.
    pub session: Option<String>,
    /// The earliest start.
    pub since: Option<SystemTime>,
    /// How many at most, the newest ones.
    pub limit: Option<usize>,
}

impl Filter {
    /// Whether an entry is wanted, as far as the database does not tell that by itself.
    pub(super) fn admits(&self, entry: &Entry) -> bool {
        self.host.as_ref().is_none_or(|host| host.matches(&entry.host))
            && self.text.as_ref().is_none_or(|text| holds(entry, &text.to_lowercase()))
    }
}

fn holds(entry: &Entry, text: &str) -> bool {
    let messages = [&entry.request, &entry.response];
    entry.url.to_lowercase().contains(text)
        || messages
            .iter()
            .flat_map(|m| &m.headers)
            .any(|(name, value)| format!("{name}: {value}").to_lowercase().contains(text))
        || messages.iter().any(|m| String::from_utf8_lossy(&m.decoded()).to_lowercase().contains(text))
}

/// A status, or a class of them: `401`, `4xx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRange {
    pub(super) first: u16,
    pub(super) last: u16,
}

impl FromStr for StatusRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no status; write for example `401` or `4xx`");
        let (digits, span) = match text.to_ascii_lowercase().strip_suffix("xx") {
            Some(class) => (format!("{class}00"), 99),
            None => (text.to_owned(), 0),
        };
        let first: u16 = digits.parse().map_err(|_| wrong())?;
        if digits.len() == 3 && (100..=599).contains(&first) {
            Ok(Self { first, last: first + span })
        } else {
            Err(wrong())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_or_a_class_of_them_is_read_and_nonsense_is_refused_with_an_example() {
        assert_eq!("401".parse(), Ok(StatusRange { first: 401, last: 401 }));
        assert_eq!("4XX".parse(), Ok(StatusRange { first: 400, last: 499 }));
        for text in ["", "xx", "40", "4x", "6xx", "0xx", "+40", "4000"] {
            assert!(text.parse::<StatusRange>().is_err_and(|e| e.contains("4xx")), "{text}");
        }
    }
}
