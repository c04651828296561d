//! Asks the application itself: reads only, one request after the other, with the session, and each is recorded.

use std::{
    collections::HashMap,
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE},
};
use tokio::time;
use url::{Position, Url};

use super::{answer::Answer, pit::SCRIPT_LIMIT, shell::Shape};
use crate::{
    crawl::{
        conduct::Conduct,
        guard,
        log::Log,
        policy::Restraint,
        record::{Carriage, Class, Passage, Provenance, Record},
        route::endpoint_route,
    },
    inject::Stamp,
    proxy::{Client, full, tee},
    session::now,
};

/// Sends requests at a measured pace.
#[derive(Debug)]
pub(super) struct Asker<'a> {
    client: &'a Client,
    stamp: Option<&'a Stamp>,
    log: &'a Log,
    /// How fast it may ask, as whom, and what it may not ask for.
    conduct: &'a Conduct,
    worker: usize,
    body_limit: usize,
    pace: time::Interval,
    left: usize,
    /// How an address is answered that does not exist, by the folder in which it does not.
    shapes: HashMap<String, Option<Shape>>,
}

/// What was asked, as the log knows it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) index: usize,
    pub(super) answer: Answer,
}

impl<'a> Asker<'a> {
    pub(super) fn new(
        client: &'a Client,
        stamp: Option<&'a Stamp>,
        log: &'a Log,
        conduct: &'a Conduct,
        (worker, body_limit): (usize, usize),
    ) -> Self {
        let mut pace = time::interval(PACE);
        pace.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        Self {
            client,
            stamp,
            log,
            conduct,
            worker,
            body_limit,
            pace,
            left: MOST_REQUESTS,
            shapes: HashMap::new(),
        }
    }

    /// Whether more may be asked.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Asks for an address.
    pub(super) async fn get(&mut self, url: &Url) -> Option<Asked> {
        self.send(Method::GET, url, Bytes::new()).await
    }

    /// Sends a question that changes nothing, as JSON.
    pub(super) async fn question(&mut self, url: &Url, body: String) -> Option<Asked> {
        self.send(Method::POST, url, body.into()).await
    }

    /// Whether an answer says more than that of an address next to it which does not exist.
    pub(super) async fn is_telling(&mut self, answer: &Answer) -> bool {
        let shape = Shape::of(answer);
        match self.stranger(&answer.url).await {
            Some(stranger) => !shape.is_like(&stranger),
            None => true,
        }
    }

    /// How an address is answered that does not exist, in the same folder and with the same ending.
    async fn stranger(&mut self, url: &Url) -> Option<Shape> {
        let path = url.path().trim_end_matches('/');
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let ending = name.rsplit_once('.').map(|(_, ending)| format!(".{ending}")).unwrap_or_default();
        let place = format!("{}{folder}/*{ending}", &url[..Position::BeforePath]);
        if let Some(known) = self.shapes.get(&place) {
            return known.clone();
        }
        let mut stranger = url.clone();
        stranger.set_path(&format!("{folder}/{}{ending}", letters()));
        stranger.set_query(None);
        let shape = self.get(&stranger).await.map(|asked| Shape::of(&asked.answer));
        self.shapes.insert(place, shape.clone());
        shape
    }

    async fn send(&mut self, method: Method, url: &Url, body: Bytes) -> Option<Asked> {
        if self.conduct.is_banned(url)
            || guard::ends_session(url, &method)
            || !self.conduct.allows(url)
            || self.conduct.holds(&method, url, Class::Probe, Restraint::Free)
        {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        self.pace.tick().await;
        self.conduct.turn(Class::Probe).await;
        let mut bare = url.clone();
        bare.set_fragment(None);
        let mut request = Request::new(full(body.clone()));
        *request.method_mut() = method;
        *request.uri_mut() = bare.as_str().parse().ok()?;
        let headers = request.headers_mut();
        self.conduct.sign(headers);
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let session = self.put_session_on(&request.method().clone(), url, request.headers_mut());
        let began = Instant::now();
        let record = self.record(&request, &bare, session, body);
        let index = self.log.begin(record);
        let answer = time::timeout(PATIENCE, self.exchange(request, &bare)).await;
        let answer = answer.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        self.log.change(index, |record| {
            record.duration = Some(began.elapsed());
            match &answer {
                Ok(answer) => self.note(record, answer),
                Err(error) => record.error = Some(error.clone()),
            }
        });
        answer.ok().map(|answer| Asked { index, answer })
    }

    fn put_session_on(&self, method: &Method, url: &Url, headers: &mut HeaderMap) -> Carriage {
        let Some(stamp) = self.stamp else { return Carriage::NotMeant };
        stamp.put_on(method, url, headers);
        // What the mode leaves to the browser has to be put on here: there is none.
        for (name, value) in &stamp.request_headers(url) {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        if stamp.carries(url, headers) { Carriage::Carried } else { Carriage::Bare }
    }

    async fn exchange(&self, request: Request<crate::proxy::Body>, url: &Url) -> Result<Answer, String> {
        let response = self.client.send(request).await.map_err(|error| error.to_string())?;
        let (mut head, body) = response.into_parts();
        if let Some(stamp) = self.stamp {
            // An answer that takes the cookies away is no renewal.
            drop(guard::keep_in_browser(url, &mut head.headers, || stamp.cookie_names(url), now()));
            stamp.learn(url, &head.headers);
        }
        let (send, captured) = tokio::sync::oneshot::channel();
        let is_endless =
            head.headers.get(CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/event-stream"));
        let limit = if is_endless { 0 } else { SCRIPT_LIMIT };
        let teed = tee(body, limit, |copy| drop(send.send(copy)));
        if is_endless {
            drop(teed);
        } else {
            drain(teed).await;
        }
        let copy = captured.await.map_err(|error| error.to_string())?;
        Ok(Answer {
            url: url.clone(),
            status: head.status.as_u16(),
            headers: head.headers,
            body: copy.bytes,
            truncated: copy.truncated,
        })
    }

    fn record(
        &self,
        request: &Request<crate::proxy::Body>,
        url: &Url,
        session: Carriage,
        body: Bytes,
    ) -> Record {
        Record {
            worker: self.worker,
            started: SystemTime::now(),
            duration: None,
            method: request.method().to_string(),
            url: url.clone(),
            class: Class::Probe,
            passage: Passage::InScope,
            session,
            provenance: Provenance::Mined,
            state: None,
            action: None,
            status: None,
            error: None,
            request_headers: request.headers().clone(),
            request_body: body,
            response_headers: HeaderMap::new(),
            response_body: Bytes::new(),
            truncated: false,
            route: endpoint_route(url),
            is_novel: false,
            is_confirmed: false,
        }
    }

    fn note(&self, record: &mut Record, answer: &Answer) {
        let kept = answer.body.len().min(self.body_limit);
        record.status = Some(answer.status);
        record.response_headers = answer.headers.clone();
        // A copy: a slice would hold on to all of it.
        record.response_body = Bytes::copy_from_slice(&answer.body[..kept]);
        record.truncated = answer.truncated || kept < answer.body.len();
    }
}

async fn drain(mut body: crate::proxy::Body) {
    use http_body_util::BodyExt as _;
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > SCRIPT_LIMIT {
            break;
        }
    }
}

/// A name that nothing has.
fn letters() -> String {
    (0..12).map(|_| char::from(b'a' + rand::random_range(0..26_u8))).collect()
}

const ACCEPTED: &str = "application/json, text/html;q=0.9, */*;q=0.8";
/// How many requests mining makes at most, those for scripts and for addresses that do not exist included.
const MOST_REQUESTS: usize = 900;
const PACE: Duration = Duration::from_millis(25);
const PATIENCE: Duration = Duration::from_secs(15);
