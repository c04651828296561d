//! One browser that a client has.

use std::{
    future::pending,
    io,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{io::AsyncReadExt as _, net::TcpStream, sync::OwnedSemaphorePermit, task::spawn_blocking, time};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{activity::Activity, carry::Carry, sockets::Sockets};
use crate::{
    browser::{Control, Driver},
    inject::Stage,
};

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
    /// What does the part of BiDi and CDP where the browser has neither.
    pub(super) front: Option<Stage>,
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

    /// Returns once nothing has used it for so long; never, where there is no limit.
    pub(super) async fn idle_for(&self, limit: Option<Duration>) {
        match limit {
            Some(limit) => self.activity.idle_for(limit).await,
            None => pending().await,
        }
    }

    /// Returns once a driver that was started for it alone takes no connections any more; never for others.
    ///
    /// An open connection that says nothing ends with the driver.
    pub(super) async fn driver_has_died(&self) {
        if !self.is_own {
            pending::<()>().await;
        }
        while let Ok(mut stream) = self.connected().await {
            let _ = stream.read_u8().await;
            time::sleep(PAUSE).await;
        }
    }

    /// Whether its driver takes connections.
    pub(super) async fn is_listening(&self) -> bool {
        self.connected().await.is_ok()
    }

    async fn connected(&self) -> io::Result<TcpStream> {
        let port = self.base.port_or_known_default().unwrap_or(80);
        TcpStream::connect((self.base.host_str().unwrap_or_default(), port)).await
    }

    /// Ends what is held for it, and lets the next browser have its turn after that.
    pub(super) async fn clear(&self) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Held { control, front, carry, driver, turn }) = held else { return };
        drop(control);
        // Ending processes takes a moment, in which others want to be served.
        let _ = spawn_blocking(move || drop(driver)).await;
        drop((front, carry));
        drop(turn);
    }
}

/// A driver that closes connections at once is asked no more often than this.
const PAUSE: Duration = Duration::from_millis(200);
