//! What is known of one token beside its value: where it is kept, where it is sent, what it is for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Source, TokenKind};
use crate::site::Origin;

/// A token as it can be told to anybody, for its value is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// Where it is kept.
    pub source: Source,
    /// The origin that it belongs to; `None` for cookies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The domain that a cookie belongs to; `None` for all else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Its name, with the way to it where it hides inside another value: `auth.user.token`.
    pub key: String,
    /// What kind of value it is.
    pub kind: TokenKind,
    /// The claims of a JSON Web Token: their names, and of what type they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<(String, String)>,
    /// Where requests carry it.
    #[serde(default)]
    pub sent_as: Vec<Sink>,
    /// What it is for.
    pub role: Role,
    /// When it ends, in Unix seconds, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// Whether plain requests need it, as far as that was tried.
    #[serde(default)]
    pub on_requests: Standing,
    /// Whether a fresh browser needs it, as far as that was tried.
    #[serde(default)]
    pub in_browser: Standing,
}

impl Explained {
    /// Whether the session needs it anywhere; the strongest of what was proven.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.on_requests.max(self.in_browser)
    }
}

/// Where requests carry a token. It prints as a kind and a name: `header Authorization`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Sink {
    /// In the Cookie header, as the browser sends it.
    Cookie {
        /// To whom.
        origin: Origin,
    },
    /// In a header that the application's script adds.
    Header {
        /// The header's name.
        name: String,
        /// To whom.
        origin: Origin,
    },
    /// As a parameter of the URL.
    Query {
        /// The parameter's name.
        key: String,
        /// To whom.
        origin: Origin,
    },
    /// In the body: a field of a form, or a value in JSON.
    Body {
        /// The field's name, or the way to the value.
        field: String,
        /// To whom.
        origin: Origin,
    },
}

impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie { .. } => f.write_str("cookie"),
            Self::Header { name, .. } => write!(f, "header {name}"),
            Self::Query { key, .. } => write!(f, "url parameter {key}"),
            Self::Body { field, .. } => write!(f, "body field {field}"),
        }
    }
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// It tells who the user is.
    Session,
    /// It gets a new token when the one in use has ended.
    Refresh,
    /// It protects against forged requests.
    Csrf {
        /// In which way.
        scheme: CsrfScheme,
    },
    /// Nothing tells.
    Unknown,
}

/// How an application protects itself against forged requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CsrfScheme {
    /// A field of the form or the body repeats a cookie.
    DoubleSubmit,
    /// The page's script copies a cookie into a header.
    HeaderFromCookie,
    /// A `<meta>` tag of the page has it, and a header repeats it.
    MetaTag,
    /// A hidden field of each form has it.
    FormField,
    /// Only the page's script has it.
    PageScript,
    /// An earlier answer's header has it.
    AnswerHeader,
}

impl Role {
    /// The word for it in messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Refresh => "refresh",
            Self::Unknown => "",
            Self::Csrf { scheme } => match scheme {
                CsrfScheme::DoubleSubmit => "CSRF, double submit",
                CsrfScheme::HeaderFromCookie => "CSRF, header from cookie",
                CsrfScheme::MetaTag => "CSRF, meta tag",
                CsrfScheme::FormField => "CSRF, form field",
                CsrfScheme::PageScript => "CSRF, in the page's script",
                CsrfScheme::AnswerHeader => "CSRF, from an answer's header",
            },
        }
    }
}

/// Whether the session needs a token, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It was not tried, or the trial came to no end.
    #[default]
    Undecided,
    /// It is in no set that suffices, or in none that needs it.
    Noise,
    /// It is in a set that suffices, and another set does without it.
    Sufficient,
    /// Without it nothing else suffices.
    Needed,
}

impl Standing {
    /// The word for it in messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Noise => "noise",
            Self::Sufficient => "sufficient",
            Self::Needed => "needed",
        }
    }
}
