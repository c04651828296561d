//! Who logs in.

use crate::session::Secret;

/// A user name and a password.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user name; nothing where the application asks for a password alone.
    pub username: Option<String>,
    /// The password.
    pub password: Secret,
}

impl Credentials {
    /// A text without the password in it, for messages.
    pub(super) fn redact(&self, text: &str) -> String {
        if self.password.is_empty() { text.to_owned() } else { text.replace(self.password.expose(), "***") }
    }
}
