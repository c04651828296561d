//! The answer to a request of the crawl's own.

use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use url::Url;

/// An answer, read as far as it is of use.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) truncated: bool,
}

impl Answer {
    /// The media type, without parameters.
    pub(super) fn content_type(&self) -> &str {
        let value = self.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }
}
