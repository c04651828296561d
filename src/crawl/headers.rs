//! What the headers of a request and of its answer tell.

use http::{
    HeaderMap, Method,
    header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, WWW_AUTHENTICATE},
};

use super::record::Class;
use crate::proxy::Exchange;

/// What asks for a request.
pub(super) fn class(exchange: &Exchange, headers: &HeaderMap) -> Class {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let accept = headers.get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    match text("sec-fetch-dest") {
        _ if exchange.upgrade => Class::Socket,
        "document" | "iframe" | "frame" => Class::Document,
        "empty" => Class::Call,
        // Browsers say what a request is for to trustworthy origins only.
        "" if accept.starts_with("text/html") => Class::Document,
        "" if accept.contains("json") || headers.contains_key("x-requested-with") => Class::Call,
        "" if exchange.method != Method::GET => Class::Call,
        _ => Class::Asset,
    }
}

/// Whether a whole page is asked for, not a frame of one.
pub(super) fn is_page(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    match text("sec-fetch-dest") {
        "" => text("accept").starts_with("text/html"),
        kind => kind == "document",
    }
}

/// Whether an answer is meant to be kept as a file.
pub(super) fn is_download(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_DISPOSITION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    value.trim_start().to_ascii_lowercase().starts_with("attachment")
}

/// Whether an answer would make the browser ask for a password.
pub(super) fn asks_for_password(headers: &HeaderMap) -> bool {
    let schemes = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|v| v.to_str().ok());
    schemes
        .map(str::to_ascii_lowercase)
        .any(|scheme| scheme.starts_with("basic") || scheme.starts_with("digest"))
}

/// Whether an answer goes on without end.
pub(super) fn is_stream(headers: &HeaderMap) -> bool {
    content_type(headers).starts_with("text/event-stream")
}

/// Whether an answer can be read.
pub(super) fn is_text(headers: &HeaderMap) -> bool {
    let kind = content_type(headers);
    ["json", "html", "xml", "text/", "x-www-form-urlencoded", "javascript"]
        .iter()
        .any(|word| kind.contains(word))
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default()
}
