//! Answers of the gateway itself, in the form of the WebDriver standard.

use http::{Response, StatusCode, header::CACHE_CONTROL, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::error::Error;
use crate::proxy::{Body, full};

/// A value (see 6.3 Processing Model of the WebDriver standard).
pub(super) fn value(value: &Value) -> Response<Body> {
    document(200, &json!({ "value": value }))
}

/// An error (see 6.6 Errors of the WebDriver standard).
pub(super) fn failure(status: u16, code: &str, message: &str) -> Response<Body> {
    document(status, &json!({ "value": { "error": code, "message": message, "stacktrace": "" } }))
}

/// An error of the gateway.
pub(super) fn refusal(error: &Error) -> Response<Body> {
    let (status, code) = error.code();
    failure(status, code, &error.to_string())
}

/// The answer to commands of a session that is not there, or not any more.
pub(super) fn no_session(message: &str) -> Response<Body> {
    failure(404, INVALID_SESSION, message)
}

fn document(status: u16, value: &Value) -> Response<Body> {
    let mut response = Response::new(full(value.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(CACHE_CONTROL, http::HeaderValue::from_static("no-cache"));
    response
}

/// The error code of commands to a session that has ended.
pub(super) const INVALID_SESSION: &str = "invalid session id";
