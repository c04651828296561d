//! Who logs in.

use std::collections::BTreeMap;

use super::totp::Totp;
use crate::session::Secret;

/// A user name, a password, and what else an application asks for.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// The user name; nothing where the application asks for a password alone.
    pub username: Option<String>,
    /// The password.
    pub password: Secret,
    /// What else is filled in, by the name or label of its field.
    pub more: BTreeMap<String, Secret>,
    /// What makes the one-time password that is asked for beside the password, or after it.
    pub totp: Option<Totp>,
}

impl Credentials {
    /// A text without the password in it, for messages.
    pub(super) fn redact(&self, text: &str) -> String {
        if self.password.is_empty() { text.to_owned() } else { text.replace(self.password.expose(), "***") }
    }
}
