//! What the forms of the bed accept.

/// Whether what came for a form is what its page asks for.
pub(crate) fn accepts(_name: &str, _kind: &str, body: &[u8]) -> bool {
    !body.is_empty()
}
