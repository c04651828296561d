//! How quickly requests may follow each other, over all browsers of a crawl.

use std::time::Duration;

use tokio::{
    sync::Mutex,
    time::{self, Instant},
};

/// Gives each request its turn.
#[derive(Debug, Default)]
pub(super) struct Pace {
    every: Option<Duration>,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// So many requests a second; nothing for as many as come.
    pub(super) fn new(per_second: Option<f64>) -> Self {
        let every = per_second.filter(|rate| *rate > 0.0).map(|rate| Duration::from_secs_f64(1.0 / rate));
        Self::every(every)
    }

    /// One request each time that this has passed; nothing for as many as come.
    pub(super) fn every(every: Option<Duration>) -> Self {
        Self { every, next: Mutex::default() }
    }

    /// Waits until it is the caller's turn; those who came first go first.
    pub(super) async fn turn(&self) {
        let Some(every) = self.every else { return };
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let turn = next.unwrap_or(now).max(now);
        *next = Some(turn + every);
        drop(next);
        time::sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_follow_each_other_at_the_pace_that_was_asked_for() {
        let pace = Pace::new(Some(5.0));
        let start = Instant::now();
        for _ in 0..11 {
            pace.turn().await;
        }
        assert_eq!(start.elapsed().as_millis(), 2000);
        let free = Pace::new(None);
        free.turn().await;
        assert_eq!(start.elapsed().as_millis(), 2000);
    }
}
