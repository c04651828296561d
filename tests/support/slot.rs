//! Keeps the tests of one binary from opening too many browsers at once.

use tokio::sync::{Semaphore, SemaphorePermit};

static SLOTS: Semaphore = Semaphore::const_new(2);

/// Waits until another browser may be opened; it may be as long as the permit lives.
pub(crate) async fn slot() -> SemaphorePermit<'static> {
    SLOTS.acquire().await.unwrap()
}
