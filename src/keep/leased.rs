//! Work that one of many processes does, with the right to it extended meanwhile.

use std::{pin::pin, time::Duration};

use tokio::time;
use tracing::warn;

use crate::session::Lease;

/// Works with a lease that does not run out meanwhile.
pub(super) async fn extended<T>(lease: &Lease, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut every = time::interval(LEASE / 3);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = every.tick() => {
                if let Err(error) = lease.extend(LEASE) {
                    warn!(%error, "the right to log in could not be extended");
                }
            }
        }
    }
}

/// How long the right to log in lasts when its process hangs.
pub(super) const LEASE: Duration = Duration::from_secs(60);
