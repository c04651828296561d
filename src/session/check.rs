//! A request whose answer tells a living session from a dead one.

use serde::{Deserialize, Serialize};
use url::Url;

use super::url_text;

/// The request, what to look at in its answer, and why that is believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The request's method.
    pub method: String,
    /// What is asked.
    #[serde(with = "url_text")]
    pub url: Url,
    /// Headers that the answer depends on, such as `Accept`; never one that carries the session.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The request's body, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What differs between the two answers.
    pub indicator: Indicator,
    /// What was seen when the check was learned, in words, without secrets.
    pub evidence: String,
}

/// What differs between the answer to a user and the answer to a stranger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Indicator {
    /// The status code.
    Status {
        /// What a user gets.
        logged_in: u16,
        /// What a stranger gets.
        logged_out: u16,
    },
    /// Strangers are shown a login form at the URL, users are not; it takes a browser to see.
    Page,
    /// A text that only the answer to a user contains, such as the user's name.
    Body {
        /// The text.
        contains: String,
    },
    /// Patterns that were given, searched for in the status line, the headers and the body of the answer.
    ///
    /// As in ZAP, what the logged-in pattern matches is a user's; else what the logged-out pattern does not match is.
    Pattern {
        /// A regular expression that only answers to a user match.
        logged_in: Option<String>,
        /// A regular expression that only answers to a stranger match.
        logged_out: Option<String>,
    },
    /// Strangers are sent to the login page.
    Redirect {
        /// Where to: the beginning of the URL.
        logged_out_to: String,
    },
    /// The make-up of the body, once everything that changes from call to call is masked.
    Shape {
        /// Hashes of the parts of a user's answer.
        logged_in: Vec<u64>,
        /// Hashes of the parts of a stranger's answer.
        logged_out: Vec<u64>,
    },
}
