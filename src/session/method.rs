//! How a session is carried on requests.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::HeaderTemplate;

/// A session management method: which parts of a session go onto a request, and how they are made.
///
/// The names are those of ZAP's methods; `browser` has no counterpart there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Method {
    /// Everything that the browser held: cookies and header tokens as they were harvested.
    #[default]
    Browser,
    /// The cookies alone, after RFC 6265bis.
    Cookie,
    /// The user's credentials with each request, by a scheme of HTTP authentication.
    Http {
        /// Which scheme.
        scheme: HttpScheme,
    },
    /// Headers that are made from templates, and the cookies.
    Headers {
        /// The headers, in order.
        headers: Vec<HeaderTemplate>,
    },
    /// Whatever a session script does to the request.
    Script {
        /// The script's file.
        file: PathBuf,
        /// The values of its parameters, by name.
        parameters: BTreeMap<String, String>,
    },
}

/// A scheme of HTTP authentication that handstamp speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum HttpScheme {
    /// See RFC 7617.
    Basic,
    /// See RFC 7616.
    Digest,
    /// See RFC 6750: the password is the token.
    Bearer,
}

impl Method {
    /// The word for it in configurations and messages.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Cookie => "cookie",
            Self::Http { .. } => "http",
            Self::Headers { .. } => "headers",
            Self::Script { .. } => "script",
        }
    }
}
