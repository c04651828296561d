//! The requests of a crawl as an HTTP archive, version 1.2.

use har::v1_2::{Content, Creator, Entries, Headers, Log, PostData, QueryString, Request, Response, Timings};
use http::{
    HeaderMap,
    header::{CONTENT_TYPE, LOCATION},
};
use serde_json::{Value, json};

use super::{Redactor, requests::timestamp};
use crate::crawl::{Outcome, Passage, Record};

/// The archive of all requests that were sent on; headers and bodies without secrets.
pub(super) fn har(outcome: &Outcome, redactor: &Redactor) -> Value {
    let sent = outcome.records.iter().filter(|record| record.passage != Passage::Guarded);
    let log = Log {
        creator: Creator {
            name: "handstamp".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            comment: None,
        },
        entries: sent.map(|record| entry(record, redactor)).collect(),
        ..Log::default()
    };
    let mut log = serde_json::to_value(log).unwrap_or_default();
    log["version"] = "1.2".into();
    json!({ "log": log })
}

fn entry(record: &Record, redactor: &Redactor) -> Entries {
    let time = record.duration.map_or(0.0, |d| d.as_secs_f64() * 1000.0);
    Entries {
        started_date_time: timestamp(record.started),
        time,
        request: request(record, redactor),
        response: response(record, redactor),
        timings: Timings { wait: time, ..Timings::default() },
        comment: record.state.map(|state| match record.action {
            Some(action) => format!("{state} {action}"),
            None => state.to_string(),
        }),
        ..Entries::default()
    }
}

fn request(record: &Record, redactor: &Redactor) -> Request {
    let kind = content_type(&record.request_headers);
    let post_data = (!record.request_body.is_empty()).then(|| PostData {
        text: Some(redactor.body(&String::from_utf8_lossy(&record.request_body), &kind)),
        mime_type: kind,
        ..PostData::default()
    });
    let query = record.url.query_pairs();
    let query =
        query.map(|(name, value)| QueryString { name: name.into(), value: value.into(), comment: None });
    Request {
        method: record.method.clone(),
        url: record.url.to_string(),
        http_version: "HTTP/1.1".into(),
        headers: headers(&record.request_headers, redactor),
        query_string: query.collect(),
        body_size: size(record.request_body.len()),
        post_data,
        headers_size: -1,
        ..Request::default()
    }
}

fn response(record: &Record, redactor: &Redactor) -> Response {
    let kind = content_type(&record.response_headers);
    let text = String::from_utf8_lossy(&record.response_body);
    let location = record.response_headers.get(LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    Response {
        status: i64::from(record.status.unwrap_or_default()),
        http_version: "HTTP/1.1".into(),
        headers: headers(&record.response_headers, redactor),
        content: Content {
            size: size(record.response_body.len()),
            text: (!text.is_empty()).then(|| redactor.body(&text, &kind)),
            mime_type: Some(kind),
            comment: record.truncated.then(|| "only the beginning was kept".to_owned()),
            ..Content::default()
        },
        redirect_url: Some(location.to_owned()),
        headers_size: -1,
        body_size: -1,
        comment: record.error.clone(),
        ..Response::default()
    }
}

fn headers(headers: &HeaderMap, redactor: &Redactor) -> Vec<Headers> {
    let pairs = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        Headers { name: name.to_string(), value: redactor.header(name.as_str(), &value), comment: None }
    });
    pairs.collect()
}

fn content_type(headers: &HeaderMap) -> String {
    headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}

fn size(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
