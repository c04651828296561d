//! An answer of the application, as far as it is compared.

use std::fmt::Write as _;

use http::StatusCode;

use super::shape;

/// Status, redirection and body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Where it redirects to, without query.
    pub(super) location: Option<String>,
    pub(super) body: String,
    /// The status line and the headers.
    pub(super) head: String,
}

impl Answer {
    /// The make-up of the body.
    pub(super) fn shape(&self) -> Vec<u64> {
        shape::of(&self.body)
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The lines with which it sets or removes cookies.
    pub(super) fn set_cookies(&self) -> impl Iterator<Item = &str> {
        self.head.split("\r\n").filter_map(|line| line.strip_prefix("set-cookie: "))
    }

    /// Whether it says the same as another, whatever their headers.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.status == other.status && self.location == other.location && self.body == other.body
    }

    /// Whether the server itself is in trouble, so that the answer says nothing of the session.
    pub(super) fn is_trouble(&self) -> bool {
        self.status == 429 || matches!(self.status, 502..=504)
    }
}

/// The status line and the headers of an answer as patterns see them, with the empty line after them.
#[must_use]
pub fn head_text(status: u16, headers: &[(String, String)]) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut text = format!("HTTP/1.1 {status} {}\r\n", reason.unwrap_or_default());
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text.push_str("\r\n");
    text
}
