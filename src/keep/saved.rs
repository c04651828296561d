//! A request that is kept so that it can be sent again.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri, request::Parts};
use hyper::body::Body as _;

use crate::proxy::{Body, Captured, empty, full, tee};

/// A copy of a request as it came in, before a session was put onto it.
#[derive(Debug)]
pub(super) struct Saved {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Arc<Mutex<Option<Captured>>>,
}

impl Saved {
    /// Copies a request; its body is copied while it is sent, up to `limit` bytes.
    pub(super) fn of(request: Request<Body>, limit: usize) -> (Self, Request<Body>) {
        let is_empty = request.body().is_end_stream();
        let nothing = Captured { bytes: Bytes::new(), length: 0, truncated: false };
        let body = Arc::new(Mutex::new(is_empty.then_some(nothing)));
        let (method, uri, headers) =
            (request.method().clone(), request.uri().clone(), request.headers().clone());
        if is_empty {
            return (Self { method, uri, headers, body }, request);
        }
        let copy = Arc::clone(&body);
        let request = request.map(|sent| {
            tee(sent, limit, move |captured| {
                *copy.lock().unwrap_or_else(PoisonError::into_inner) = Some(captured);
            })
        });
        (Self { method, uri, headers, body }, request)
    }

    /// Whether sending it twice does what sending it once does (RFC 9110, 9.2.1).
    pub(super) fn is_safe(&self) -> bool {
        self.method.is_safe()
    }

    /// The request once more, changed; nothing when its body was too long to be kept or was not sent to its end.
    pub(super) fn again_with(&self, change: impl FnOnce(&mut Parts, &mut Bytes)) -> Option<Request<Body>> {
        let (mut head, body) = self.again()?.into_parts();
        let kept = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = kept.as_ref().map(|captured| captured.bytes.clone()).unwrap_or_default();
        change(&mut head, &mut text);
        Some(Request::from_parts(head, if text.is_empty() { body } else { full(text) }))
    }

    /// The request once more; nothing when its body was too long to be kept or was not sent to its end.
    pub(super) fn again(&self) -> Option<Request<Body>> {
        let body = match &*self.body.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(captured) if captured.truncated => return None,
            Some(captured) if captured.bytes.is_empty() => empty(),
            Some(captured) => full(captured.bytes.clone()),
            None => return None,
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        Some(request)
    }

    /// The text of the request, for patterns: its line, its headers and what is kept of its body.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.uri);
        for (name, value) in &self.headers {
            let _ = write!(text, "{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
        }
        if let Some(captured) = &*self.body.lock().unwrap_or_else(PoisonError::into_inner) {
            text.push_str("\r\n");
            text.push_str(&String::from_utf8_lossy(&captured.bytes));
        }
        text
    }
}
