//! Why there is no browser, or no answer.

use std::time::Duration;

use crate::{browser, inject, keep::GivenUp};

/// An error of the gateway room. Each is told to the client in the form of the WebDriver standard, and none shows a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The body of a command is not what the standard asks for.
    #[error("{reason}")]
    Invalid {
        /// What is wrong with it.
        reason: String,
    },
    /// Whose session is wanted is not known.
    #[error("{reason}")]
    Nobody {
        /// Why, with a hint.
        reason: String,
    },
    /// The session cannot be had.
    #[error(transparent)]
    Session(#[from] GivenUp),
    /// None of the browsers that were asked for can be opened here.
    #[error(
        "none of the browsers that were asked for can be opened here: {names}\nhint: the gateway opens chrome, firefox and MiniBrowser (WebKit); give it a grid with --upstream for others"
    )]
    NoMatch {
        /// What was asked for.
        names: String,
    },
    /// All browsers that there may be were in use for too long.
    #[error(
        "no browser became free within {} s\nhint: raise --max-sessions or --queue-timeout, or end sessions that are not needed any more", after.as_secs()
    )]
    Queue {
        /// How long the command waited.
        after: Duration,
    },
    /// The gateway is being ended.
    #[error("the gateway is being ended")]
    Stopping,
    /// The driver could not be started, or the browser could not be taken hold of.
    #[error(transparent)]
    Browser(#[from] browser::Error),
    /// The session could not be put into the browser.
    #[error("{error}: {}", cause(error))]
    Inject {
        /// What happened.
        error: inject::Error,
    },
    /// The driver or grid cannot be reached, or broke off.
    #[error("the driver does not answer: {reason}\nhint: is it running? `handstamp doctor` tells")]
    Unreachable {
        /// What happened.
        reason: String,
    },
    /// The driver took too long to open a browser.
    #[error("the driver opened no browser within {} s", after.as_secs())]
    Slow {
        /// How long it had.
        after: Duration,
    },
    /// The answer to a new-session command is not of the WebDriver standard.
    #[error("the driver's answer to the new-session command is not understood")]
    Protocol,
    /// The browser runs on another machine, and does not reach the proxy that it needs.
    #[error(
        "the browser does not reach the gateway's proxy{}\nhint: name this machine as the browser's knows it, with --advertise HOST, or say `\"proxy\": false` in `handstamp:options` to go without what only the proxy can put on",
        told.as_ref().map(|told| format!(" at {told}")).unwrap_or_default()
    )]
    OutOfReach {
        /// The proxy's address as the browser was told it; nothing where it is not known.
        told: Option<String>,
    },
    /// The proxy for the browser could not be started.
    #[error("the proxy for the browser cannot be started: {reason}")]
    Proxy {
        /// What happened.
        reason: String,
    },
}

impl Error {
    /// The error code and the status (see 6.6 Errors of the WebDriver standard).
    pub(super) fn code(&self) -> (u16, &'static str) {
        match self {
            Self::Invalid { .. } => (400, "invalid argument"),
            _ => (500, "session not created"),
        }
    }
}

impl From<inject::Error> for Error {
    fn from(error: inject::Error) -> Self {
        Self::Inject { error }
    }
}

fn cause(error: &inject::Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}
