//! The short plain-text pages that the proxy itself answers with.

use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::body::{Body, full};
use super::error::Error;

/// A short plain-text page of handstamp's own, with a word for machines in the header `X-Handstamp-Error`.
#[must_use]
pub fn page(status: StatusCode, word: &'static str, text: &str) -> Response<Body> {
    let mut response = Response::new(full(format!("handstamp: {text}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(ERROR_HEADER, HeaderValue::from_static(word));
    response
}

/// The page that tells a client why its exchange failed.
pub(super) fn failure(error: &Error) -> Response<Body> {
    page(error.status(), error.word(), &error.report())
}

/// The header of pages that no server has sent, with [`Error::word`] in it.
pub const ERROR_HEADER: HeaderName = HeaderName::from_static("x-handstamp-error");
