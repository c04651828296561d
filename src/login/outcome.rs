//! What came of a login.

/// How a login ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The form was sent and went away; whether that is a session is for verification to prove.
    Through {
        /// What was seen.
        evidence: String,
    },
    /// No session came of it.
    Failed {
        /// The kind.
        refusal: Refusal,
        /// What was seen, without secrets.
        evidence: String,
    },
}

/// Why a login failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A CAPTCHA stands in the way.
    Captcha,
    /// The application says that the account is locked or that there were too many tries.
    Locked,
    /// No login form was found on the page or behind its links.
    NoForm,
    /// The application refused the credentials.
    Refused,
    /// The form was sent and nothing came back.
    Unanswered,
}

impl Refusal {
    /// The word for machines.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Captcha => "captcha",
            Self::Locked => "locked",
            Self::NoForm => "no-form",
            Self::Refused => "refused",
            Self::Unanswered => "unanswered",
        }
    }

    /// The words for people.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Captcha => "a CAPTCHA stands in the way",
            Self::Locked => "the account is locked, or there were too many tries",
            Self::NoForm => "no login form was found",
            Self::Refused => "the application refused the login",
            Self::Unanswered => "the form was sent, and nothing came back",
        }
    }

    /// What the user can do.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Captcha => "solve it yourself with --headed",
            Self::Locked => "wait before the next try, or use another account",
            Self::NoForm => "give the address of the login page itself, or look with --headed",
            Self::Refused => "check the user name and the password",
            Self::Unanswered => "raise --timeout, or look with --headed",
        }
    }
}
