//! A user of a context: a named set of credentials.

use std::collections::BTreeMap;

use super::SecretSource;
use crate::session::TotpAlgorithm;

/// A user of a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name in the configuration; the session is named `context/user`.
    pub name: String,
    /// The name to log in with.
    pub username: Option<String>,
    /// The password to log in with.
    pub password: Option<SecretSource>,
    /// The second factor.
    pub totp: Option<Totp>,
    /// What scripts ask for beside these, by name.
    pub more: BTreeMap<String, SecretSource>,
}

/// A time-based one-time password. See RFC 6238.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totp {
    /// The shared secret, in base32 as applications show it.
    pub secret: SecretSource,
    /// For how many seconds a password holds.
    pub period: u32,
    /// How many digits it has.
    pub digits: u32,
    /// The hash that makes it.
    pub algorithm: TotpAlgorithm,
}
