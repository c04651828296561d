//! Looks after a session in the background: renews it in time, checks it, and keeps what the application renews.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tokio::time;
use tracing::{debug, warn};

use super::{
    living::Living,
    login::{Login, Why},
    watch::{Every, Strategy},
};

impl<L: Login> Living<L> {
    /// Works until it is dropped; call [`Living::settle`] afterwards.
    pub async fn tend(&self) {
        tokio::join!(self.renew_in_time(), self.check_while_used(), self.keep_changes());
    }

    /// Writes the newest state into the store.
    ///
    /// # Errors
    /// When the store fails.
    pub fn settle(&self) -> Result<(), crate::session::Error> {
        self.save()
    }

    async fn renew_in_time(&self) {
        let mut failures = 0;
        loop {
            let phase = self.phases();
            let mut changes = self.shared.changes();
            match self.due().filter(|_| self.is_alive() && self.login.is_able()) {
                Some(due) if due.is_zero() => {
                    let made = self.renew(self.epoch(), Why::Expiring).await;
                    if made.is_ok() {
                        self.ahead.fetch_add(1, Ordering::Relaxed);
                        failures = 0;
                    } else {
                        failures += 1;
                        time::sleep(self.limits.wait(failures)).await;
                    }
                }
                due => {
                    let due = due.unwrap_or(IDLE);
                    tokio::select! {
                        () = time::sleep(due.min(IDLE)) => {}
                        () = phase => {}
                        () = self.worn() => {}
                        _ = changes.changed() => {}
                    }
                }
            }
        }
    }

    async fn check_while_used(&self) {
        let Strategy::Check(every) = self.watch.strategy else { return };
        let (mut since, mut checked) = (Instant::now(), self.uses.load(Ordering::Relaxed));
        let mut tick = time::interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let uses = self.uses.load(Ordering::Relaxed);
            let is_time = match every {
                Every::Requests(count) => uses - checked >= count.max(1),
                Every::Time(length) => uses > checked && since.elapsed() >= length,
            };
            if is_time && self.is_alive() {
                self.check_up().await;
                (since, checked) = (Instant::now(), uses);
            }
        }
    }

    /// Writes changes in bursts, for applications renew cookies with every answer; and looks for what others have written.
    async fn keep_changes(&self) {
        let mut changes = self.shared.changes();
        changes.mark_unchanged();
        loop {
            let outcome = tokio::select! {
                _ = changes.changed() => {
                    time::sleep(BURST).await;
                    changes.mark_unchanged();
                    self.save()
                }
                () = time::sleep(LOOK_EVERY) => self.take_newer().map(|is_newer| {
                    if is_newer {
                        debug!(session = %self.reference, "another process has renewed the session");
                    }
                }),
            };
            if let Err(error) = outcome {
                warn!(session = %self.reference, %error, "the session could not be kept");
            }
        }
    }
}

/// How long changes are gathered.
const BURST: Duration = Duration::from_millis(500);
/// How often to look what others did.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long to wait at most where nothing is due: clocks may be set.
const IDLE: Duration = Duration::from_secs(60);
