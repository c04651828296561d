//! An answer of the application, as far as it is compared.

use super::shape;

/// Status, redirection and body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Where it redirects to, without query.
    pub(super) location: Option<String>,
    pub(super) body: String,
}

impl Answer {
    /// The make-up of the body.
    pub(super) fn shape(&self) -> Vec<u64> {
        shape::of(&self.body)
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the server itself is in trouble, so that the answer says nothing of the session.
    pub(super) fn is_trouble(&self) -> bool {
        self.status == 429 || matches!(self.status, 502..=504)
    }
}
