//! Holds answers that say the session has ended, lets it be renewed once for all of them, and sends their requests again.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http::{HeaderMap, Request, Response, StatusCode};
use tokio::time;
use tracing::{debug, info, warn};
use url::Url;

use super::{
    rounds::{Rounds, Seat, Settled, Wanted, Weight},
    saved::Saved,
    sign::{self, Sign},
};
use crate::{
    inject::{Stamp, Standing, Succession},
    proxy::{Body, Client, Exchange},
    session::Shared,
};

/// What stands between browsers that have a session and an application that ends it.
///
/// It holds what came too late: an answer that denies what carried the session, and requests that would follow. Somebody
/// else finds out whether the session has ended and renews it: see [`Hold::wanted`] and [`Hold::settle`]. Then what was held
/// is sent again with the new session, and its sender sees that answer only. What a new session is denied too is this user's
/// lot, and is not held again.
#[derive(Debug)]
pub struct Hold {
    stamp: Stamp,
    shared: Shared,
    client: Client,
    succession: Succession,
    rounds: Rounds,
    /// What living sessions are denied too: routes with their status, and the paths for which that was seen.
    acquitted: Mutex<HashMap<String, HashSet<String>>>,
    /// How often in a row a new session was denied the same.
    vain: AtomicUsize,
    /// When a page was last left to renew the session.
    left: Mutex<Option<Instant>>,
    limit: Duration,
}

/// A request that carries the session and can be sent again.
pub struct Ticket {
    saved: Saved,
    route: String,
    epoch: u64,
    sent: HeaderMap,
    /// How long it may still be held.
    left: Duration,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("route", &self.route)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl Hold {
    /// Holds requests of browsers with this session, which is followed by `stamp`; what is sent again goes through `client`.
    /// After `limit` an answer goes on as it came.
    #[must_use]
    pub fn new(stamp: Stamp, shared: Shared, client: Client, limit: Duration) -> Self {
        let (succession, rounds, acquitted) = (Succession::default(), Rounds::default(), Mutex::default());
        let (vain, left) = (AtomicUsize::new(0), Mutex::default());
        Self { stamp, shared, client, succession, rounds, acquitted, vain, left, limit }
    }

    /// Takes note of what the session has now: a browser is about to be given that, and may come with it when it is over.
    pub fn know(&self, url: &Url) {
        self.meet(url, &mut self.stamp.request_headers(url));
    }

    /// Lets a request go: once the session is there, with its current values, and with a copy where it may have to be sent
    /// again. `route` is what counts as one place of the application.
    pub async fn depart(
        &self,
        exchange: &Exchange,
        route: &str,
        mut request: Request<Body>,
    ) -> (Request<Body>, Option<Ticket>) {
        let url = &exchange.url;
        if !self.stamp.covers(url) || self.is_entry(exchange) {
            return (request, None);
        }
        if self.meet(url, request.headers_mut()) == Standing::Foreign {
            return (request, None);
        }
        let mut left = self.limit;
        if let Some(seat) = self.rounds.queue() {
            let began = Instant::now();
            wait(seat, left).await;
            left = left.saturating_sub(began.elapsed());
            self.meet(url, request.headers_mut());
        }
        // A socket is no answer that could be sent again.
        if exchange.upgrade {
            return (request, None);
        }
        let (epoch, sent) = (self.rounds.epoch(), request.headers().clone());
        let (saved, request) = Saved::of(request, LONGEST);
        (request, Some(Ticket { saved, route: route.to_owned(), epoch, sent, left }))
    }

    /// Gives what the sender of a request gets: the answer that came, or where that said that the session had ended, the one
    /// with the session that was made since. With it come the headers that were sent last.
    pub async fn arrive(
        &self,
        exchange: &Exchange,
        ticket: Ticket,
        response: Response<Body>,
    ) -> (Response<Body>, HeaderMap) {
        let Some(evidence) = self.evidence(&exchange.url, &response) else { return (response, ticket.sent) };
        let key = format!("{} {} {}", exchange.method, ticket.route, response.status().as_u16());
        let is_denied = response.status() == StatusCode::UNAUTHORIZED;
        // Who was denied has not done anything yet; anything else is not done twice.
        let is_harmless = is_denied || ticket.saved.is_safe();
        if !is_harmless || self.is_acquitted(&key, exchange.url.path()) {
            return (response, ticket.sent);
        }
        let weight = if is_denied { Weight::Denial } else { Weight::Hint };
        match self.settled(exchange, &ticket, &evidence, weight).await {
            (Settled::Renewed, _) => self.again(exchange, ticket, (response, key)).await,
            (Settled::LeftToPage, None) if self.page_renews(&exchange.url, &ticket.sent).await => {
                self.again(exchange, ticket, (response, key)).await
            }
            (Settled::Alive, Some(Opener)) => {
                self.acquit(key, exchange.url.path());
                (response, ticket.sent)
            }
            _ => (response, ticket.sent),
        }
    }

    /// Whether a request carries what the session had before.
    #[must_use]
    pub fn is_old(&self, url: &Url, headers: &HeaderMap) -> bool {
        self.succession.standing(&self.stamp, url, headers) == Standing::Old
    }

    /// Waits until somebody is denied who carried the session. Whoever calls this has to [`settle`](Self::settle) it.
    pub async fn wanted(&self) -> Wanted {
        self.rounds.opened().await
    }

    /// Lets all go who wait; tells how many these are.
    pub fn settle(&self, settled: Settled) -> usize {
        if settled == Settled::Renewed {
            self.succession.bury();
        }
        *self.left() = (settled == Settled::LeftToPage).then(Instant::now);
        self.rounds.settle(settled)
    }

    /// From now on nothing is held any more.
    pub fn close(&self) {
        self.rounds.close();
    }

    /// How often the session was renewed.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.rounds.epoch()
    }

    /// The session was renewed by somebody whom nobody here had asked.
    pub fn renewed(&self) {
        self.succession.bury();
        self.rounds.renewed();
    }

    /// Whether a denial is believed where nothing else tells how the session is: not after it was wrong twice.
    #[must_use]
    pub fn believes_denials(&self) -> bool {
        self.vain.load(Ordering::Relaxed) < VAIN_MOST
    }

    fn meet(&self, url: &Url, headers: &mut HeaderMap) -> Standing {
        self.succession.meet(&self.stamp, url, headers)
    }

    /// Why an answer looks like one to a stranger, if it does.
    fn evidence(&self, url: &Url, response: &Response<Body>) -> Option<String> {
        let (status, headers) = (response.status(), response.headers());
        match self.shared.read(|state| sign::of_head(state, url, status, headers)) {
            Sign::Suspect(evidence) | Sign::Dead(evidence) => Some(evidence),
            Sign::Nothing => None,
        }
    }

    async fn settled(
        &self,
        exchange: &Exchange,
        ticket: &Ticket,
        evidence: &str,
        weight: Weight,
    ) -> (Settled, Option<Opener>) {
        if ticket.epoch != self.rounds.epoch() || self.is_old(&exchange.url, &ticket.sent) {
            return (Settled::Renewed, None);
        }
        if self.left().is_some_and(|since| since.elapsed() < PAGE_LIMIT) {
            return (Settled::LeftToPage, None);
        }
        let Some(seat) = self.rounds.join(evidence, weight) else { return (Settled::LetGo, None) };
        debug!(method = %exchange.method, path = exchange.url.path(), evidence, "held");
        let opener = seat.is_first.then_some(Opener);
        (wait(seat, ticket.left).await, opener)
    }

    /// Waits until the session is another one than a request carried; tells whether that came in time.
    async fn page_renews(&self, url: &Url, sent: &HeaderMap) -> bool {
        let mut changes = self.shared.changes();
        let renewed = async { while !self.is_old(url, sent) && changes.changed().await.is_ok() {} };
        time::timeout(PAGE_LIMIT.min(self.limit), renewed).await.is_ok()
    }

    fn left(&self) -> MutexGuard<'_, Option<Instant>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request with the session as it is now; gives the answer that was there where that fails.
    async fn again(
        &self,
        exchange: &Exchange,
        ticket: Ticket,
        (refused, key): (Response<Body>, String),
    ) -> (Response<Body>, HeaderMap) {
        let (method, path) = (&exchange.method, exchange.url.path());
        let Some(mut request) = ticket.saved.again() else {
            warn!(%method, path, "not sent again: its body was too long to be kept");
            return (refused, ticket.sent);
        };
        Succession::replace(&self.stamp, &exchange.url, request.headers_mut());
        let sent = request.headers().clone();
        info!(%method, path, "sent again with the new session");
        let answer = time::timeout(self.limit, self.client.send(request)).await;
        let Ok(Ok(answer)) = answer else {
            warn!(%method, path, "could not be sent again");
            return (refused, ticket.sent);
        };
        if self.evidence(&exchange.url, &answer).is_some() {
            self.vain.fetch_add(1, Ordering::Relaxed);
            self.acquit(key, path);
        } else {
            self.vain.store(0, Ordering::Relaxed);
            self.succession.condemn(&self.stamp, &exchange.url, &ticket.sent);
        }
        (answer, sent)
    }

    /// Whether a request is there to log in or to renew the session: what it is answered is no news.
    fn is_entry(&self, exchange: &Exchange) -> bool {
        let path = exchange.url.path();
        let is_known = |state: &crate::session::State| {
            state.recipe.as_ref().is_some_and(|recipe| recipe.login_url.path() == path && path != "/")
        };
        let path = path.to_ascii_lowercase();
        let speaks = |words: &[&str]| path.split(['/', '.', '-', '_']).any(|word| words.contains(&word));
        speaks(LOGIN_WORDS)
            || (!exchange.method.is_safe() && speaks(RENEWAL_WORDS))
            || self.shared.read(is_known)
    }

    fn is_acquitted(&self, key: &str, path: &str) -> bool {
        let acquitted = self.acquitted.lock().unwrap_or_else(PoisonError::into_inner);
        acquitted.get(key).is_some_and(|paths| paths.len() >= ROUTE_AFTER || paths.contains(path))
    }

    /// What a living session is denied is not asked about again.
    fn acquit(&self, key: String, path: &str) {
        let mut acquitted = self.acquitted.lock().unwrap_or_else(PoisonError::into_inner);
        if acquitted.len() < MOST_ACQUITTED {
            acquitted.entry(key).or_default().insert(path.to_owned());
        }
    }
}

async fn wait(seat: Seat, limit: Duration) -> Settled {
    time::timeout(limit, seat.settled()).await.unwrap_or_else(|_| {
        warn!("the session is not there again in time, and what waits for it goes on without");
        Settled::LetGo
    })
}

/// Who opened a round: the session was asked about after this one's answer.
#[derive(Clone, Copy, Debug)]
struct Opener;

const LOGIN_WORDS: &[&str] = &["login", "signin", "logon", "sso", "authorize"];
const RENEWAL_WORDS: &[&str] =
    &["refresh", "renew", "renewal", "silent", "token", "tokens", "auth", "oauth", "session", "sessions"];
/// After so many paths of a route the whole route is known.
const ROUTE_AFTER: usize = 3;
const MOST_ACQUITTED: usize = 10_000;
/// After so many renewals that changed nothing a mere denial starts no more of them.
const VAIN_MOST: usize = 2;
/// How long a page may take to renew the session by itself.
const PAGE_LIMIT: Duration = Duration::from_secs(5);
/// The most of a body that is kept, in bytes: a request with more is not sent again.
const LONGEST: usize = 1 << 20;
