//! Where texts wait to be mined: each once, whoever brought it.

use std::{
    collections::{HashSet, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use url::Url;

use super::{find::Find, headers::headers};

/// The texts that wait.
#[derive(Debug, Default)]
pub(in crate::crawl) struct Pit(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<Text>,
    seen: HashSet<u64>,
    bytes: usize,
}

/// A text, and where it is from.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) url: Url,
    /// The document that it belongs to, where that is known.
    pub(super) page: Option<Url>,
    pub(super) kind: TextKind,
    pub(super) body: Bytes,
    /// What its headers named.
    pub(super) finds: Vec<Find>,
}

/// How a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum TextKind {
    Script,
    Html,
    Json,
    /// What the page's own router told.
    Router,
    SourceMap,
    Robots,
    Sitemap,
    Description,
    /// Only its headers count.
    Other,
}

impl Pit {
    /// How many bytes of an answer's body have to be kept for mining; nothing for those that are not mined.
    pub(in crate::crawl) fn limit(headers: &HeaderMap) -> Option<usize> {
        match TextKind::of(headers) {
            TextKind::Script => Some(SCRIPT_LIMIT),
            TextKind::Html | TextKind::Json => Some(TEXT_LIMIT),
            _ => None,
        }
    }

    /// Takes in an answer, and which page asked for it.
    pub(in crate::crawl) fn answer(&self, url: &Url, page: Option<Url>, head: &HeaderMap, body: Bytes) {
        let kind = TextKind::of(head);
        let page = if kind == TextKind::Html { Some(url.clone()) } else { page };
        self.put(Text { url: url.clone(), page, kind, body, finds: headers(head) });
    }

    /// Takes in what the router of a live page told.
    pub(in crate::crawl) fn router(&self, url: &Url, told: &serde_json::Value) {
        let body = Bytes::from(told.to_string());
        let page = Some(url.clone());
        self.put(Text { url: url.clone(), page, kind: TextKind::Router, body, finds: Vec::new() });
    }

    pub(super) fn put(&self, text: Text) {
        let mut hasher = DefaultHasher::new();
        (text.kind, &text.body, text.finds.iter().map(|f| &f.target).collect::<Vec<_>>()).hash(&mut hasher);
        // A relative address means another one in another place.
        matches!(text.kind, TextKind::Html | TextKind::Router).then(|| text.url.path().hash(&mut hasher));
        let mut inner = self.lock();
        let is_empty = text.finds.is_empty() && (text.body.is_empty() || text.kind == TextKind::Other);
        if is_empty || inner.bytes + text.body.len() > MOST_BYTES || !inner.seen.insert(hasher.finish()) {
            return;
        }
        inner.bytes += text.body.len();
        inner.waiting.push_back(text);
    }

    pub(super) fn take(&self) -> Option<Text> {
        let mut inner = self.lock();
        let text = inner.waiting.pop_front()?;
        inner.bytes -= text.body.len();
        Some(text)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TextKind {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase() {
            kind if kind.contains("javascript") || kind.contains("ecmascript") => Self::Script,
            kind if kind.contains("html") => Self::Html,
            kind if kind.contains("json") => Self::Json,
            _ => Self::Other,
        }
    }
}

/// Longer scripts are read as far as this.
pub(super) const SCRIPT_LIMIT: usize = 12 << 20;
const TEXT_LIMIT: usize = 1 << 20;
/// What waits at most, all together.
const MOST_BYTES: usize = 96 << 20;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_text_waits_once() {
        let pit = Pit::default();
        let url = Url::parse("http://a/x.js").unwrap();
        let mut head = HeaderMap::new();
        head.insert(CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
        for _ in 0..2 {
            pit.answer(&url, None, &head, Bytes::from_static(b"fetch('/x')"));
        }
        assert_eq!(pit.take().unwrap().kind, TextKind::Script);
        assert!(pit.take().is_none());
        assert_eq!(Pit::limit(&head), Some(SCRIPT_LIMIT));
    }
}
