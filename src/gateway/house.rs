//! What all parts of a running gateway share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use http::{Method, Request};
use serde_json::Value;
use tokio::{sync::Semaphore, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};
use url::Url;

use super::{
    error::Error,
    event::{Event, Reason},
    passage::Passage,
    seat::Seat,
    settings::{Behind, RelaySockets, Settings},
    sockets::seen_from_here,
    users::Users,
};
use crate::proxy::{Client, below, empty, is_loopback};

/// A running gateway.
#[derive(Debug)]
pub(super) struct House<U> {
    pub(super) users: Arc<U>,
    pub(super) settings: Settings,
    /// Speaks to drivers.
    pub(super) client: Client,
    /// One permit for each browser that there may be; whoever asks first gets one first.
    pub(super) turns: Arc<Semaphore>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    /// Whether other machines can reach the gateway.
    is_open: bool,
    seats: Mutex<HashMap<String, Arc<Seat>>>,
}

impl<U: Users> House<U> {
    pub(super) fn new(users: Arc<U>, settings: Settings, client: Client, is_open: bool) -> Self {
        Self {
            users,
            turns: Arc::new(Semaphore::new(settings.max_sessions.max(1))),
            settings,
            client,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            is_open,
            seats: Mutex::default(),
        }
    }

    /// The browser of a session.
    pub(super) fn seat(&self, id: &str) -> Option<Arc<Seat>> {
        self.seats().get(id).cloned()
    }

    /// Gives a browser its place. From here on the gateway ends it.
    pub(super) fn take_in(self: &Arc<Self>, seat: Seat) -> Result<(), Error> {
        let seat = Arc::new(seat);
        {
            let mut seats = self.seats();
            if self.stop.is_cancelled() {
                return Err(Error::Stopping);
            }
            seats.insert(seat.id.clone(), Arc::clone(&seat));
        }
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            let reason = tokio::select! {
                () = seat.over.cancelled() => return,
                () = seat.idle_for(house.settings.idle_timeout) => Reason::Idle,
                () = seat.driver_has_died() => Reason::Died,
            };
            house.end(&seat.id, reason).await;
        });
        Ok(())
    }

    /// Ends a browser and everything that was there for it; does nothing when that was done already.
    pub(super) async fn end(&self, id: &str, reason: Reason) {
        let Some(seat) = self.seats().remove(id) else { return };
        self.put_out(&seat, reason).await;
    }

    /// Ends all browsers.
    pub(super) async fn end_all(&self, reason: Reason) {
        let all: Vec<_> = self.seats().drain().map(|(_, seat)| seat).collect();
        join_all(all.iter().map(|seat| self.put_out(seat, reason))).await;
    }

    async fn put_out(&self, seat: &Seat, reason: Reason) {
        seat.over.cancel();
        if !seat.is_own && reason != Reason::Deleted {
            delete(&self.client, &seat.base, &seat.id).await;
        }
        seat.clear().await;
        debug!(id = seat.id, reason = reason.word(), "the session has ended");
        self.users.tell(&Event::Ended { id: seat.id.clone(), session: seat.session.clone(), reason });
    }

    /// Where the driver is that is reached at this address.
    pub(super) fn place<'a>(&'a self, driver: &'a Url) -> &'a Url {
        match &self.settings.behind {
            Behind::Own(_) => driver,
            Behind::Upstream { at, .. } => at,
        }
    }

    /// Whether the sockets of a browser at this driver lead through the gateway.
    pub(super) fn relays_sockets(&self, driver: &Url) -> bool {
        match self.settings.relay_sockets {
            RelaySockets::Always => true,
            RelaySockets::Never => false,
            RelaySockets::Auto => {
                let at = self.place(driver);
                self.settings.idle_timeout.is_some() || self.is_open || !is_loopback(at) || at != driver
            }
        }
    }

    /// The address by which the driver or grid of somebody else is reached, where there is one.
    pub(super) fn upstream(&self) -> Option<&Url> {
        match &self.settings.behind {
            Behind::Own(_) => None,
            Behind::Upstream { at, passage } => Some(passage.as_ref().map_or(at, Passage::url)),
        }
    }

    /// Granted capabilities as they are to be understood here.
    pub(super) fn seen(&self, capabilities: &Value, driver: &Url) -> Value {
        match &self.settings.behind {
            Behind::Upstream { passage: Some(passage), .. } => passage.seen(capabilities),
            Behind::Upstream { .. } | Behind::Own(_) => seen_from_here(capabilities, driver),
        }
    }

    fn seats(&self) -> MutexGuard<'_, HashMap<String, Arc<Seat>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a session at a driver that lives on.
pub(super) async fn delete(client: &Client, base: &Url, id: &str) {
    let mut request = Request::new(empty());
    *request.method_mut() = Method::DELETE;
    let Some(uri) = below(base, &format!("/session/{id}")) else { return };
    *request.uri_mut() = uri;
    match timeout(DELETE_LIMIT, client.send(request)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => warn!(%error, "the session could not be ended at the driver"),
        Err(_) => warn!("the session could not be ended at the driver in time"),
    }
}

const DELETE_LIMIT: Duration = Duration::from_secs(20);
