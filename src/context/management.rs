//! How a context's sessions are carried.

use crate::session::Method;

/// The session management of a context.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Management {
    /// Decided from the login.
    #[default]
    Autodetect,
    /// As the configuration says.
    Explicit(Method),
}

impl Management {
    /// The word for it in configurations and messages.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Autodetect => "autodetect",
            Self::Explicit(method) => method.word(),
        }
    }

    /// The method, where it is told.
    #[must_use]
    pub fn method(&self) -> Option<&Method> {
        match self {
            Self::Autodetect => None,
            Self::Explicit(method) => Some(method),
        }
    }
}
