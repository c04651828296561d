//! The wall clock, in the unit that cookies and tokens are dated in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Whole seconds since the beginning of 1970, UTC.
#[must_use]
pub fn now() -> i64 {
    since_epoch().as_secs().try_into().unwrap_or(i64::MAX)
}

/// Milliseconds since the beginning of 1970, UTC, for spans that are shorter than a second.
pub(super) fn now_millis() -> i64 {
    since_epoch().as_millis().try_into().unwrap_or(i64::MAX)
}

fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
