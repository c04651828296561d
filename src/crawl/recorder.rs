//! The proxy's view of one browser: records each request with its cause, and keeps the session alive.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Instant, SystemTime},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{ACCEPT_ENCODING, ORIGIN, REFERER, WWW_AUTHENTICATE},
};
use url::Url;

use super::{
    action::ActionId,
    conduct::Conduct,
    empty::{no_content, stand_in},
    flight::Flight,
    guard,
    headers::{asks_for_password, class, is_download, is_page, is_stream, is_text},
    log::Log,
    mine::{Bringer, Pit},
    policy::Restraint,
    record::{Carriage, Class, Passage, Provenance, Record},
    route::endpoint_route,
    state::StateId,
    waiting::Waiting,
};
use crate::{
    browser::is_own_call,
    inject::Stamp,
    keep::{Hold, Rotation},
    proxy::{Body, Exchange, Handler, Next, empty, full, read, tee},
    session::now,
    site::{Origin, Scope},
};

/// Records what one worker's browser sends and receives.
#[derive(Debug)]
pub(super) struct Recorder {
    worker: usize,
    scope: Scope,
    stamp: Option<Stamp>,
    rotation: Option<Arc<Rotation>>,
    log: Arc<Log>,
    flight: Arc<Flight>,
    conduct: Arc<Conduct>,
    body_limit: usize,
    /// Where answers go to be mined, if they are.
    pit: Option<Arc<Pit>>,
    cause: Mutex<Cause>,
    /// Signs in answers that the session may have ended.
    signs: Mutex<Vec<String>>,
    /// Whether the browser's last request carried an older copy of the session.
    is_outdated: AtomicBool,
    /// Whether an empty page stands in for every document.
    stands_in: AtomicBool,
    /// What can wait for a session that is being renewed.
    pub(super) waiting: Waiting,
    /// Where the exchanges under way stand in the log, and when they began.
    open: Mutex<std::collections::HashMap<u64, (usize, Instant)>>,
}

/// What a browser is at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cause {
    pub(super) state: Option<StateId>,
    pub(super) action: Option<ActionId>,
    pub(super) provenance: Provenance,
    /// What is done meanwhile about requests that write.
    pub(super) restraint: Restraint,
}

impl Recorder {
    pub(super) fn new(
        worker: usize,
        scope: Scope,
        (stamp, rotation): (Option<Stamp>, Option<Arc<Rotation>>),
        log: Arc<Log>,
        (conduct, body_limit): (Arc<Conduct>, usize),
    ) -> Self {
        Self {
            worker,
            scope,
            stamp,
            rotation,
            log,
            flight: Arc::new(Flight::new()),
            conduct,
            body_limit,
            pit: None,
            cause: Mutex::default(),
            signs: Mutex::default(),
            is_outdated: AtomicBool::new(false),
            stands_in: AtomicBool::new(false),
            waiting: Waiting::default(),
            open: Mutex::default(),
        }
    }

    /// Lets requests wait for a session that is being renewed.
    pub(super) fn with_hold(self, hold: Option<Arc<Hold>>) -> Self {
        Self { waiting: Waiting::new(hold), ..self }
    }

    /// Lets whole answers be mined.
    pub(super) fn with_pit(self, pit: Option<Arc<Pit>>) -> Self {
        Self { pit, ..self }
    }

    /// From now on requests are put down to this.
    pub(super) fn blame(&self, cause: Cause) {
        *self.cause.lock().unwrap_or_else(PoisonError::into_inner) = cause;
    }

    /// What answers since the last call told of the end of the session.
    pub(super) fn take_sign(&self) -> Option<String> {
        std::mem::take(&mut *self.signs.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().next()
    }

    /// Whether the browser has an older copy of the session than the one that lives.
    pub(super) fn is_outdated(&self) -> bool {
        self.is_outdated.load(Ordering::Relaxed)
    }

    /// Answers each document with an empty page from now on, or no longer.
    pub(super) fn stand_in(&self, stands_in: bool) {
        self.stands_in.store(stands_in, Ordering::Relaxed);
    }

    pub(super) fn flight(&self) -> &Flight {
        &self.flight
    }

    fn passage(&self, url: &Url, method: &Method, class: Class) -> Passage {
        let restraint = self.cause.lock().unwrap_or_else(PoisonError::into_inner).restraint;
        if !Origin::of(url).is_some_and(|origin| self.scope.has_origin(&origin)) {
            Passage::OutOfScope
        } else if !self.scope.contains(url)
            || guard::ends_session(url, method)
            || self.conduct.is_banned(url)
            || self.changes_own_account(url, method)
            || (class == Class::Document && !self.conduct.allows(url))
        {
            Passage::Guarded
        } else if self.conduct.holds(method, url, class, restraint) {
            Passage::Held
        } else {
            Passage::InScope
        }
    }

    /// Where a request goes, by its address and where that does not tell by its body.
    async fn judge(&self, exchange: &Exchange, request: Request<Body>) -> (Passage, Request<Body>) {
        let class = class(exchange, request.headers());
        let passage = self.passage(&exchange.url, &exchange.method, class);
        if passage != Passage::InScope || !guard::is_telling(&exchange.method, request.headers()) {
            return (passage, request);
        }
        let (head, body) = request.into_parts();
        let Ok(body) = read(body, guard::LONGEST).await else {
            return (passage, Request::from_parts(head, empty()));
        };
        let passage = if guard::body_ends_session(&body) { Passage::Guarded } else { passage };
        (passage, Request::from_parts(head, full(body)))
    }

    /// Keeps an answer from taking the session out of the browser, and notes that it wanted to.
    fn look_for_end(&self, stamp: &Stamp, url: &Url, headers: &mut HeaderMap) {
        if !self.scope.contains(url) {
            return;
        }
        let signs = guard::keep_in_browser(url, headers, || stamp.cookie_names(url), now());
        self.signs.lock().unwrap_or_else(PoisonError::into_inner).extend(signs);
    }

    /// Whether a request would change or remove the user that the crawl is logged in as: a new password locks it out.
    fn changes_own_account(&self, url: &Url, method: &Method) -> bool {
        matches!(*method, Method::PUT | Method::PATCH | Method::DELETE)
            && self.stamp.as_ref().is_some_and(|stamp| stamp.names_user(url))
    }

    fn session_on(&self, exchange: &Exchange, passage: Passage, headers: &mut HeaderMap) -> Carriage {
        match &self.stamp {
            Some(stamp) if passage == Passage::InScope => {
                stamp.put_on(&exchange.method, &exchange.url, headers);
                if !stamp.carries(&exchange.url, headers) {
                    return Carriage::Bare;
                }
                let is_old = self.waiting.is_old(&exchange.url, headers);
                let is_outdated = is_old.unwrap_or_else(|| stamp.is_outdated(&exchange.url, headers));
                self.is_outdated.store(is_outdated, Ordering::Relaxed);
                Carriage::Carried
            }
            _ => Carriage::NotMeant,
        }
    }

    fn record(
        &self,
        exchange: &Exchange,
        headers: &HeaderMap,
        passage: Passage,
        session: Carriage,
    ) -> Record {
        let cause = *self.cause.lock().unwrap_or_else(PoisonError::into_inner);
        let class = class(exchange, headers);
        Record {
            worker: self.worker,
            started: SystemTime::now(),
            duration: None,
            method: exchange.method.to_string(),
            url: exchange.url.clone(),
            class,
            passage,
            session,
            provenance: cause.provenance,
            state: cause.state,
            action: cause.action,
            status: None,
            error: None,
            request_headers: headers.clone(),
            request_body: Bytes::new(),
            response_headers: HeaderMap::new(),
            response_body: Bytes::new(),
            truncated: false,
            route: endpoint_route(&exchange.url),
            is_novel: false,
            // An application that has one document for all addresses answers whatever is mined.
            is_confirmed: class != Class::Document || cause.provenance == Provenance::Interaction,
        }
    }

    /// Whether the page waits for it: what goes elsewhere counts only when the page asked for it.
    fn is_awaited(&self, record: &Record) -> bool {
        record.class != Class::Socket
            && (record.passage == Passage::InScope
                || [REFERER, ORIGIN].iter().any(|name| {
                    let text = record.request_headers.get(name).and_then(|v| v.to_str().ok());
                    let origin = text.and_then(|t| Origin::parse(t).ok());
                    origin.is_some_and(|origin| self.scope.has_origin(&origin))
                }))
    }

    /// Notes that an exchange is under way, and where it stands in the log.
    fn note(&self, id: u64, index: usize) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(id, (index, Instant::now()));
    }

    fn place(&self, id: u64) -> Option<(usize, Instant)> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied()
    }
}

impl Handler for Recorder {
    async fn request(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        if is_own_call(&exchange.url) {
            // The browser's own affair is no part of the crawl, and nobody's business out there.
            return Next::Answer(no_content(empty()));
        }
        if self.stands_in.load(Ordering::Relaxed) {
            return Next::Answer(stand_in(class(exchange, request.headers())));
        }
        let (passage, mut request) = self.judge(exchange, request).await;
        let session = self.session_on(exchange, passage, request.headers_mut());
        let mut record = self.record(exchange, request.headers(), passage, session);
        // A page elsewhere would cost the way back, and nobody has asked to visit it: the browser stays where it is.
        let is_kept = !passage.is_sent() || (passage == Passage::OutOfScope && is_page(request.headers()));
        if is_kept {
            record.status = Some(StatusCode::NO_CONTENT.as_u16());
        }
        let class = record.class;
        if self.is_awaited(&record) {
            self.flight.begin(exchange.id, record.route.clone());
        }
        let index = self.log.begin(record);
        self.note(exchange.id, index);
        if is_kept {
            return Next::Answer(no_content(empty()));
        }
        if passage == Passage::InScope {
            self.conduct.sign(request.headers_mut());
            self.conduct.turn(class).await;
        }
        if passage == Passage::InScope && !exchange.upgrade {
            // Compressed bodies could not be read.
            request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        if session != Carriage::NotMeant {
            request =
                self.waiting.depart(exchange, &endpoint_route(&exchange.url), request, &self.flight).await;
            self.log.change(index, |record| record.request_headers = request.headers().clone());
        }
        let log = Arc::clone(&self.log);
        let request = request.map(|body| {
            tee(body, self.body_limit, move |copy| log.change(index, |r| r.request_body = copy.bytes))
        });
        let Some(rotation) = self.rotation.as_ref().filter(|_| passage == Passage::InScope) else {
            return Next::Forward(request);
        };
        match rotation.pass(exchange, request).await {
            Next::Answer(response) => {
                self.waiting.forget(exchange.id);
                Next::Answer(self.response(exchange, response).await)
            }
            forward @ Next::Forward(_) => forward,
        }
    }

    async fn response(&self, exchange: &Exchange, mut response: Response<Body>) -> Response<Body> {
        let Some((index, _)) = self.place(exchange.id) else { return response };
        let again;
        (response, again) = self.waiting.arrive(exchange, response, &self.flight).await;
        let (mut is_document, mut is_in_scope, mut sent) = (false, false, HeaderMap::new());
        self.log.change(index, |record| {
            if let Some(again) = again {
                record.request_headers = again;
            }
            is_in_scope = record.passage == Passage::InScope;
            record.status = Some(response.status().as_u16());
            record.response_headers = response.headers().clone();
            is_document = record.class == Class::Document;
            sent = record.request_headers.clone();
        });
        if let Some(stamp) = &self.stamp {
            stamp.note_use(&exchange.url, &sent, response.status());
            self.look_for_end(stamp, &exchange.url, response.headers_mut());
            stamp.learn(&exchange.url, response.headers());
        }
        // What a browser goes on sending of an older session is nothing new.
        let rotation =
            self.rotation.as_ref().filter(|_| self.waiting.is_old(&exchange.url, &sent) != Some(true));
        if let Some(rotation) = rotation {
            rotation.learn(exchange, &sent, response.status());
        }
        if asks_for_password(response.headers()) {
            // The browser would put up a dialog, and the page would stand still.
            response.headers_mut().remove(WWW_AUTHENTICATE);
        }
        if is_stream(response.headers()) {
            self.flight.end(exchange.id);
        }
        if is_document && is_download(response.headers()) {
            return no_content(response.into_body());
        }
        let page = sent.get(REFERER).and_then(|v| v.to_str().ok()).and_then(|text| Url::parse(text).ok());
        let pit = self.pit.as_ref().filter(|_| is_in_scope && !is_stream(response.headers()));
        if !is_text(response.headers()) {
            if let Some(pit) = pit {
                pit.answer(self.bringer(), (&exchange.url, page), response.headers(), Bytes::new());
            }
            return response;
        }
        self.copy(response, exchange, index, pit.cloned().map(|pit| (pit, page)))
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        self.waiting.forget(exchange.id);
        let place = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&exchange.id);
        if let Some((index, began)) = place {
            self.log.change(index, |record| {
                record.duration = Some(began.elapsed());
                record.error = outcome.err();
            });
        }
        self.flight.end(exchange.id);
    }
}

impl Recorder {
    fn bringer(&self) -> Bringer {
        Bringer::Browser(self.worker)
    }

    /// Copies an answer's body while it passes: the beginning for the log, more of it for mining.
    fn copy(
        &self,
        response: Response<Body>,
        exchange: &Exchange,
        index: usize,
        pit: Option<(Arc<Pit>, Option<Url>)>,
    ) -> Response<Body> {
        let (log, kept) = (Arc::clone(&self.log), self.body_limit);
        let mineable = pit.as_ref().and_then(|_| Pit::limit(response.headers())).unwrap_or(kept);
        let (url, head, bringer) = (exchange.url.clone(), response.headers().clone(), self.bringer());
        response.map(|body| {
            tee(body, kept.max(mineable), move |copy| {
                log.change(index, |record| {
                    record.truncated = copy.truncated || copy.bytes.len() > kept;
                    // A copy: a slice would hold on to all of it.
                    record.response_body = Bytes::copy_from_slice(&copy.bytes[..copy.bytes.len().min(kept)]);
                });
                if let Some((pit, page)) = pit {
                    pit.answer(bringer, (&url, page), &head, copy.bytes);
                }
            })
        })
    }
}
