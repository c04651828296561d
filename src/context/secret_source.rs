//! A secret of a user's: in clear, or where it is kept.

use crate::session::{Credential, Error, Secret};

/// A secret that a configuration holds or refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// It stands in the configuration.
    Clear(Secret),
    /// It is kept elsewhere, and read when it is needed.
    Reference(Credential),
}

impl SecretSource {
    /// The secret itself. Fails like [`Credential::resolve`], and blocks like it.
    pub fn resolve(&self) -> Result<Secret, Error> {
        match self {
            Self::Clear(secret) => Ok(secret.clone()),
            Self::Reference(credential) => credential.resolve(),
        }
    }

    /// Where it is kept, when not in the configuration.
    #[must_use]
    pub fn reference(&self) -> Option<&Credential> {
        match self {
            Self::Clear(_) => None,
            Self::Reference(credential) => Some(credential),
        }
    }
}
