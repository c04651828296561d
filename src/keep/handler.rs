//! The proxy's handler: whose request it is, the session onto it, and once more when the session turns out to be dead.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
};

use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_LENGTH, RETRY_AFTER},
};
use tracing::{info, warn};

use super::{
    error::GivenUp,
    living::Living,
    login::{Login, Why},
    peek::peek,
    roster::Roster,
    saved::Saved,
    sign::{self, Sign},
    who::{Asked, Who},
};
use crate::{
    browser::header_texts,
    history::Carried,
    inject::{self, Mode, Stamp, Stamped, is_denial},
    proxy::{Body, Client, Exchange, Handler, Next, full, page},
    script::Message,
    session::Verdict,
    verify::head_text,
};

/// Puts the sessions of many users onto what goes through a proxy, and keeps them alive.
#[derive(Debug)]
pub struct Keeper<R: Roster> {
    roster: R,
    who: Who,
    client: Client,
    open: Mutex<HashMap<u64, Open<R::Login>>>,
}

/// An exchange under way that carries a session.
#[derive(Debug)]
struct Open<L> {
    living: Arc<Living<L>>,
    mode: Mode,
    epoch: u64,
    saved: Saved,
    /// The `Authorization` that was put onto it.
    authorization: Option<HeaderValue>,
}

impl<R: Roster> Keeper<R> {
    /// Serves the users of `roster`; requests that are sent again go through `client`.
    #[must_use]
    pub fn new(roster: R, who: Who, client: Client) -> Self {
        Self { roster, who, client, open: Mutex::default() }
    }

    /// The users.
    #[must_use]
    pub fn roster(&self) -> &R {
        &self.roster
    }

    async fn put_on(
        &self,
        exchange: &Exchange,
        request: Request<Body>,
        (living, mode): (Arc<Living<R::Login>>, Mode),
    ) -> Next {
        // Where a session goes that nobody has made yet, only the login tells.
        if living.knows_scope() && !living.stamp(mode).covers(&exchange.url) {
            return Next::Forward(request);
        }
        let epoch = match living.ready().await {
            Ok(epoch) => epoch,
            Err(reason) => return Next::Answer(given_up(&reason)),
        };
        let (saved, mut request) = Saved::of(request, living.limits.body);
        let stamp = living.stamp(mode);
        let stamped = match put_on(&living, &stamp, exchange, &mut request).await {
            Ok(stamped) => stamped,
            Err(error) => return Next::Answer(script_failed(&error)),
        };
        info!(method = %exchange.method, host = exchange.url.host_str(), path = exchange.url.path(), session = %living.reference, ?stamped, "request");
        let is_challenged = stamped == Stamped::Nothing && stamp.waits_for_challenges();
        if stamped == Stamped::Put || is_challenged {
            living.uses.fetch_add(1, Ordering::Relaxed);
            let authorization = request.headers().get(AUTHORIZATION).cloned();
            request.extensions_mut().insert(Carried(living.name()));
            self.lock().insert(exchange.id, Open { living, mode, epoch, saved, authorization });
        }
        Next::Forward(request)
    }

    /// Looks at the answer, and sends the request again with a new session when the one that it carried was dead.
    async fn settle(
        &self,
        exchange: &Exchange,
        mut open: Open<R::Login>,
        mut response: Response<Body>,
    ) -> Option<Response<Body>> {
        response = self.authenticated(exchange, &open, response).await;
        for attempt in 0..ATTEMPTS {
            open.living.stamp(open.mode).learn(&exchange.url, response.headers());
            let sign;
            (sign, response) = open.sign(exchange, response).await?;
            let Some(evidence) = open.verdict(exchange, response.status(), sign, attempt > 0).await else {
                break;
            };
            let renewed = open.living.renew(open.epoch, Why::Dead(evidence)).await;
            match renewed {
                Ok(epoch) => open.epoch = epoch,
                // A session that can't be renewed leaves the application the last word.
                Err(GivenUp::Unable { .. }) => break,
                Err(reason) => return Some(given_up(&reason)),
            }
            match self.again(exchange, &open, response.status()).await {
                Some(answer) => response = answer,
                None => break,
            }
        }
        if !is_denial(response.status()) {
            open.living.shared.used();
        }
        Some(response)
    }

    /// Answers a challenge of HTTP authentication, as Digest needs it before the first request goes through.
    async fn authenticated(
        &self,
        exchange: &Exchange,
        open: &Open<R::Login>,
        response: Response<Body>,
    ) -> Response<Body> {
        if response.status() != StatusCode::UNAUTHORIZED || exchange.upgrade {
            return response;
        }
        let stamp = open.living.stamp(open.mode);
        if !stamp.has_credentials() {
            return response;
        }
        // The session goes on first: it would use up the challenge that is answered here.
        let Some(mut request) = open.request_again(exchange).await else { return response };
        let target = &exchange.url[url::Position::BeforePath..url::Position::AfterQuery];
        let asked = (&exchange.method, &exchange.url, target);
        match stamp.answer(asked, open.authorization.as_ref(), response.headers()) {
            Some(Ok(value)) => request.headers_mut().insert(AUTHORIZATION, value),
            Some(Err(why)) => {
                warn!(host = exchange.url.host_str(), "{why}");
                return response;
            }
            None => return response,
        };
        self.send_again(exchange, request).await.unwrap_or(response)
    }

    /// Sends the request with a new session; nothing when that could do something twice or fails.
    async fn again(
        &self,
        exchange: &Exchange,
        open: &Open<R::Login>,
        status: StatusCode,
    ) -> Option<Response<Body>> {
        let path = exchange.url.path();
        // Who was denied has not done anything yet.
        if exchange.upgrade || !(open.saved.is_safe() || status == StatusCode::UNAUTHORIZED) {
            warn!(method = %exchange.method, path, "not sent again with the new session: it may have been carried out");
            return None;
        }
        let request = open.request_again(exchange).await?;
        info!(method = %exchange.method, path, session = %open.living.reference, "sending again with the new session");
        self.send_again(exchange, request).await
    }

    async fn send_again(&self, exchange: &Exchange, request: Request<Body>) -> Option<Response<Body>> {
        let (method, path) = (&exchange.method, exchange.url.path());
        let answer = self.client.send(request).await;
        answer.inspect_err(|error| warn!(%method, path, %error, "could not be sent again")).ok()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Open<R::Login>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: Login> Open<L> {
    /// The request once more, with the session as it is now; nothing when its body was too long to be kept.
    async fn request_again(&self, exchange: &Exchange) -> Option<Request<Body>> {
        let (method, path) = (&exchange.method, exchange.url.path());
        let Some(mut request) = self.saved.again() else {
            warn!(%method, path, "not sent again: its body was too long to be kept");
            return None;
        };
        let stamped = put_on(&self.living, &self.living.stamp(self.mode), exchange, &mut request).await;
        stamped.inspect_err(|error| warn!(%error, "the session script failed")).ok()?;
        Some(request)
    }

    /// What the exchange says, and the answer, which may have been read for that; nothing when it broke off meanwhile.
    async fn sign(&self, exchange: &Exchange, response: Response<Body>) -> Option<(Sign, Response<Body>)> {
        let watch = &self.living.watch;
        if !(watch.reads_answers() || watch.reads_requests()) {
            let shared = &self.living.shared;
            let sign = shared
                .read(|state| sign::of_head(state, &exchange.url, response.status(), response.headers()));
            return Some((sign, response));
        }
        let request = if watch.reads_requests() { self.saved.text() } else { String::new() };
        if !watch.reads_answers() || !is_text(&response) {
            return Some((sign::of_texts(watch, &exchange.url, &[&request]), response));
        }
        let (head, body) = response.into_parts();
        let mut answer = head_text(head.status.as_u16(), &header_texts(&head.headers));
        let (seen, body) = peek(body, READ_LIMIT).await?;
        answer.push_str(&String::from_utf8_lossy(&seen));
        let sign = sign::of_texts(watch, &exchange.url, &[&request, &answer]);
        Some((sign, Response::from_parts(head, body)))
    }

    /// The evidence that the session is dead, or nothing when it is alive as far as can be told.
    ///
    /// What a fresh session gets too is this user's lot, and no sign any more.
    async fn verdict(
        &self,
        exchange: &Exchange,
        status: StatusCode,
        sign: Sign,
        is_fresh: bool,
    ) -> Option<String> {
        let (evidence, is_certain) = match sign {
            Sign::Nothing => return None,
            Sign::Suspect(evidence) => (evidence, false),
            Sign::Dead(evidence) => (evidence, true),
        };
        let key = format!("{} {} {}", exchange.method, exchange.url.path(), status.as_u16());
        if !is_certain && self.living.is_acquitted(&key) {
            return None;
        }
        if is_fresh {
            self.living.acquit(key);
            return None;
        }
        if is_certain || self.living.epoch() != self.epoch {
            return Some(evidence);
        }
        match self.living.confirm(self.epoch).await {
            Verdict::Stale { evidence } => Some(evidence),
            // It was renewed while it was asked: the answer is about the new one.
            _ if self.living.epoch() != self.epoch => Some(evidence),
            Verdict::Proven { .. } => {
                self.living.acquit(key);
                None
            }
            // Nobody can tell: a denial is believed, and the next session shows whether that was right.
            Verdict::Unproven { .. } => {
                let is_denied = status == StatusCode::UNAUTHORIZED;
                (is_denied || self.living.watch.reads_answers()).then_some(evidence)
            }
        }
    }
}

impl<R: Roster> Handler for Keeper<R> {
    async fn request(&self, exchange: &Exchange, mut request: Request<Body>) -> Next {
        let credentials = exchange.credentials.as_ref();
        match self.who.of(&self.roster, &exchange.url, credentials, request.headers_mut()) {
            Asked::Nobody => Next::Forward(request),
            Asked::User { name, mode } => match self.roster.find(&name) {
                Ok(Some(living)) => self.put_on(exchange, request, (living, mode)).await,
                Ok(None) => Next::Answer(page(StatusCode::FORBIDDEN, "no-such-user", &unknown(&name))),
                Err(reason) => Next::Answer(given_up(&reason)),
            },
        }
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        let open = self.lock().remove(&exchange.id);
        let Some(open) = open else { return response };
        self.settle(exchange, open, response)
            .await
            .unwrap_or_else(|| page(StatusCode::BAD_GATEWAY, "broken-off", "the server's answer broke off"))
    }

    fn end(&self, exchange: &Exchange, _outcome: Result<(), String>) {
        self.lock().remove(&exchange.id);
    }
}

/// Puts the session on a request, by its script where it has one.
async fn put_on<L: Login>(
    living: &Living<L>,
    stamp: &Stamp,
    exchange: &Exchange,
    request: &mut Request<Body>,
) -> Result<Stamped, inject::Error> {
    let stamped = stamp.put_on(&exchange.method, &exchange.url, request.headers_mut());
    if stamped != Stamped::Script {
        return Ok(stamped);
    }
    let Some(script) = living.script()? else { return Ok(stamped) };
    let mut message = Message::request(exchange.method.clone(), exchange.url.clone());
    message.headers = request.headers().clone();
    let stamped = script.put_on(&mut message).await?;
    if let Ok(uri) = message.url.as_str().parse() {
        *request.uri_mut() = uri;
    }
    *request.method_mut() = message.method;
    *request.headers_mut() = message.headers;
    // A script sees no body, for bodies are streams; one that it sets takes the place of the client's.
    if !message.body.is_empty() {
        request.headers_mut().insert(CONTENT_LENGTH, message.body.len().into());
        *request.body_mut() = full(message.body);
    }
    // What a script leaves as it is may still be a request of the session.
    Ok(if stamped == Stamped::Nothing { Stamped::Put } else { stamped })
}

fn script_failed(error: &inject::Error) -> Response<Body> {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    page(StatusCode::BAD_GATEWAY, "session-script", &text)
}

fn given_up(reason: &GivenUp) -> Response<Body> {
    let mut response = page(StatusCode::SERVICE_UNAVAILABLE, "no-session", &reason.to_string());
    if let GivenUp::Waiting { wait, .. } = reason {
        response.headers_mut().insert(RETRY_AFTER, wait.as_secs().max(1).into());
    }
    response
}

fn unknown(name: &str) -> String {
    format!(
        "there is no user and no session `{name}`\nhint: `handstamp sessions` lists the sessions, `handstamp check` the users"
    )
}

fn is_text(response: &Response<Body>) -> bool {
    let kind = response.headers().get(http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let is_coded = response.headers().contains_key(http::header::CONTENT_ENCODING);
    !is_coded && kind.is_some_and(|kind| TEXTS.iter().any(|text| kind.contains(text)))
}

const TEXTS: &[&str] = &["text/html", "text/plain", "json", "xml"];
/// How often a request is sent at most.
const ATTEMPTS: usize = 2;
/// The most of an answer that patterns see, in bytes.
const READ_LIMIT: usize = 1 << 20;
