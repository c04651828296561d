//! One browser that a client has.

use std::sync::{Mutex, PoisonError};

use tokio::{sync::OwnedSemaphorePermit, task::spawn_blocking};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{activity::Activity, carry::Carry, sockets::Sockets};
use crate::browser::{Control, Driver};

/// A browser, its driver, and what keeps its session in place.
#[derive(Debug)]
pub(super) struct Seat {
    /// The WebDriver session.
    pub(super) id: String,
    /// Whose session was put into the browser.
    pub(super) session: String,
    /// Where its driver or grid is.
    pub(super) base: Url,
    /// Whether the driver was started for this browser alone.
    pub(super) is_own: bool,
    pub(super) sockets: Sockets,
    pub(super) activity: Activity,
    /// Told when it ends, to all that use it.
    pub(super) over: CancellationToken,
    held: Mutex<Option<Held>>,
}

/// What ends with a browser.
#[derive(Debug)]
pub(super) struct Held {
    /// Gives each new tab its sessionStorage.
    pub(super) control: Option<Control>,
    pub(super) carry: Option<Carry>,
    pub(super) driver: Option<Driver>,
    pub(super) turn: OwnedSemaphorePermit,
}

impl Seat {
    pub(super) fn new(id: String, session: String, base: Url, sockets: Sockets, held: Held) -> Self {
        Self {
            id,
            session,
            base,
            is_own: held.driver.is_some(),
            sockets,
            activity: Activity::new(),
            over: CancellationToken::new(),
            held: Mutex::new(Some(held)),
        }
    }

    /// Ends what is held for it, and lets the next browser have its turn after that.
    pub(super) async fn clear(&self) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Held { control, carry, driver, turn }) = held else { return };
        drop(control);
        // Ending processes takes a moment, in which others want to be served.
        let _ = spawn_blocking(move || drop(driver)).await;
        drop(carry);
        drop(turn);
    }
}
