//! HTTP archives, version 1.2, of exchanges from wherever.

use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use har::v1_2::{Content, Creator, Entries, Headers, Log, PostData, QueryString, Request, Response, Timings};
use serde_json::{Value, json};
use url::Url;

use super::requests::timestamp;

/// One exchange as it goes into an archive; nothing in it is secret any more.
pub(super) struct Archived {
    pub(super) started: SystemTime,
    pub(super) duration: Option<Duration>,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) request: Side,
    /// 0 when there was no answer.
    pub(super) status: u16,
    pub(super) response: Side,
    /// Why it failed.
    pub(super) error: Option<String>,
    /// What is said of the whole.
    pub(super) comment: Option<String>,
}

/// Headers and body of one direction.
pub(super) struct Side {
    pub(super) headers: Vec<(String, String)>,
    /// Without its content encoding.
    pub(super) body: Vec<u8>,
    /// How many bytes of body were sent; nothing when nobody counted.
    pub(super) size: Option<u64>,
    /// What is said of the body.
    pub(super) comment: Option<String>,
}

impl Side {
    fn header(&self, name: &str) -> String {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn har_headers(&self) -> Vec<Headers> {
        let pairs = self.headers.iter().cloned();
        pairs.map(|(name, value)| Headers { name, value, comment: None }).collect()
    }
}

/// The archive.
pub(super) fn archive(exchanges: impl Iterator<Item = Archived>) -> Value {
    let log = Log {
        creator: Creator {
            name: "handstamp".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            comment: None,
        },
        entries: exchanges.map(|exchange| entry(&exchange)).collect(),
        ..Log::default()
    };
    let mut log = serde_json::to_value(log).unwrap_or_default();
    log["version"] = "1.2".into();
    json!({ "log": log })
}

fn entry(exchange: &Archived) -> Entries {
    let time = exchange.duration.map_or(0.0, |d| d.as_secs_f64() * 1000.0);
    Entries {
        started_date_time: timestamp(exchange.started),
        time,
        request: request(exchange),
        response: response(exchange),
        timings: Timings { wait: time, ..Timings::default() },
        comment: exchange.comment.clone(),
        ..Entries::default()
    }
}

fn request(exchange: &Archived) -> Request {
    let side = &exchange.request;
    let post_data = (!side.body.is_empty()).then(|| PostData {
        text: Some(String::from_utf8_lossy(&side.body).into_owned()),
        mime_type: side.header("content-type"),
        comment: side.comment.clone(),
        ..PostData::default()
    });
    let url = Url::parse(&exchange.url).ok();
    let pairs = url.iter().flat_map(Url::query_pairs);
    let query =
        pairs.map(|(name, value)| QueryString { name: name.into(), value: value.into(), comment: None });
    Request {
        method: exchange.method.clone(),
        url: exchange.url.clone(),
        http_version: "HTTP/1.1".into(),
        headers: side.har_headers(),
        query_string: query.collect(),
        body_size: number(side.size.unwrap_or(side.body.len() as u64)),
        post_data,
        headers_size: -1,
        ..Request::default()
    }
}

fn response(exchange: &Archived) -> Response {
    let side = &exchange.response;
    let (text, encoding) = match std::str::from_utf8(&side.body) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (STANDARD.encode(&side.body), Some("base64".to_owned())),
    };
    Response {
        status: i64::from(exchange.status),
        http_version: "HTTP/1.1".into(),
        headers: side.har_headers(),
        content: Content {
            size: number(side.body.len() as u64),
            text: (!text.is_empty()).then_some(text),
            encoding,
            mime_type: Some(side.header("content-type")),
            comment: side.comment.clone(),
            ..Content::default()
        },
        redirect_url: Some(side.header("location")),
        headers_size: -1,
        body_size: side.size.map_or(-1, number),
        comment: exchange.error.clone(),
        ..Response::default()
    }
}

fn number(length: u64) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
