//! The endpoints of an application, put together from the requests of a crawl and from what was mined.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use super::{
    shape::Shape,
    template::{Templates, bare, named, split},
};
use crate::crawl::{
    Carriage, Class, Mined, Operation, Outcome, Passage, Provenance, Record, Surety, Verdict,
};

/// One endpoint: a method and a path template at an origin.
#[derive(Debug, Default)]
pub(super) struct Endpoint {
    pub(super) method: String,
    pub(super) origin: String,
    pub(super) path: String,
    pub(super) is_socket: bool,
    pub(super) path_parameters: BTreeMap<String, Shape>,
    pub(super) query: BTreeMap<String, Shape>,
    /// Bodies by media type.
    pub(super) bodies: BTreeMap<String, Shape>,
    /// Names of body fields that only mining knows.
    pub(super) fields: BTreeSet<String>,
    /// An address that was asked for.
    pub(super) example: Option<String>,
    /// Answers by status and media type.
    pub(super) answers: BTreeMap<u16, BTreeMap<String, Shape>>,
    /// Nothing when nobody asked.
    pub(super) provenance: Option<Provenance>,
    pub(super) sources: Vec<String>,
    pub(super) count: usize,
    pub(super) carried: usize,
    pub(super) has_bearer: bool,
    /// Why it was never asked for.
    pub(super) reason: Option<&'static str>,
    pub(super) operations: Vec<Operation>,
}

/// Something that was mined and is not there.
#[derive(Debug)]
pub(super) struct Refused<'a> {
    pub(super) mined: &'a Mined,
    /// Nothing when it was answered like any address.
    pub(super) status: Option<u16>,
}

/// All endpoints, in order of their paths, and what turned out to be none.
#[derive(Debug)]
pub(super) struct Catalog<'a> {
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) refused: Vec<Refused<'a>>,
}

impl<'a> Catalog<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        let records: Vec<&Record> = outcome.records.iter().filter(|record| is_call(record)).collect();
        let shaped = records.iter().map(|record| (*record, shape_of(record)));
        let templates = Templates::of(&outcome.mined, shaped);
        let mut endpoints: BTreeMap<(String, String, String), Endpoint> = BTreeMap::new();
        for record in records {
            let Some((origin, _)) = split(record.url.as_str()) else { continue };
            let path = templates.path(&record.url);
            let key = (origin.clone(), bare(&path), record.method.clone());
            let endpoint = endpoints.entry(key).or_default();
            if endpoint.path.is_empty() {
                (endpoint.method, endpoint.origin, endpoint.path) = (record.method.clone(), origin, path);
            }
            endpoint.learn(record);
        }
        let mut refused = Vec::new();
        for mined in &outcome.mined {
            let Some((origin, path)) = split(&mined.template) else { continue };
            let path = named(&path);
            let method = mined.method.clone().unwrap_or_else(|| "GET".to_owned());
            let key = (origin.clone(), bare(&path), method.clone());
            match (endpoints.get_mut(&key), &mined.verdict) {
                (Some(known), _) => known.hear(mined),
                (None, Verdict::Unconfirmed(_)) if mined.surety == Surety::Told => {
                    let mut endpoint = Endpoint { method, origin, path, ..Endpoint::default() };
                    endpoint.hear(mined);
                    endpoints.insert(key, endpoint);
                }
                (None, Verdict::Refused(status)) => refused.push(Refused { mined, status: Some(*status) }),
                (None, Verdict::CatchAll) => refused.push(Refused { mined, status: None }),
                (None, _) => {}
            }
        }
        Self { endpoints: endpoints.into_values().collect(), refused }
    }
}

impl Endpoint {
    /// Whether anybody asked for it.
    pub(super) fn is_confirmed(&self) -> bool {
        self.provenance.is_some()
    }

    fn learn(&mut self, record: &Record) {
        self.count += 1;
        self.carried += usize::from(record.session == Carriage::Carried);
        self.is_socket |= record.class == Class::Socket;
        self.provenance =
            Some(self.provenance.map_or(record.provenance, |known| known.min(record.provenance)));
        let bearer = record.request_headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok());
        self.has_bearer |= bearer.is_some_and(|value| value.to_ascii_lowercase().starts_with("bearer "));
        self.example.get_or_insert_with(|| record.url.to_string());
        let values = record.url.path().split('/');
        for (segment, value) in self.path.split('/').zip(values) {
            if let Some(name) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                self.path_parameters.entry(name.to_owned()).or_default().learn_text(value);
            }
        }
        for (name, value) in record.url.query_pairs() {
            self.query.entry(name.into_owned()).or_default().learn_text(&value);
        }
        self.learn_bodies(record);
        self.learn_cause(record);
    }

    fn learn_bodies(&mut self, record: &Record) {
        if let Some(kind) =
            media_type(record.request_headers.get(CONTENT_TYPE)).filter(|_| !record.request_body.is_empty())
        {
            let shape = self.bodies.entry(kind.clone()).or_default();
            learn_body(shape, &kind, &record.request_body);
        }
        let Some(status) = record.status else { return };
        let answers = self.answers.entry(status).or_default();
        if let Some(kind) = media_type(record.response_headers.get(CONTENT_TYPE)) {
            learn_body(answers.entry(kind.clone()).or_default(), &kind, &record.response_body);
        }
    }

    fn learn_cause(&mut self, record: &Record) {
        let Some(state) = record.state else { return };
        let cause = record.action.map_or(format!("{state}"), |action| format!("{state} {action}"));
        if self.sources.len() < MOST_SOURCES && !self.sources.contains(&cause) {
            self.sources.push(cause);
        }
    }

    /// Takes in what mining knows of it.
    fn hear(&mut self, mined: &Mined) {
        self.is_socket |= mined.template.starts_with("ws");
        self.fields.extend(mined.fields.iter().cloned());
        self.operations.extend(mined.operations.iter().cloned());
        self.sources.extend(mined.sources.iter().cloned());
        let query = mined.template.split_once('?').map(|(_, query)| query).unwrap_or_default();
        for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
            if !name.contains('{') {
                self.query.entry(name.into_owned()).or_default();
            }
        }
        if !self.is_confirmed() {
            for name in gaps(&self.path) {
                self.path_parameters.entry(name).or_default();
            }
            if let Verdict::Unconfirmed(reason) = mined.verdict {
                self.reason = Some(reason);
            }
        }
    }
}

/// The names of a path's parameters that are whole segments.
fn gaps(path: &str) -> Vec<String> {
    let segments = path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}'));
    segments.map(str::to_owned).collect()
}

fn is_call(record: &Record) -> bool {
    record.is_confirmed
        && record.class != Class::Asset
        && record.method != "OPTIONS"
        && !matches!(record.passage, Passage::OutOfScope | Passage::Guarded)
}

/// What an answer is made of, where it is made of enough to be compared.
fn shape_of(record: &Record) -> Option<u64> {
    let value: Value =
        serde_json::from_slice(&record.response_body).ok().filter(|_| record.status == Some(200))?;
    let mut shape = Shape::default();
    shape.learn(&value);
    if shape.size() < ENOUGH {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    record.method.hash(&mut hasher);
    shape.schema().to_string().hash(&mut hasher);
    Some(hasher.finish())
}

fn learn_body(shape: &mut Shape, kind: &str, body: &[u8]) {
    if kind.contains("json") {
        if let Ok(value) = serde_json::from_slice(body) {
            shape.learn(&value);
        }
    } else if kind.ends_with("x-www-form-urlencoded") {
        for (name, value) in url::form_urlencoded::parse(body) {
            shape.member(&name).learn_text(&value);
        }
    }
}

fn media_type(header: Option<&http::HeaderValue>) -> Option<String> {
    let value = header?.to_str().ok()?;
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (!kind.is_empty()).then_some(kind)
}

const MOST_SOURCES: usize = 5;
/// Answers with fewer names in them are alike by chance.
const ENOUGH: usize = 4;
