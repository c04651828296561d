//! What can go wrong while logging in, other than being refused.

/// An error of the login room. A login that is refused is no error but an [`super::Outcome`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The browser failed.
    #[error("the login could not be walked through")]
    Browser {
        /// What it said.
        #[from]
        source: crate::browser::Error,
    },
    /// The application could not be asked.
    #[error("the login could not be sent")]
    Http {
        /// Why.
        #[from]
        source: crate::proxy::Error,
    },
    /// The application took too long.
    #[error("`{host}` did not answer the login in time\nhint: raise --timeout")]
    Slow {
        /// The host.
        host: String,
    },
    /// The application sends in circles.
    #[error("`{host}` redirects without end")]
    TooManyRedirects {
        /// The host.
        host: String,
    },
    /// The login goes to no web address.
    #[error("the address of the login is no web address\nhint: begin it with http:// or https://")]
    NoWebAddress,
    /// No one-time password can be made.
    #[error(
        "the one-time password has {what}\nhint: give the secret in base32 as the application shows it, or its `otpauth://totp/` URI"
    )]
    Totp {
        /// What does not fit.
        what: &'static str,
    },
    /// The store cannot tell which one-time passwords were used.
    #[error("it cannot be told whether the one-time password was used already")]
    Store {
        /// Why.
        #[source]
        source: crate::session::Error,
    },
    /// A recipe cannot be read.
    #[error("the recipe cannot be played")]
    Flow {
        /// Why.
        #[from]
        source: super::flow::FlowError,
    },
    /// A place in the login's request has no value.
    #[error(
        "nothing is known for the place `{{%{place}%}}` of the login's request\nhint: write {{%username%}}, {{%password%}}, the name of another credential, or {{%csrf:name%}} for a field of the login page"
    )]
    Place {
        /// What stands in it.
        place: String,
    },
}

impl Error {
    pub(super) fn totp(what: &'static str) -> Self {
        Self::Totp { what }
    }

    pub(super) fn place(text: &str) -> Self {
        Self::Place { place: text.chars().take(40).collect() }
    }
}
