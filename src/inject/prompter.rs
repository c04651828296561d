//! Answers the challenges of HTTP authentication in the place of a browser that nobody sits at.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode,
    header::{ACCEPT_ENCODING, AUTHORIZATION},
};
use tracing::debug;
use url::Position;

use super::{
    challenge::{self, Asked},
    credentials::Credentials,
    http_auth::HttpAuth,
};
use crate::{
    browser::{Answer, Challenges, Fate, MAX_BODY},
    proxy::{Body, Client, Exchange, empty, full, tee},
    session::HttpScheme,
};

/// Sends requests again with credentials where a server asks for some, and puts these onto later ones, as browsers do.
pub(super) struct Prompter {
    client: Client,
    open: Mutex<HashMap<u64, Kept>>,
    /// The scheme that the origin has asked for, with the credentials for it.
    auth: Mutex<Option<(HttpScheme, Arc<HttpAuth>)>>,
}

/// A request under way, so that it can be sent again.
#[derive(Clone)]
struct Kept {
    head: Arc<Request<()>>,
    /// There once all of it was sent.
    body: Arc<Mutex<Option<Bytes>>>,
    /// The `Authorization` that was put onto it.
    sent: Option<HeaderValue>,
}

impl Prompter {
    pub(super) fn new(client: Client) -> Self {
        Self { client, open: Mutex::default(), auth: Mutex::default() }
    }

    /// Puts on what the origin has taken before, and keeps the request for the case that it asks.
    ///
    /// A request that carries credentials of its own is its script's matter.
    pub(super) fn put_on(
        &self,
        challenges: &Challenges,
        exchange: &Exchange,
        mut request: Request<Body>,
    ) -> Request<Body> {
        if !challenges.are_of(&exchange.url) || request.headers().contains_key(AUTHORIZATION) {
            return request;
        }
        let head = Arc::new(head_of(&request));
        let is_refused = challenges.last().is_some_and(|last| last.fate == Fate::Refused);
        let known = lock(&self.auth).as_ref().map(|(_, auth)| Arc::clone(auth)).filter(|_| !is_refused);
        let sent = known.and_then(|auth| auth.preempt(&exchange.method, &exchange.url));
        if let Some(value) = &sent {
            request.headers_mut().insert(AUTHORIZATION, value.clone());
        }
        if exchange.upgrade {
            return request;
        }
        let body = Arc::new(Mutex::new(None));
        lock(&self.open).insert(exchange.id, Kept { head, body: Arc::clone(&body), sent });
        request.map(|stream| {
            tee(stream, LIMIT, move |copy| *lock(&body) = (!copy.truncated).then_some(copy.bytes))
        })
    }

    /// The answer that comes when the server's challenge is answered; its own where it asks for nothing, or in vain.
    pub(super) async fn answered(
        &self,
        challenges: &Challenges,
        exchange: &Exchange,
        response: Response<Body>,
    ) -> Response<Body> {
        let kept = lock(&self.open).remove(&exchange.id);
        let (Some(kept), StatusCode::UNAUTHORIZED) = (kept, response.status()) else { return response };
        let Some(request) = self.again(challenges, exchange, &kept, response.headers()) else {
            return response;
        };
        match self.client.send(request).await {
            Ok(again) => {
                if again.status() == StatusCode::UNAUTHORIZED {
                    note(challenges, exchange, again.headers());
                }
                again
            }
            Err(error) => {
                debug!(%error, "the request could not be sent again with credentials");
                response
            }
        }
    }

    /// The exchange is over.
    pub(super) fn forget(&self, exchange: &Exchange) {
        lock(&self.open).remove(&exchange.id);
    }

    fn again(
        &self,
        challenges: &Challenges,
        exchange: &Exchange,
        kept: &Kept,
        asks: &HeaderMap,
    ) -> Option<Request<Body>> {
        let asked = challenge::read(asks);
        let (scheme, best) = best(&asked);
        let best = best?;
        let realm = best.realm.as_deref().unwrap_or_default();
        let answer = challenges.met(exchange.id, &exchange.url, &best.scheme, realm)?;
        let auth = self.speaking(scheme, answer)?;
        let body = lock(&kept.body).clone()?;
        let target = &exchange.url[Position::BeforePath..Position::AfterQuery];
        match auth.answer((&exchange.method, &exchange.url, target), kept.sent.as_ref(), asks) {
            Ok(value) => Some(kept.with(value, body)),
            Err(reason) => {
                debug!(host = exchange.url.host_str(), %reason, "a challenge is not answered");
                // What was sent at once was refused.
                let _ = challenges.met(exchange.id, &exchange.url, &best.scheme, realm);
                None
            }
        }
    }

    /// The credentials in the form of a scheme.
    fn speaking(&self, scheme: HttpScheme, answer: &Answer) -> Option<Arc<HttpAuth>> {
        let mut auth = lock(&self.auth);
        if let Some((_, same)) = auth.as_ref().filter(|(own, _)| *own == scheme) {
            return Some(Arc::clone(same));
        }
        let (username, password) = (answer.username.clone(), answer.password.as_str().into());
        let made = HttpAuth::new(scheme, Credentials { username, password });
        let made = made.inspect_err(|reason| debug!(%reason, "no credentials")).ok()?;
        let (_, made) = auth.insert((scheme, Arc::new(made)));
        Some(Arc::clone(made))
    }
}

impl Kept {
    fn with(&self, authorization: HeaderValue, body: Bytes) -> Request<Body> {
        let mut request = head_of(&self.head).map(|()| if body.is_empty() { empty() } else { full(body) });
        request.headers_mut().insert(AUTHORIZATION, authorization);
        // It may have to be added to, or read.
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        request
    }
}

fn head_of<B>(request: &Request<B>) -> Request<()> {
    let mut head = Request::new(());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    *head.headers_mut() = request.headers().clone();
    head
}

/// Notes that the server asks once more.
fn note(challenges: &Challenges, exchange: &Exchange, asks: &HeaderMap) {
    let asked = challenge::read(asks);
    if let (_, Some(best)) = best(&asked) {
        let realm = best.realm.as_deref().unwrap_or_default();
        let _ = challenges.met(exchange.id, &exchange.url, &best.scheme, realm);
    }
}

/// The strongest challenge that is spoken here; else the first one.
fn best(asked: &[Asked]) -> (HttpScheme, Option<&Asked>) {
    if let Some(digest) = asked.iter().find(|one| one.digest.is_some()) {
        return (HttpScheme::Digest, Some(digest));
    }
    let basic = asked.iter().find(|one| one.scheme.eq_ignore_ascii_case("basic"));
    (HttpScheme::Basic, basic.or(asked.first()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::cast_possible_truncation, reason = "a few million fit")]
const LIMIT: usize = MAX_BODY as usize;
