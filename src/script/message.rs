//! A request and the answer to it, as scripts see them.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// A request, with the answer to it where there is one already.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The request's method.
    pub method: Method,
    /// The request's whole URL.
    pub url: Url,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The request's body, decoded of any transfer coding.
    pub body: Bytes,
    /// The answer's status, `None` where there is no answer yet.
    pub status: Option<StatusCode>,
    /// The answer's headers.
    pub response_headers: HeaderMap,
    /// The answer's body, decoded of any transfer and content coding.
    pub response_body: Bytes,
}

impl Message {
    /// A request without headers, body or answer.
    #[must_use]
    pub fn request(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            status: None,
            response_headers: HeaderMap::new(),
            response_body: Bytes::new(),
        }
    }

    /// The same request, with an answer to it.
    #[must_use]
    pub fn answered(mut self, status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        self.status = Some(status);
        self.response_headers = headers;
        self.response_body = body.into();
        self
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body.len())
            .field("status", &self.status)
            .field("response_headers", &self.response_headers.keys().collect::<Vec<_>>())
            .field("response_body", &self.response_body.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_token() {
        let url = Url::parse("https://a.example/?token=hunter2").unwrap();
        let mut message =
            Message::request(Method::GET, url).answered(StatusCode::OK, HeaderMap::new(), "hunter2");
        message.headers.insert("x-token", "hunter2".parse().unwrap());
        message.body = Bytes::from("hunter2");
        let shown = format!("{message:?}");
        assert!(!shown.contains("hunter2") && shown.contains("x-token"), "{shown}");
    }
}
