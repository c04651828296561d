//! Answers that the crawl's proxy gives in the place of the application's.

use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};

use super::record::Class;
use crate::proxy::{Body, empty, full};

/// An empty answer, on which a browser stays where it is.
pub(super) fn no_content(body: Body) -> Response<Body> {
    drop(body);
    let mut response = Response::new(empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// An empty page in the place of a document, and nothing in the place of all else.
pub(super) fn stand_in(class: Class) -> Response<Body> {
    if class != Class::Document {
        return no_content(empty());
    }
    let mut response = Response::new(full("<!doctype html><html><head></head><body></body></html>"));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}
