//! One line about a session in the store.

use super::Verdict;

/// What the store tells about a session without opening it. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The name that it is saved under.
    pub name: String,
    /// When the session was made, in Unix seconds.
    pub created: i64,
    /// When it was last saved, in Unix seconds.
    pub updated: i64,
    /// When it is expected to end, as [`State::expires`](super::State::expires) tells, in Unix seconds.
    pub expires: Option<i64>,
    /// How many times it has been saved.
    pub generation: u64,
    /// What the last verification said.
    pub verdict: Option<Verdict>,
}
