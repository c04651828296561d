//! How the program ends.

use std::process::ExitCode;

/// The exit codes, as the README tells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, also when a limit that was asked for ended it.
    Done,
    /// Unexpected: an unreachable target, an output that cannot be written.
    Failed,
    /// Wrong usage or configuration, or a session file that cannot be read.
    Usage,
    /// No login form, a refused login, a session that is stale.
    LoggedOut,
    /// No browser or driver to be had.
    NoBrowser,
    /// Incomplete or unproven: kept, and marked so.
    Incomplete,
    /// Interrupted by the user or the system.
    Interrupted,
    /// As the command did that `exec` ran.
    Command(u8),
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::LoggedOut => 3,
            Self::NoBrowser => 4,
            Self::Incomplete => 5,
            Self::Interrupted => 130,
            Self::Command(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
