//! Why an action is left alone.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an action is never fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Reason {
    /// It would end the session.
    Logout,
    /// It would end the user's account.
    ClosesAccount,
    /// It would stop or restart the application.
    Stops,
    /// It would change the user's own password.
    ChangesPassword,
    /// It leads out of the scope.
    OutOfScope,
    /// It saves a file.
    Download,
    /// The user said so.
    Excluded,
    /// The application's `robots.txt` does not let it be opened, and is obeyed.
    Robots,
    /// It does harm, and the policy is to watch.
    DoesHarm,
    /// It sends a form, and the policy is to watch.
    SendsForm,
}

impl Reason {
    /// The words for it in reports.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::ClosesAccount => "closes the account",
            Self::Stops => "stops the application",
            Self::ChangesPassword => "changes the password",
            Self::OutOfScope => "out of scope",
            Self::Download => "download",
            Self::Excluded => "excluded",
            Self::Robots => "disallowed by robots.txt",
            Self::DoesHarm => "does harm",
            Self::SendsForm => "sends a form",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
