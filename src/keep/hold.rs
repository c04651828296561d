//! Holds answers that say the session has ended, lets it be renewed once for all of them, and sends their requests again.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, request::Parts};
use tokio::time;
use tracing::{debug, info, warn};
use url::Url;

use super::{
    heirs::{self, Borne, Dead, Heirs},
    rounds::{Rounds, Seat, Settled, Wanted, Weight},
    saved::Saved,
    sign::{self, Sign},
};
use crate::{
    inject::{Stamp, Standing, Succession},
    proxy::{Body, Client, Exchange, empty, full, read},
    session::{Secret, Shared},
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
    /// How many of the values are dead that the session had, in the order in which they were replaced.
    buried: AtomicU64,
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
    /// What its address and its body have of the session.
    values: Vec<Secret>,
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
        let (vain, left, buried) = (AtomicUsize::new(0), Mutex::default(), AtomicU64::new(0));
        Self { stamp, shared, client, succession, buried, rounds, acquitted, vain, left, limit }
    }

    /// Takes note of what the session has now: a browser is about to be given that, and may come with it when it is over.
    pub fn know(&self, url: &Url) {
        self.meet(url, &mut self.stamp.request_headers(url));
        self.heirs();
    }

    /// Lets a request go: once the session is there, with its current values, and with a copy where it may have to be sent
    /// again. `route` is what counts as one place of the application.
    pub async fn depart(
        &self,
        exchange: &Exchange,
        route: &str,
        request: Request<Body>,
    ) -> (Request<Body>, Option<Ticket>) {
        let url = &exchange.url;
        if !self.stamp.covers(url) || self.is_entry(exchange) {
            return (request, None);
        }
        let mut letter = Letter::read(request).await;
        let (standing, mut borne) = self.put_current(url, &mut letter);
        if standing == Standing::Foreign {
            return (letter.closed(), None);
        }
        let mut left = self.limit;
        if let Some(seat) = self.rounds.queue() {
            let began = Instant::now();
            wait(seat, left).await;
            left = left.saturating_sub(began.elapsed());
            borne = self.put_current(url, &mut letter).1;
        }
        // A socket is no answer that could be sent again.
        if exchange.upgrade {
            return (letter.closed(), None);
        }
        let (epoch, sent) = (self.rounds.epoch(), letter.head.headers.clone());
        let (saved, request) = Saved::of(letter.closed(), LONGEST);
        (request, Some(Ticket { saved, route: route.to_owned(), epoch, sent, values: borne.values, left }))
    }

    /// Puts the current values in the place of those that are dead, in headers, address and body.
    fn put_current(&self, url: &Url, letter: &mut Letter) -> (Standing, Borne) {
        let standing = self.meet(url, &mut letter.head.headers);
        let dead = match standing {
            // What goes with the current ones has to be of the same session.
            Standing::Current => Dead::All,
            Standing::Old => Dead::None,
            Standing::Foreign => Dead::Before(self.buried.load(Ordering::Acquire)),
        };
        let borne = self.heirs().renew(&mut letter.head, letter.text.as_mut(), dead);
        let standing = match standing {
            Standing::Foreign if borne.is_old => Standing::Old,
            Standing::Foreign if !borne.values.is_empty() => Standing::Current,
            standing => standing,
        };
        (standing, borne)
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
            (Settled::LeftToPage, None) if self.page_renews(&exchange.url, &ticket).await => {
                self.again(exchange, ticket, (response, key)).await
            }
            // It was renewed by somebody else while it was asked about.
            (Settled::Alive, _) if self.is_outdated(&exchange.url, &ticket) => {
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
            self.bury();
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
        self.bury();
        self.rounds.renewed();
    }

    /// Whether a denial is believed where nothing else tells how the session is: not after it was wrong twice.
    #[must_use]
    pub fn believes_denials(&self) -> bool {
        self.vain.load(Ordering::Relaxed) < VAIN_MOST
    }

    fn bury(&self) {
        self.succession.bury();
        self.buried.store(self.heirs().count, Ordering::Release);
    }

    fn heirs(&self) -> Arc<Heirs> {
        self.shared.derived(|state, last| Heirs::after(last, state))
    }

    /// Whether the session has other values by now than a request had.
    fn is_outdated(&self, url: &Url, ticket: &Ticket) -> bool {
        self.is_old(url, &ticket.sent) || self.heirs().have_replaced(&ticket.values)
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
        if ticket.epoch != self.rounds.epoch() || self.is_outdated(&exchange.url, ticket) {
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
    async fn page_renews(&self, url: &Url, ticket: &Ticket) -> bool {
        let mut changes = self.shared.changes();
        let renewed = async { while !self.is_outdated(url, ticket) && changes.changed().await.is_ok() {} };
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
        let renew = |head: &mut Parts, body: &mut Bytes| {
            Succession::replace(&self.stamp, &exchange.url, &mut head.headers);
            let text = heirs::is_legible(&head.headers).then_some(body);
            self.heirs().renew(head, text, Dead::All);
        };
        let Some(request) = ticket.saved.again_with(renew) else {
            warn!(%method, path, "not sent again: its body was too long to be kept");
            return (refused, ticket.sent);
        };
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
            if self.heirs().have_replaced(&ticket.values) {
                self.buried.store(self.heirs().count, Ordering::Release);
            }
        }
        (answer, sent)
    }

    /// Whether a request is there to log in or to renew the session: what it is answered is no news.
    fn is_entry(&self, exchange: &Exchange) -> bool {
        let path = exchange.url.path();
        let is_known = |state: &crate::session::State| {
            state.recipe.as_ref().is_some_and(|recipe| recipe.login_url.path() == path && path != "/")
        };
        sign::speaks_of(path, sign::LOGIN_WORDS)
            || (!exchange.method.is_safe() && sign::speaks_of(path, RENEWAL_WORDS))
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

/// A request on its way, with its body where that can be read.
struct Letter {
    head: Parts,
    text: Option<Bytes>,
    body: Body,
}

impl Letter {
    async fn read(request: Request<Body>) -> Self {
        let (head, body) = request.into_parts();
        if !heirs::is_legible(&head.headers) {
            return Self { head, text: None, body };
        }
        // Who breaks off while sending gets no answer anyway.
        let text = read(body, heirs::LONGEST).await.unwrap_or_default();
        Self { head, text: Some(text), body: empty() }
    }

    fn closed(self) -> Request<Body> {
        Request::from_parts(self.head, self.text.map_or(self.body, full))
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
