//! What is known about whether a session is alive.

use serde::{Deserialize, Serialize};

/// The outcome of a verification, in words that name no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Verdict {
    /// The application answered as it does to a user.
    Proven {
        /// What it answered.
        evidence: String,
    },
    /// Nothing could be found that tells the two apart.
    Unproven {
        /// What was missing.
        reason: String,
    },
    /// The application answered as it does to a stranger.
    Stale {
        /// What it answered.
        evidence: String,
    },
}
