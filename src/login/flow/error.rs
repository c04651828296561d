//! Why a file is no flow.

/// A flow that cannot be read. It never holds what is typed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{place}: {message}\nhint: {hint}")]
pub struct FlowError {
    /// The file.
    file: String,
    /// The step in it, where it is one.
    place: String,
    message: String,
    hint: String,
}

impl FlowError {
    pub(super) fn of_file(file: &str, message: &str, hint: &str) -> Self {
        Self { file: file.into(), place: String::new(), message: message.into(), hint: hint.into() }
    }

    pub(super) fn at(file: &str, number: usize, message: &str, hint: &str) -> Self {
        Self { place: format!(", step {number}"), ..Self::of_file(file, message, hint) }
    }
}
