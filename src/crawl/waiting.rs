//! The requests of one browser that can wait for a session which is being renewed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{HeaderMap, Request, Response};
use url::Url;

use super::flight::Flight;
use crate::{
    keep::{Hold, Ticket},
    proxy::{Body, Exchange},
};

/// What one browser has under way that can be sent again.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    hold: Option<Arc<Hold>>,
    tickets: Mutex<HashMap<u64, Ticket>>,
    /// Whether everything passes as it comes: its worker sees to the session itself.
    lets_pass: AtomicBool,
}

impl Waiting {
    pub(super) fn new(hold: Option<Arc<Hold>>) -> Self {
        Self { hold, ..Self::default() }
    }

    /// From now on nothing of this browser waits, or again all that can.
    pub(super) fn let_pass(&self, lets_pass: bool) {
        self.lets_pass.store(lets_pass, Ordering::Relaxed);
    }

    /// Lets a request go as soon as the session is there.
    pub(super) async fn depart(
        &self,
        exchange: &Exchange,
        route: &str,
        request: Request<Body>,
        flight: &Flight,
    ) -> Request<Body> {
        let Some(hold) = self.hold() else { return request };
        let _held = flight.hold(exchange.id);
        let (request, ticket) = hold.depart(exchange, route, request).await;
        if let Some(ticket) = ticket {
            self.tickets().insert(exchange.id, ticket);
        }
        request
    }

    /// The answer that the browser gets, and the headers with which it was asked for at last where these are others.
    pub(super) async fn arrive(
        &self,
        exchange: &Exchange,
        response: Response<Body>,
        flight: &Flight,
    ) -> (Response<Body>, Option<HeaderMap>) {
        let ticket = self.tickets().remove(&exchange.id);
        let (Some(hold), Some(ticket)) = (self.hold(), ticket) else { return (response, None) };
        let _held = flight.hold(exchange.id);
        let (response, sent) = hold.arrive(exchange, ticket, response).await;
        (response, Some(sent))
    }

    /// An exchange is over, or is answered by somebody else.
    pub(super) fn forget(&self, id: u64) {
        self.tickets().remove(&id);
    }

    /// Whether a request carried what the session had before, and not what the page made up since; nothing where nobody knows.
    pub(super) fn is_old(&self, url: &Url, headers: &HeaderMap) -> Option<bool> {
        self.hold.as_ref().map(|hold| hold.is_old(url, headers))
    }

    fn hold(&self) -> Option<&Hold> {
        self.hold.as_deref().filter(|_| !self.lets_pass.load(Ordering::Relaxed))
    }

    fn tickets(&self) -> MutexGuard<'_, HashMap<u64, Ticket>> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
