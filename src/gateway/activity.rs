//! When a browser was last used.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Counts what is under way, and notes when the last of it ended; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<Used>>);

#[derive(Debug)]
struct Used {
    open: usize,
    last: Instant,
}

/// Something that uses the browser as long as this value lives.
#[derive(Debug)]
pub(super) struct Busy(Activity);

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Used { open: 0, last: Instant::now() })))
    }

    /// Notes a command or a socket.
    pub(super) fn begin(&self) -> Busy {
        self.lock().open += 1;
        Busy(self.clone())
    }

    /// Returns once nothing has used the browser for so long.
    pub(super) async fn idle_for(&self, limit: Duration) {
        loop {
            let (is_busy, end) = {
                let used = self.lock();
                (used.open > 0, used.last + limit)
            };
            let now = Instant::now();
            match is_busy {
                false if now >= end => return,
                false => tokio::time::sleep_until(end).await,
                // Whatever is under way will leave the whole limit behind it.
                true => tokio::time::sleep(limit).await,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut used = self.0.lock();
        used.open -= 1;
        used.last = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_under_way_keeps_the_browser_from_being_idle() {
        let (activity, limit) = (Activity::new(), Duration::from_secs(300));
        let began = Instant::now();
        let busy = activity.begin();
        let ending = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1000)).await;
            drop(busy);
        });
        activity.idle_for(limit).await;
        ending.await.unwrap();
        assert_eq!(began.elapsed().as_secs(), 1300);
    }
}
