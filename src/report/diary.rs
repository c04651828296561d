//! Writes down the steps of a login while it is walked, with a picture of the page after each.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::time::Instant;

use crate::{
    browser::Exchange,
    login::{Step, Witness},
};

/// What was done, and what the page looked like then.
#[derive(Debug)]
pub struct Diary {
    began: Instant,
    entries: Mutex<Vec<Entry>>,
    traffic: Mutex<Vec<Exchange>>,
    /// How long the login took, once it has ended.
    took: OnceLock<f64>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When it was told, in seconds since the begin.
    pub at: f64,
    /// What was done.
    pub step: Step,
    /// The page afterwards, as PNG, where it could be taken.
    pub picture: Option<Vec<u8>>,
}

impl Default for Diary {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            entries: Mutex::default(),
            traffic: Mutex::default(),
            took: OnceLock::new(),
        }
    }
}

impl Diary {
    /// The steps so far, the first one first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().clone()
    }

    /// Keeps what the browser has sent and received until the login ended.
    pub fn keep(&self, traffic: Vec<Exchange>) {
        let _ = self.took.set(self.began.elapsed().as_secs_f64());
        *self.traffic.lock().unwrap_or_else(PoisonError::into_inner) = traffic;
    }

    /// What the browser has sent and received.
    #[must_use]
    pub fn traffic(&self) -> Vec<Exchange> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long the login took, or has been going on, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.took.get().copied().unwrap_or_else(|| self.began.elapsed().as_secs_f64())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Witness for Diary {
    fn step(&self, step: &Step) {
        let at = self.seconds();
        self.lock().push(Entry { at, step: step.clone(), picture: None });
    }

    fn wants_pictures(&self) -> bool {
        true
    }

    fn picture(&self, png: Vec<u8>) {
        if let Some(last) = self.lock().last_mut() {
            last.picture = Some(png);
        }
    }
}
