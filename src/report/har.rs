//! The requests of a crawl as an HTTP archive, version 1.2.

use http::{HeaderMap, header::CONTENT_TYPE};
use serde_json::Value;

use super::{
    Redactor,
    archive::{Archived, Side, archive},
};
use crate::crawl::{Outcome, Record};

/// The archive of all requests that were sent on; headers and bodies without secrets.
pub(super) fn har(outcome: &Outcome, redactor: &Redactor) -> Value {
    let sent = outcome.records.iter().filter(|record| record.passage.is_sent());
    archive(sent.map(|record| archived(record, redactor)))
}

fn archived(record: &Record, redactor: &Redactor) -> Archived {
    let cut = record.truncated.then(|| "only the beginning was kept".to_owned());
    Archived {
        started: record.started,
        duration: record.duration,
        method: record.method.clone(),
        url: record.url.to_string(),
        request: side(&record.request_headers, &record.request_body, None, redactor),
        status: record.status.unwrap_or_default(),
        response: side(&record.response_headers, &record.response_body, cut, redactor),
        error: record.error.clone(),
        comment: record.state.map(|state| match record.action {
            Some(action) => format!("{state} {action}"),
            None => state.to_string(),
        }),
    }
}

fn side(headers: &HeaderMap, body: &[u8], comment: Option<String>, redactor: &Redactor) -> Side {
    let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let pairs = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.to_string(), redactor.header(name.as_str(), &value))
    });
    let body = redactor.body(&String::from_utf8_lossy(body), kind).into_bytes();
    Side { headers: pairs.collect(), body, size: None, comment }
}
