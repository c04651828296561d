//! Where texts wait to be mined: each once, whoever brought it, and documents until a browser has looked at them.

use std::{
    collections::{HashMap, HashSet, VecDeque},
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
    waiting: VecDeque<(Due, Text)>,
    seen: HashSet<u64>,
    bytes: usize,
    /// How often each worker has looked at a page.
    looks: HashMap<usize, u64>,
}

/// When a text may be read. What a document leads to by elements that are left alone is known after a look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Now,
    /// When this worker has looked at a page more often than this.
    AfterLook(usize, u64),
    /// When the browsers have nothing left to do.
    AtRest,
}

/// Who brought an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::crawl) enum Bringer {
    /// A worker's browser.
    Browser(usize),
    /// Mining itself.
    Mining,
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
    pub(in crate::crawl) fn answer(
        &self,
        bringer: Bringer,
        (url, page): (&Url, Option<Url>),
        head: &HeaderMap,
        body: Bytes,
    ) {
        let kind = TextKind::of(head);
        let page = if kind == TextKind::Html { Some(url.clone()) } else { page };
        let due = match bringer {
            _ if kind != TextKind::Html => Due::Now,
            Bringer::Browser(worker) => Due::AfterLook(worker, self.looks(worker)),
            Bringer::Mining => Due::AtRest,
        };
        self.add(due, Text { url: url.clone(), page, kind, body, finds: headers(head) });
    }

    /// Notes that a worker has looked at the page that it is on.
    pub(in crate::crawl) fn looked(&self, worker: usize) {
        *self.lock().looks.entry(worker).or_default() += 1;
    }

    fn looks(&self, worker: usize) -> u64 {
        self.lock().looks.get(&worker).copied().unwrap_or_default()
    }

    /// Takes in what the router of a live page told.
    pub(in crate::crawl) fn router(&self, url: &Url, told: &serde_json::Value) {
        let body = Bytes::from(told.to_string());
        let page = Some(url.clone());
        self.put(Text { url: url.clone(), page, kind: TextKind::Router, body, finds: Vec::new() });
    }

    pub(super) fn put(&self, text: Text) {
        self.add(Due::Now, text);
    }

    fn add(&self, due: Due, text: Text) {
        let mut hasher = DefaultHasher::new();
        (text.kind, &text.body, text.finds.iter().map(|f| &f.target).collect::<Vec<_>>()).hash(&mut hasher);
        // A relative address means another one in another place.
        matches!(text.kind, TextKind::Html | TextKind::Router).then(|| text.url.path().hash(&mut hasher));
        let mut inner = self.lock();
        let is_empty = text.finds.is_empty() && (text.body.is_empty() || text.kind == TextKind::Other);
        if is_empty || inner.bytes + text.body.len() > MOST_BYTES {
            return;
        }
        if !inner.seen.insert(hasher.finish()) {
            // What mining asked for is looked at by a browser after all.
            let mut waiting = inner.waiting.iter_mut();
            if let Some((same, _)) = waiting.find(|(due, t)| *due == Due::AtRest && t.url == text.url) {
                *same = due;
            }
            return;
        }
        inner.bytes += text.body.len();
        inner.waiting.push_back((due, text));
    }

    /// The next text that may be read by now.
    pub(super) fn take(&self) -> Option<Text> {
        let mut inner = self.lock();
        let Inner { waiting, looks, .. } = &*inner;
        let is_due = |due: &Due| match due {
            Due::Now => true,
            Due::AfterLook(worker, before) => looks.get(worker).is_some_and(|looks| looks > before),
            Due::AtRest => false,
        };
        let at = waiting.iter().position(|(due, _)| is_due(due))?;
        inner.remove(at)
    }

    /// The next text, when the browsers have nothing left to do.
    pub(super) fn take_any(&self) -> Option<Text> {
        self.lock().remove(0)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn remove(&mut self, at: usize) -> Option<Text> {
        let (_, text) = self.waiting.remove(at)?;
        self.bytes -= text.body.len();
        Some(text)
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
            pit.answer(Bringer::Browser(0), (&url, None), &head, Bytes::from_static(b"fetch('/x')"));
        }
        assert_eq!(pit.take().unwrap().kind, TextKind::Script);
        assert!(pit.take().is_none());
        assert_eq!(Pit::limit(&head), Some(SCRIPT_LIMIT));
    }

    #[test]
    fn a_document_waits_until_its_browser_has_looked_at_it() {
        let (pit, mut head) = (Pit::default(), HeaderMap::new());
        head.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        let url = |path: &str| Url::parse("http://a/").unwrap().join(path).unwrap();
        let bring =
            |bringer, path| pit.answer(bringer, (&url(path), None), &head, Bytes::from_static(b"<p>"));
        pit.looked(1);
        bring(Bringer::Browser(1), "/a");
        bring(Bringer::Mining, "/b");
        bring(Bringer::Mining, "/c");
        pit.looked(0);
        assert!(pit.take().is_none(), "another browser has looked at something else");
        pit.looked(1);
        assert_eq!(pit.take().unwrap().url.path(), "/a");
        bring(Bringer::Browser(0), "/b");
        pit.looked(0);
        assert_eq!(pit.take().unwrap().url.path(), "/b");
        assert!(pit.take().is_none());
        assert_eq!(pit.take_any().unwrap().url.path(), "/c");
    }
}
