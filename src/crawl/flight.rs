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
    /// Their routes, and since when they are under way; nothing while they are held.
    requests: HashMap<u64, (String, Option<Instant>)>,
    /// Routes that once stayed open for long: streams and long polls, nothing to wait for.
    patient: HashSet<String>,
}

impl Flight {
    pub(super) fn new() -> Self {
        Self { open: Mutex::default(), changes: watch::channel(0).0 }
    }

    pub(super) fn begin(&self, id: u64, route: String) {
        self.lock().requests.insert(id, (route, Some(Instant::now())));
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
            .filter(|(_, since)| since.is_some_and(|since| now.duration_since(since) > LONG))
            .map(|(route, _)| route.clone())
            .collect();
        open.patient.extend(late);
        let counts =
            |(route, since): &(String, Option<Instant>)| since.is_none() || !open.patient.contains(route);
        open.requests.values().any(counts)
    }

    /// Holds a request as long as what this gives lives: it is waited for, however long that takes.
    pub(super) fn hold(&self, id: u64) -> Held<'_> {
        self.set(id, None);
        Held { flight: self, id }
    }

    /// Waits until nothing is held; tells how long that took.
    pub(super) async fn wait_released(&self, limit: Duration) -> Duration {
        let began = Instant::now();
        let mut changes = self.changes.subscribe();
        while self.has_held() && began.elapsed() < limit {
            let _ = time::timeout_at(began + limit, changes.changed()).await;
        }
        began.elapsed()
    }

    /// Whether something is held.
    pub(super) fn has_held(&self) -> bool {
        self.lock().requests.values().any(|(_, since)| since.is_none())
    }

    fn set(&self, id: u64, since: Option<Instant>) {
        if let Some((_, known)) = self.lock().requests.get_mut(&id) {
            *known = since;
        }
        self.changed();
    }

    fn changed(&self) {
        self.changes.send_modify(|n| *n += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is held.
#[derive(Debug)]
pub(super) struct Held<'a> {
    flight: &'a Flight,
    id: u64,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.flight.set(self.id, Some(Instant::now()));
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

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_held_is_waited_for_and_is_no_stream() {
        let flight = Flight::new();
        flight.begin(1, "http://a/orders".into());
        let held = flight.hold(1);
        flight.wait_idle(LONG * 2).await;
        assert!(flight.is_busy() && flight.has_held());
        let released = async {
            time::sleep(LONG).await;
            drop(held);
        };
        let (took, ()) = tokio::join!(flight.wait_released(LONG * 9), released);
        assert!(took >= LONG && took < LONG * 2 && flight.is_busy() && !flight.has_held());
        flight.end(1);
        assert!(!flight.is_busy());
    }
}
