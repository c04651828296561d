//! Which of a user's requests are sent again as others: one of each endpoint, the most personal one.

use std::collections::BTreeMap;

use http::HeaderMap;
use url::Url;

use super::{Answer, Subject};
use crate::crawl::{Carriage, Class, Passage, Record, harm, is_logout_path};

/// A request of a user's crawl that is worth trying as somebody else.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Whose it is, by the place among the subjects.
    pub owner: usize,
    /// The method.
    pub method: String,
    /// The route of its endpoint.
    pub route: String,
    /// The whole address.
    pub url: Url,
    /// The headers, without the owner's session.
    pub headers: HeaderMap,
    /// The body of a request that writes.
    pub body: bytes::Bytes,
    /// The answer in the crawl, where all of it was kept.
    pub recorded: Option<Answer>,
}

impl Candidate {
    /// Whether it only reads, as its method and its address say.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        reads(&self.method, &self.url)
    }
}

/// The requests of one subject to try: one of each method and route, those that write only where `writes` says so, in
/// the order in which they were first made.
#[must_use]
pub fn candidates(subjects: &[Subject<'_>], owner: usize, writes: bool) -> Vec<Candidate> {
    let Some(subject) = subjects.get(owner) else { return Vec::new() };
    let mut best = BTreeMap::<(&str, &str), (usize, usize, &Record)>::new();
    for (order, record) in subject.outcome.records.iter().enumerate() {
        if !is_fit(record, subject, writes) {
            continue;
        }
        let weight = weight(record, subject);
        let found = best.entry((&record.method, &record.route)).or_insert((order, weight, record));
        if weight > found.1 {
            (found.1, found.2) = (weight, record);
        }
    }
    let mut all: Vec<_> = best.into_values().collect();
    all.sort_by_key(|(order, ..)| *order);
    all.into_iter().map(|(_, _, record)| candidate(record, owner, subject)).collect()
}

fn is_fit(record: &Record, subject: &Subject<'_>, writes: bool) -> bool {
    let is_safe = reads(&record.method, &record.url);
    let is_write = !matches!(record.method.as_str(), "OPTIONS" | "TRACE" | "CONNECT");
    matches!(record.class, Class::Call | Class::Document)
        && record.passage == Passage::InScope
        && record.status.is_some_and(|status| (200..300).contains(&status))
        && (is_safe || (is_write && writes))
        && !is_logout_path(record.url.path())
        && !subject.is_in(&record.url)
}

/// Whether a request only reads; some take things away by GET.
fn reads(method: &str, url: &Url) -> bool {
    matches!(method, "GET" | "HEAD") && !harm::destroys(url)
}

/// How much a request has to say of its user: it carried the session, names an object, and its answer holds data.
fn weight(record: &Record, subject: &Subject<'_>) -> usize {
    let body = String::from_utf8_lossy(&record.response_body);
    let is_named = subject.marks.iter().any(|mark| body.contains(mark.as_str()));
    let is_data = record.content_type().is_some_and(|kind| kind.contains("json"));
    4 * usize::from(is_named)
        + 2 * usize::from(record.session == Carriage::Carried)
        + 2 * usize::from(body.len() > FILLED)
        + usize::from(is_data)
        + usize::from(!record.truncated)
}

fn candidate(record: &Record, owner: usize, subject: &Subject<'_>) -> Candidate {
    let mut url = record.url.clone();
    url.set_fragment(None);
    let recorded = Answer {
        status: record.status.unwrap_or_default(),
        location: None,
        body: String::from_utf8_lossy(&record.response_body).into_owned(),
    };
    Candidate {
        owner,
        method: record.method.clone(),
        route: record.route.clone(),
        headers: subject.without_session(&url, &record.request_headers),
        url,
        body: record.request_body.clone(),
        recorded: (!record.truncated).then_some(recorded),
    }
}

/// Answers of more bytes than this are likely to hold something.
const FILLED: usize = 40;
