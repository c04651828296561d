//! When a session ends, and how it goes on.

use serde::{Deserialize, Serialize};

/// When a session ends by what is known of it, and how it is renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lifetime {
    /// When it ends, in Unix seconds; nothing where only the server knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<i64>,
    /// What tells so, in words: `exp of localStorage:token`.
    pub by: String,
    /// How the application gets a new token by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Refresh>,
    /// How handstamp renews it, in words.
    pub renewal: String,
}

/// How an application gets a new token by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refresh {
    /// The request, as method and path, where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What it spends, in words: `cookie:refresh`.
    pub with: String,
}

/// What a reload of the page does to the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Reload {
    /// Nobody has tried.
    #[default]
    Untried,
    /// The page is logged in after it.
    Keeps,
    /// The page is logged out by design: its token is in memory alone. Headers serve requests, a browser needs a fresh login.
    #[serde(rename = "reload-logs-out")]
    LogsOut,
}
