//! What can go wrong between handstamp, a driver and a browser.

use std::time::Duration;

use fantoccini::error::{CmdError, NewSessionError};

/// An error of the browser room.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No driver or browser binary was found.
    #[error(
        "no {what} was found\nhint: install it with `{install}`, or name a running driver with --webdriver"
    )]
    NotFound {
        /// The thing that is missing, for example "chromedriver".
        what: String,
        /// How to get it.
        install: String,
    },
    /// A visible browser was asked for where there is no display.
    #[error(
        "a visible browser needs a display, and there is none\nhint: leave out --headed, or run under `xvfb-run`"
    )]
    NoDisplay,
    /// The driver process did not start or was not ready in time.
    #[error("the driver `{driver}` did not start: {reason}\nhint: `handstamp doctor` tells what was found")]
    DriverStart {
        /// The driver's program.
        driver: String,
        /// What happened.
        reason: String,
    },
    /// The driver cannot be reached, or went away.
    #[error("the driver at {url} does not answer: {reason}\nhint: is it running? `handstamp doctor` tells")]
    DriverLost {
        /// Where the driver was.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The way that leads to a driver elsewhere does not reach it.
    #[error(
        "the driver or grid cannot be used: {reason}\nhint: check its address, user name and password; `--webdriver-ca FILE` names the authority of its certificate"
    )]
    Unreached {
        /// What the way said.
        reason: String,
    },
    /// The driver refused to open a browser.
    #[error(
        "the driver could not open a browser: {reason}\nhint: `handstamp doctor` tells which browsers and drivers fit"
    )]
    SessionNotCreated {
        /// The driver's own words, first line.
        reason: String,
    },
    /// A command did not end within its deadline.
    #[error("the browser did not answer `{command}` within {}\nhint: raise --timeout, or look at the page with --headed", seconds(*.after))]
    Timeout {
        /// The command, for example "navigate".
        command: String,
        /// The deadline that passed.
        after: Duration,
    },
    /// The driver answered a command with an error of the WebDriver standard.
    #[error("the browser refused `{command}`: {code}: {message}")]
    Command {
        /// The command.
        command: String,
        /// The error code, for example "no such element" (6.6 Errors of the WebDriver standard).
        code: String,
        /// The driver's own words, first line.
        message: String,
    },
    /// A navigation failed: the address cannot be reached, or its certificate is not trusted.
    #[error("cannot open {url}: {reason}\nhint: {hint}")]
    Navigation {
        /// The address, without query.
        url: String,
        /// The browser's error, for example `net::ERR_CONNECTION_REFUSED`.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The browser or its session ended.
    #[error("the browser ended while it was used")]
    Closed,
    /// This driver has no way to do what was asked.
    #[error("this driver cannot {what}\nhint: use Chromium, or Firefox with BiDi")]
    Unsupported {
        /// What was asked.
        what: String,
    },
    /// An answer had a shape that was not expected.
    #[error("the driver sent an answer to `{command}` that is not understood")]
    Protocol {
        /// The command.
        command: String,
    },
}

/// A result of the browser room.
pub(super) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether the browser or its driver is gone, so that no further command can succeed.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        match self {
            Self::DriverLost { .. } | Self::Unreached { .. } | Self::Closed | Self::Timeout { .. } => true,
            Self::Command { code, .. } => {
                code == "invalid session id" || code == NO_WINDOW || self.is_machine_gone()
            }
            _ => false,
        }
    }

    /// Whether the current window, or the frame in it, is not there any more; the browser may well be.
    #[must_use]
    pub fn is_window_gone(&self) -> bool {
        self.is_code(NO_WINDOW)
    }

    /// Whether the browser is lost, not merely a window of it that was closed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_lost() && !self.is_window_gone()
    }

    /// Whether a grid has lost the machine that the browser was on: nothing that a page can bring about.
    #[must_use]
    pub fn is_machine_gone(&self) -> bool {
        matches!(self, Self::Command { message, .. } if NO_MACHINE.iter().any(|words| message.starts_with(words)))
    }

    /// Whether the driver answered with this error code of the WebDriver standard.
    #[must_use]
    pub fn is_code(&self, wanted: &str) -> bool {
        matches!(self, Self::Command { code, .. } if code == wanted)
    }

    pub(super) fn of_command(command: &str, url: &str, error: CmdError) -> Self {
        match error {
            CmdError::Standard(e) => {
                let (code, message) = (e.error.to_string(), first_line(&e.message));
                if code == "invalid session id" && message.contains("deleted") {
                    Self::Closed
                } else {
                    Self::Command { command: command.into(), code, message }
                }
            }
            CmdError::Failed(e) => Self::DriverLost { url: url.into(), reason: e.to_string() },
            CmdError::FailedC(e) => Self::DriverLost { url: url.into(), reason: root_cause(&e) },
            CmdError::Lost(_) => Self::Closed,
            CmdError::NotJson(text) => {
                Self::of_way(&text).unwrap_or_else(|| Self::Protocol { command: command.into() })
            }
            _ => Self::Protocol { command: command.into() },
        }
    }

    pub(super) fn of_new_session(url: &str, error: NewSessionError) -> Self {
        match error {
            NewSessionError::SessionNotCreated(e) => {
                Self::SessionNotCreated { reason: first_line(&e.message) }
            }
            NewSessionError::NotW3C(v) => v
                .as_str()
                .and_then(Self::of_way)
                .unwrap_or_else(|| Self::SessionNotCreated { reason: message_of(&v) }),
            NewSessionError::FailedC(e) => Self::DriverLost { url: url.into(), reason: root_cause(&e) },
            NewSessionError::UnexpectedError(e) => Self::of_command("new session", url, e),
            other => Self::DriverLost { url: url.into(), reason: other.to_string() },
        }
    }

    /// What a page says that stands in the place of a driver's answer, where a way of our own has written it.
    pub(super) fn of_way(text: &str) -> Option<Self> {
        let text = text.strip_prefix(OWN_WORDS)?.trim();
        // What it hints at is meant for targets.
        let reason = text.split("\nhint: ").next().unwrap_or_default().replace('\n', ": ");
        Some(Self::Unreached { reason })
    }
}

/// How pages begin that no server has sent.
const OWN_WORDS: &str = "handstamp: ";

/// How drivers tell that a window has gone (see 6.6 Errors of the WebDriver standard).
const NO_WINDOW: &str = "no such window";

/// How a Selenium Grid tells that a session's node has gone: as long as it has not noticed, and after.
const NO_MACHINE: [&str; 2] =
    ["Unable to execute request for an existing session", "Unable to find session with ID"];

fn message_of(value: &serde_json::Value) -> String {
    let text = value.pointer("/value/message").or_else(|| value.get("message")).and_then(|m| m.as_str());
    first_line(text.unwrap_or("the answer is not of the WebDriver standard"))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs())
}
