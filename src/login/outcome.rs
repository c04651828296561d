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
    /// A one-time password is asked for, and there is nothing to make it of.
    CodeNeeded,
    /// The application took the password and refused the one-time password.
    CodeRefused,
    /// The application says that the account is locked or that there were too many tries.
    Locked,
    /// The login ended at another host, and where it began it is asked for again.
    Elsewhere,
    /// No login form was found on the page or behind its links.
    NoForm,
    /// A passkey or security key is asked for.
    Passkey,
    /// The login leads to another host, which cannot be reached.
    ProviderUnreachable,
    /// The application refused the credentials.
    Refused,
    /// A step of the recipe could not be made.
    Step,
    /// The form was sent and nothing came back.
    Unanswered,
}

impl Refusal {
    /// The word for machines.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Captcha => "captcha",
            Self::CodeNeeded => "code-needed",
            Self::CodeRefused => "code-refused",
            Self::Locked => "locked",
            Self::Elsewhere => "ended-elsewhere",
            Self::NoForm => "no-form",
            Self::Passkey => "passkey",
            Self::ProviderUnreachable => "provider-unreachable",
            Self::Refused => "refused",
            Self::Step => "step",
            Self::Unanswered => "unanswered",
        }
    }

    /// The words for people.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Captcha => "a CAPTCHA stands in the way",
            Self::CodeNeeded => "the application asks for a one-time password",
            Self::CodeRefused => "the application refused the one-time password",
            Self::Locked => "the account is locked, or there were too many tries",
            Self::Elsewhere => "the login ended at another host, and did not come back",
            Self::NoForm => "no login form was found",
            Self::Passkey => "the application asks for a passkey or a security key",
            Self::ProviderUnreachable => "the identity provider cannot be reached",
            Self::Refused => "the application refused the login",
            Self::Step => "a step of the recipe could not be made",
            Self::Unanswered => "the form was sent, and nothing came back",
        }
    }

    /// What the user can do.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Captcha => "solve it yourself with --headed",
            Self::CodeNeeded => {
                "name where its secret is with --totp-env VAR, or type what was sent to you yourself with --headed"
            }
            Self::CodeRefused => {
                "is the secret the newest of this account, with its period, digits and algorithm, and is the clock of this machine right?"
            }
            Self::Locked => "wait before the next try, or use another account",
            Self::Elsewhere => "look with --headed at what is asked for there, and do it yourself once",
            Self::NoForm => "give the address of the login page itself, or look with --headed",
            Self::Passkey => "do that step yourself with --headed, or use an account without a passkey",
            Self::ProviderUnreachable => "is it running, and can this machine reach it?",
            Self::Refused => "check the user name and the password",
            Self::Step => "look with --headed, or record the login again with `handstamp record`",
            Self::Unanswered => "raise --timeout, or look with --headed",
        }
    }
}
