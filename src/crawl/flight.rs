//! What one browser has under way at its proxy.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{self, Instant},
};

/// The requests of one browser that are not answered yet.
#[derive(Debug)]
pub(super) struct Flight {
    open: Mutex<Open>,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Open {
    requests: HashMap<u64, (String, Instant)>,
    /// Routes that once stayed open for long: streams and long polls, nothing to wait for.
    patient: HashSet<String>,
}

impl Flight {
    pub(super) fn new() -> Self {
        Self { open: Mutex::default(), changes: watch::channel(0).0 }
    }

    pub(super) fn begin(&self, id: u64, route: String) {
        self.lock().requests.insert(id, (route, Instant::now()));
        self.changed();
    }

    pub(super) fn end(&self, id: u64) {
        self.lock().requests.remove(&id);
        self.changed();
    }

    /// Waits until nothing is under way that is worth waiting for, or until the limit.
    pub(super) async fn wait_idle(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        let mut changes = self.changes.subscribe();
        while self.is_busy() && Instant::now() < deadline {
            // Wakes up now and then, for a request may turn out to be a stream.
            let until = deadline.min(Instant::now() + LONG / 4);
            let _ = time::timeout_at(until, changes.changed()).await;
        }
    }

    /// Whether something is under way that is worth waiting for.
    pub(super) fn is_busy(&self) -> bool {
        let mut open = self.lock();
        let now = Instant::now();
        let late: Vec<String> = open
            .requests
            .values()
            .filter(|(_, since)| now.duration_since(*since) > LONG)
            .map(|(route, _)| route.clone())
            .collect();
        open.patient.extend(late);
        open.requests.values().any(|(route, _)| !open.patient.contains(route))
    }

    fn changed(&self) {
        self.changes.send_modify(|n| *n += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a request may take before it counts as a stream.
const LONG: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_request_that_never_ends_is_waited_for_once() {
        let flight = Flight::new();
        flight.begin(1, "http://a/poll".into());
        let start = Instant::now();
        flight.wait_idle(Duration::from_secs(60)).await;
        assert!(start.elapsed() < Duration::from_secs(6));
        flight.begin(2, "http://a/poll".into());
        assert!(!flight.is_busy());
        flight.begin(3, "http://a/other".into());
        assert!(flight.is_busy());
        flight.end(3);
        assert!(!flight.is_busy());
    }
}
