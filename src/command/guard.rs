//! Ends a driver whose stand-in was killed.

use crate::{browser, cli::Exit};

/// Waits until the stand-in is gone, and ends what is left.
#[must_use]
pub fn guard() -> Exit {
    browser::guard();
    Exit::Done
}
