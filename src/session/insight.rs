//! What is known of a session beside the session itself, without any of its values.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Explained, Lifetime, Reload, url_text};

/// What the login's traffic told of a session, and what trials have proven of it since.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Insight {
    /// The tokens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<Explained>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Lifetime>,
    /// What a reload does to it.
    pub reload: Reload,
    /// The page that the login ended on, without what may be a secret in it.
    #[serde(with = "url_text::optional", skip_serializing_if = "Option::is_none")]
    pub page: Option<Url>,
}

impl Insight {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
