//! The traffic of a browser, request by request, as it was seen from inside.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderValue};
use tokio::{
    sync::watch,
    time::{self, Instant},
};
use url::Url;

/// One request and what came of it.
#[derive(Clone, Default)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The whole URL, query included.
    pub url: String,
    /// What asked for it, in CDP's words: `Document`, `XHR`, `Fetch`, `Script`, `WebSocket`, … or empty.
    pub kind: String,
    /// The request headers as sent, cookies included where the browser tells them.
    pub request_headers: Vec<(String, String)>,
    /// The request body, where it is text and small.
    pub request_body: Option<String>,
    /// The status; nothing while it is under way or when it failed.
    pub status: Option<u16>,
    /// The response headers, `Set-Cookie` included where the browser tells them.
    pub response_headers: Vec<(String, String)>,
    /// The response body, where it is text and not large.
    pub response_body: Option<String>,
    /// Why there is no answer, in the browser's words, for example `net::ERR_CONNECTION_REFUSED`.
    pub failure: Option<String>,
    /// Whether it ended, well or not.
    pub is_done: bool,
}

impl Exchange {
    /// A request header by its name, in any case.
    #[must_use]
    pub fn request_header(&self, name: &str) -> Option<&str> {
        find(&self.request_headers, name)
    }

    /// A response header by its name, in any case; the first of several.
    #[must_use]
    pub fn response_header(&self, name: &str) -> Option<&str> {
        find(&self.response_headers, name)
    }

    /// Whether the page's own script asked for it (`XMLHttpRequest` or `fetch`).
    #[must_use]
    pub fn is_script_call(&self) -> bool {
        matches!(self.kind.as_str(), "XHR" | "Fetch")
    }

    /// Whether it is a document, of the page or a frame.
    #[must_use]
    pub fn is_document(&self) -> bool {
        self.kind == "Document"
    }

    /// The address without its query.
    fn address(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or_default()
    }

    /// Streams stay open by design and are nothing to wait for.
    fn is_stream(&self) -> bool {
        matches!(self.kind.as_str(), "WebSocket" | "EventSource")
            || self.response_header("content-type").is_some_and(|t| t.starts_with("text/event-stream"))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Url::parse(&self.url).map(|mut u| {
            u.set_query(None);
            u.to_string()
        });
        write!(f, "Exchange({} {} {:?})", self.method, url.unwrap_or_default(), self.status)
    }
}

/// What a browser has sent and received since recording began; clones share the record.
#[derive(Clone)]
pub struct Traffic(Arc<Inner>);

struct Inner {
    record: Mutex<Record>,
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Record {
    exchanges: Vec<Exchange>,
    /// The browser's own id of each request that is under way, with its place and when it began.
    open: HashMap<String, (usize, Instant)>,
    /// When the last slow answer of an address ended, queries aside.
    slow: HashMap<String, Instant>,
    /// Addresses that are asked again as soon as they have answered, slowly.
    polls: HashSet<String>,
}

impl fmt::Debug for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Traffic({} exchanges)", self.record().exchanges.len())
    }
}

impl Default for Traffic {
    fn default() -> Self {
        Self(Arc::new(Inner { record: Mutex::default(), changes: watch::channel(0).0 }))
    }
}

impl Traffic {
    /// How many exchanges there are so far: a mark for [`Self::since`].
    #[must_use]
    pub fn mark(&self) -> usize {
        self.record().exchanges.len()
    }

    /// The exchanges that began after a mark.
    #[must_use]
    pub fn since(&self, mark: usize) -> Vec<Exchange> {
        self.record().exchanges.iter().skip(mark).cloned().collect()
    }

    /// How many requests are under way, streams not counted, nor what has been under way so long that it must be one.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        let record = self.record();
        let waits = |(index, began): &&(usize, Instant)| {
            let exchange = &record.exchanges[*index];
            let is_poll = record.polls.contains(exchange.address());
            let counted = if is_poll { KNOWN_POLL } else { LONG_POLL };
            began.elapsed() < counted && !exchange.is_stream()
        };
        record.open.values().filter(waits).count()
    }

    /// Waits until nothing has been under way for `quiet`, or until the limit; tells which.
    ///
    /// # Errors
    /// `Err(())` when the limit came first.
    pub async fn wait_quiet(&self, quiet: Duration, limit: Duration) -> Result<(), ()> {
        let deadline = Instant::now() + limit;
        let mut changes = self.0.changes.subscribe();
        loop {
            changes.borrow_and_update();
            // A long poll stops counting by mere age, so that is looked at now and then.
            let is_busy = self.in_flight() > 0;
            let wait = if is_busy { AGE_POLL } else { quiet };
            let until = deadline.min(Instant::now() + wait);
            match time::timeout_at(until, changes.changed()).await {
                Err(_) if is_busy && until < deadline => {}
                Err(_) if is_busy => return Err(()),
                Err(_) => return Ok(()),
                Ok(Err(_)) => return Err(()),
                Ok(Ok(())) => {}
            }
            if Instant::now() >= deadline {
                return Err(());
            }
        }
    }

    /// Waits for the next change of the record, until the limit.
    pub async fn wait_change(&self, limit: Duration) {
        let mut changes = self.0.changes.subscribe();
        let _ = time::timeout(limit, changes.changed()).await;
    }

    /// Takes a new request into the record, unless it is the browser's own affair (`chrome:`, `data:`, `blob:`).
    pub fn begin(&self, id: &str, exchange: Exchange) {
        if !["http:", "https:", "ws:", "wss:"].iter().any(|scheme| exchange.url.starts_with(scheme)) {
            return;
        }
        let mut record = self.record();
        let index = record.exchanges.len();
        let address = exchange.address();
        if record.slow.get(address).is_some_and(|ended| ended.elapsed() < AGAIN) {
            let address = address.to_owned();
            record.polls.insert(address);
        }
        record.exchanges.push(exchange);
        record.open.insert(id.to_owned(), (index, Instant::now()));
        drop(record);
        self.changed();
    }

    /// Changes an exchange that is under way.
    pub fn change(&self, id: &str, how: impl FnOnce(&mut Exchange)) {
        let mut record = self.record();
        if let Some((index, _)) = record.open.get(id).copied()
            && let Some(exchange) = record.exchanges.get_mut(index)
        {
            how(exchange);
        }
        drop(record);
        self.changed();
    }

    /// Changes an exchange, which is over then.
    pub fn end(&self, id: &str, how: impl FnOnce(&mut Exchange)) {
        self.change(id, |exchange| {
            how(exchange);
            exchange.is_done = true;
        });
        let mut record = self.record();
        if let Some((index, began)) = record.open.remove(id)
            && began.elapsed() > SLOW
        {
            let address = record.exchanges[index].address().to_owned();
            record.slow.insert(address, Instant::now());
        }
    }

    /// The newest exchange of an id that is under way, as it stands.
    pub(super) fn peek(&self, id: &str) -> Option<Exchange> {
        let record = self.record();
        record.open.get(id).and_then(|(index, _)| record.exchanges.get(*index)).cloned()
    }

    fn changed(&self) {
        self.0.changes.send_modify(|n| *n += 1);
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

/// Headers as texts.
#[must_use]
pub fn header_texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// Whether a body of this content type is read: text that a session may be in.
#[must_use]
pub fn is_text(content_type: &str) -> bool {
    ["json", "html", "text/plain", "xml", "x-www-form-urlencoded"].iter().any(|t| content_type.contains(t))
}

/// A request that takes longer is a long poll, which is nothing to wait for.
const LONG_POLL: Duration = Duration::from_secs(5);
/// An address that has turned out to be one counts no longer than this.
const KNOWN_POLL: Duration = Duration::from_millis(700);
/// An answer that takes longer was held back, or its server is slow.
const SLOW: Duration = Duration::from_millis(1500);
/// A long poll begins anew at once.
const AGAIN: Duration = Duration::from_millis(400);
const AGE_POLL: Duration = Duration::from_millis(500);

/// The largest body that is read, in bytes.
pub const MAX_BODY: u64 = 2_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn quiet_waits_for_the_last_request() {
        let traffic = Traffic::default();
        traffic.begin("1", Exchange { url: "http://a/".into(), ..Exchange::default() });
        assert_eq!(traffic.wait_quiet(Duration::from_millis(100), Duration::from_secs(1)).await, Err(()));
        traffic.end("1", |x| x.status = Some(200));
        assert_eq!(traffic.wait_quiet(Duration::from_millis(100), Duration::from_secs(1)).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_is_asked_again_as_soon_as_it_has_answered_slowly_is_a_long_poll() {
        let traffic = Traffic::default();
        let poll =
            |id: &str| traffic.begin(id, Exchange { url: "http://a/e?1".into(), ..Exchange::default() });
        poll("1");
        time::advance(Duration::from_secs(2)).await;
        assert_eq!(traffic.in_flight(), 1, "it may be slow");
        traffic.end("1", |x| x.status = Some(200));
        poll("2");
        assert_eq!(traffic.in_flight(), 1, "it may be quick this time");
        time::advance(Duration::from_secs(1)).await;
        assert_eq!(traffic.in_flight(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn streams_are_nothing_to_wait_for() {
        let traffic = Traffic::default();
        traffic
            .begin("1", Exchange { url: "ws://a/".into(), kind: "WebSocket".into(), ..Exchange::default() });
        assert_eq!(traffic.wait_quiet(Duration::from_millis(100), Duration::from_secs(1)).await, Ok(()));
    }

    #[test]
    fn an_exchange_hides_its_secrets() {
        let exchange = Exchange {
            url: "http://a/x?token=s3cret".into(),
            request_headers: vec![("Authorization".into(), "s3cret".into())],
            ..Exchange::default()
        };
        assert!(!format!("{exchange:?}").contains("s3cret"));
    }
}
