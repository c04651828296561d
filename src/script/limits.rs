//! How much a script may use.

use std::time::Duration;

/// How much a session script may use; the default is enough for scripts that read and set tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory for everything that the script holds, 32 MiB by default.
    pub memory: usize,
    /// Bytes of stack, 512 KiB by default and 4 MiB at most.
    pub stack: usize,
    /// How long one call of one of its functions may take, one second by default.
    pub time: Duration,
    /// The largest body that is shown to it, 4 MiB by default.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 32 << 20, stack: 512 << 10, time: Duration::from_secs(1), body: 4 << 20 }
    }
}

/// The largest stack that a script can have, whatever its limits say.
pub(super) const LARGEST_STACK: usize = 4 << 20;

/// Bytes that the values of one session, or the variables of all scripts, may have together.
pub(super) const KEPT: usize = 1 << 20;

/// The largest script that is read.
pub(super) const SOURCE: usize = 1 << 20;
