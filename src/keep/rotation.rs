//! Tokens that are spent by their first use, shared by many browsers: one renewal goes out, and all get what it brought.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{
    HeaderMap, Request, Response, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderValue},
};
use hyper::body::Body as _;
use tokio::{sync::Mutex as AsyncMutex, time};
use tracing::{debug, info};

use super::{
    limits::Limits,
    lives::Lives,
    trade::{Carried, access_token, brought, carried, give},
};
use crate::{
    proxy::{Body, Client, Exchange, Next, full, read},
    session::{HeaderToken, Secret, Shared, jwt, now},
};

/// Watches the requests of browsers that share one session for those that trade a token for a new one.
///
/// A call that carries a token of the session in its body, or a hidden cookie to an address that speaks of renewal, is
/// sent while others like it wait. When its answer brings a new token, the store gets it, those who wait with the spent one
/// get the same answer, and later calls with a spent token are sent with the current one.
#[derive(Debug)]
pub struct Rotation {
    shared: Shared,
    client: Client,
    calls: Mutex<HashMap<String, Arc<AsyncMutex<Call>>>>,
    /// What the session had before, and has no more.
    past: Mutex<Vec<Secret>>,
    /// The last call that brought a new token.
    known: Mutex<Option<Known>>,
    /// How the last sessions ended.
    lives: Mutex<Lives>,
}

/// A call that renews the session, as the application sends it.
#[derive(Clone)]
struct Known {
    exchange: Exchange,
    head: Request<()>,
    body: Bytes,
    /// The tokens that it carried.
    given: Vec<Carried>,
}

/// What is known of the calls to one address.
#[derive(Debug, Default)]
struct Call {
    /// How often it brought nothing new.
    vain: u32,
    last: Option<Traded>,
}

/// The last trade.
#[derive(Debug)]
struct Traded {
    at: Instant,
    /// How long it was since the trade before.
    since: Option<Duration>,
    spent: Vec<Secret>,
    current: Vec<Secret>,
    answer: Answer,
}

#[derive(Debug, Clone)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").field("exchange", &self.exchange).finish_non_exhaustive()
    }
}

impl Rotation {
    /// Watches over one session; calls that trade tokens go through `client`.
    #[must_use]
    pub fn new(shared: Shared, client: Client) -> Self {
        let lives = Mutex::new(Lives::new(*shared.uses().borrow()));
        Self {
            shared,
            client,
            calls: Mutex::default(),
            past: Mutex::default(),
            known: Mutex::default(),
            lives,
        }
    }

    /// Lets a request pass, or answers it when it trades a token. The caller has seen that it is in scope.
    pub async fn pass(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        if exchange.upgrade || !is_short(&request) {
            return Next::Forward(request);
        }
        let (head, body) = request.into_parts();
        let Ok(body) = read(body, LONGEST).await else {
            return Next::Answer(bad_request());
        };
        let was = |value: &str| self.past().iter().any(|past| past.expose() == value);
        let given = self
            .shared
            .read(|state| carried(state, (&exchange.method, &exchange.url), &head.headers, &body, was));
        let call = self.call(exchange);
        let request = Request::from_parts(head, full(body.clone()));
        if given.is_empty() {
            return Next::Forward(request);
        }
        let mut call = call.lock().await;
        if call.vain >= VAIN_MOST && call.last.is_none() {
            return Next::Forward(request);
        }
        match self.trade(exchange, &mut call, given, (request, body)).await {
            Some(answer) => Next::Answer(answer.response()),
            None => Next::Answer(crate::proxy::page(
                StatusCode::BAD_GATEWAY,
                "broken-off",
                "the call that renews the session could not be sent",
            )),
        }
    }

    /// The session whose tokens are traded.
    #[must_use]
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Renews the session by the call with which the application has renewed it before, and the token that is good now;
    /// tells whether that brought a new one.
    pub async fn renew(&self) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Known { exchange, head, mut body, mut given }) = known else { return false };
        let call = self.call(&exchange);
        let mut call = call.lock().await;
        let Some(last) = &call.last else { return false };
        let mut head = head;
        for (given, current) in given.iter_mut().zip(&last.current) {
            body = give(given, current, head.headers_mut(), &body);
            given.value = current.clone();
        }
        let before = last.at;
        let request = head.map(|()| full(Bytes::new()));
        self.trade(&exchange, &mut call, given, (request, body)).await;
        call.last.as_ref().is_some_and(|last| last.at != before)
    }

    /// Notes that the session has ended, and not because somebody ended it.
    pub fn ended(&self) {
        self.lives().end(*self.shared.uses().borrow());
    }

    /// Waits until the session is about to end, by how the last ones ended, if it is known how to renew it.
    pub async fn nears_end(&self) {
        let mut uses = self.shared.uses();
        loop {
            let left = self.left(*uses.borrow_and_update());
            match left {
                Some(Duration::ZERO) => return,
                left => {
                    let _ = time::timeout(left.unwrap_or(IDLE), uses.changed()).await;
                }
            }
        }
    }

    /// Renews the session before it ends, as [`Self::renew`] does. Where that is in vain, what was learned is forgotten.
    pub async fn renew_ahead(&self) -> bool {
        let is_new = self.renew().await;
        if !is_new {
            self.lives().forget();
        }
        is_new
    }

    fn left(&self, uses: u64) -> Option<Duration> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?;
        let margin = |life| Limits::default().margin(life, Duration::ZERO);
        self.lives().left(uses, Duration::ZERO, margin)
    }

    fn lives(&self) -> MutexGuard<'_, Lives> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the header tokens into the session that an application's script sends by now, when `status` shows that they
    /// are good.
    pub fn learn(&self, exchange: &Exchange, headers: &HeaderMap, status: StatusCode) {
        if !status.is_success() {
            return;
        }
        let renewed: Vec<(HeaderToken, Secret)> = self.shared.read(|state| {
            let known = state.headers_for(&exchange.url);
            known.filter_map(|token| Some((token.clone(), self.news(token, headers)?))).collect()
        });
        for (token, value) in renewed {
            self.supersede(&token.value, &value);
        }
    }

    /// A value of a header token that the session did not have yet, and that is no older one.
    fn news(&self, token: &HeaderToken, headers: &HeaderMap) -> Option<Secret> {
        let value = headers.get(&token.name)?.to_str().ok()?;
        let is_older = match (jwt::expires(value), jwt::expires(token.value.expose())) {
            (Some(new), Some(old)) => new <= old,
            _ => false,
        };
        let is_known = value == token.value.expose() || self.past().iter().any(|past| past.expose() == value);
        (!value.is_empty() && !is_known && !is_older).then(|| value.into())
    }

    async fn trade(
        &self,
        exchange: &Exchange,
        call: &mut Call,
        given: Vec<Carried>,
        (request, mut body): (Request<Body>, Bytes),
    ) -> Option<Answer> {
        let (mut head, _) = request.into_parts();
        let mut sent = given.clone();
        if let Some(last) = &call.last {
            let is_spent = given.iter().all(|g| last.spent.contains(&g.value));
            if is_spent && last.is_fresh() {
                debug!(path = exchange.url.path(), "answered with what the last renewal brought");
                return Some(last.answer.clone());
            }
            for (given, current) in sent.iter_mut().zip(&last.current).filter(|_| is_spent) {
                body = give(given, current, &mut head.headers, &body);
                given.value = current.clone();
            }
        }
        head.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        head.headers.insert(CONTENT_LENGTH, body.len().into());
        let known =
            Known { exchange: exchange.clone(), head: bare(&head), body: body.clone(), given: sent.clone() };
        let response = self.client.send(Request::from_parts(head, full(body))).await.ok()?;
        let (head, body) = response.into_parts();
        let body = read(body, LONGEST_ANSWER).await.ok()?;
        let answer = Answer { status: head.status, headers: head.headers, body };
        if self.settle(exchange, call, &given, &sent, &answer) {
            *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        }
        Some(answer)
    }

    /// Takes in what an answer brought; tells whether that was a new token.
    fn settle(
        &self,
        exchange: &Exchange,
        call: &mut Call,
        given: &[Carried],
        sent: &[Carried],
        answer: &Answer,
    ) -> bool {
        let new: Vec<_> =
            sent.iter().map(|g| brought(g, &exchange.url, &answer.headers, &answer.body)).collect();
        if !answer.status.is_success() || new.iter().all(Option::is_none) {
            call.vain += 1;
            return false;
        }
        info!(path = exchange.url.path(), "a token was traded for a new one");
        self.lives().begin(*self.shared.uses().borrow());
        let current: Vec<Secret> =
            sent.iter().zip(new).map(|(sent, new)| new.unwrap_or_else(|| sent.value.clone())).collect();
        for (old, new) in sent.iter().zip(&current) {
            self.supersede(&old.value, new);
        }
        if let Some(access) = access_token(sent, &answer.body) {
            self.renew_headers(exchange, &access);
        }
        let (mut past, since) = match call.last.take() {
            Some(last) => (last.spent, Some(last.at.elapsed())),
            None => (Vec::new(), None),
        };
        past.extend(given.iter().chain(sent).map(|g| g.value.clone()));
        call.last = Some(Traded { at: Instant::now(), since, spent: past, current, answer: answer.clone() });
        true
    }

    /// Puts a new access token in the place of the one that the header tokens of this origin carry.
    fn renew_headers(&self, exchange: &Exchange, access: &Secret) {
        let bare = |token: &HeaderToken| Secret::from(jwt::bare(token.value.expose()));
        let old: Vec<Secret> = self.shared.read(|state| {
            let tokens = state.headers_for(&exchange.url);
            tokens.filter(|token| token.name.eq_ignore_ascii_case("authorization")).map(bare).collect()
        });
        for old in old {
            self.supersede(&old, access);
        }
    }

    fn supersede(&self, old: &Secret, new: &Secret) {
        self.past().push(old.clone());
        self.shared.update_if(|state| state.replace(old, new));
    }

    fn call(&self, exchange: &Exchange) -> Arc<AsyncMutex<Call>> {
        let key = format!("{} {}", exchange.method, &exchange.url[..url::Position::AfterPath]);
        Arc::clone(self.calls.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default())
    }

    fn past(&self) -> MutexGuard<'_, Vec<Secret>> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Traded {
    /// Whether what it brought is good still, as far as can be told.
    fn is_fresh(&self) -> bool {
        let tokens = String::from_utf8_lossy(&self.answer.body);
        let ends = tokens.split('"').filter_map(jwt::expires).max();
        match ends {
            Some(end) => end > now(),
            None => self.at.elapsed() < self.since.map_or(SHARED, |since| since / 2).max(SHARED),
        }
    }
}

impl Answer {
    fn response(&self) -> Response<Body> {
        let mut response = Response::new(full(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response.headers_mut().insert(CONTENT_LENGTH, self.body.len().into());
        response
    }
}

/// A request without its body.
fn bare(head: &http::request::Parts) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = head.uri.clone();
    *request.headers_mut() = head.headers.clone();
    request
}

fn is_short(request: &Request<Body>) -> bool {
    let told = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    request.body().is_end_stream() || told.is_some_and(|length| length <= LONGEST)
}

fn bad_request() -> Response<Body> {
    crate::proxy::page(StatusCode::BAD_REQUEST, "broken-off", "the request's body broke off")
}

/// How long to wait where nothing is known.
const IDLE: Duration = Duration::from_secs(60);
/// After so many calls that brought nothing, calls to an address are no longer held up.
const VAIN_MOST: u32 = 2;
/// How long an answer is shared when its token does not tell its end.
const SHARED: Duration = Duration::from_secs(10);
/// The longest body of a call that trades a token, in bytes.
const LONGEST: usize = 64 << 10;
const LONGEST_ANSWER: usize = 1 << 20;
