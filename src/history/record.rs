//! Records exchanges while they pass.

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use http::{Request, Response};

use super::{
    Error,
    database::Database,
    draft::{Draft, Side},
    mask::{SLACK, Secrecy},
    writer::Writer,
};
use crate::proxy::{Body, Exchange, tee};

/// How much of a body is kept, in bytes.
pub const BODY_LIMIT: usize = 256 << 10;

/// How large the whole may grow, in bytes.
pub const TOTAL_LIMIT: u64 = 256 << 20;

/// What is kept, and how much.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How much of each body, in bytes.
    pub body_limit: usize,
    /// How large the whole may grow, in bytes; the oldest entries go first.
    pub total_limit: u64,
    /// Whether secrets are taken out.
    pub secrecy: Secrecy,
}

impl Default for Settings {
    fn default() -> Self {
        Self { body_limit: BODY_LIMIT, total_limit: TOTAL_LIMIT, secrecy: Secrecy::default() }
    }
}

/// Writes down what passes a [`proxy::Handler`](crate::proxy::Handler), which calls [`begin`](Self::begin),
/// [`answered`](Self::answered) and [`end`](Self::end) for each exchange. Clones write the same history.
///
/// Nothing here waits: a thread of its own writes, and what it cannot keep up with is left out and counted.
/// The history is whole when the last clone is dropped.
#[derive(Clone)]
pub struct History(Arc<Inner>);

struct Inner {
    writer: Writer,
    body_limit: usize,
    open: Mutex<HashMap<Key, Arc<Mutex<Draft>>>>,
}

/// Numbers of exchanges are unique within one server only.
type Key = (SocketAddr, u64);

impl History {
    /// Opens the history in the directory `home`, and makes it where it is missing.
    ///
    /// Fails where the place cannot be used, and where a newer handstamp has been there.
    pub fn open(home: &Path, settings: Settings) -> Result<Self, Error> {
        let body_limit = settings.body_limit;
        let writer = Writer::start(Database::open(home)?, settings)?;
        Ok(Self(Arc::new(Inner { writer, body_limit, open: Mutex::default() })))
    }

    /// Takes note of a request as it is sent on, with the name of the session that it carries, and gives it
    /// back with a body that is copied while it streams.
    #[must_use]
    pub fn begin(
        &self,
        exchange: &Exchange,
        request: Request<Body>,
        session: Option<String>,
    ) -> Request<Body> {
        let (head, body) = request.into_parts();
        let (method, url) = (exchange.method.clone(), exchange.url.clone());
        let draft = Draft::new(method, url, head.headers.clone(), session);
        let draft = Arc::new(Mutex::new(draft));
        self.under_way().insert(key(exchange), Arc::clone(&draft));
        Request::from_parts(head, self.copied(body, draft, |draft| &mut draft.request))
    }

    /// Takes note of the answer, and gives it back with a body that is copied while it streams.
    #[must_use]
    pub fn answered(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        let Some(draft) = self.under_way().get(&key(exchange)).cloned() else { return response };
        let (head, body) = response.into_parts();
        {
            let mut draft = lock(&draft);
            draft.status = Some(head.status.as_u16());
            draft.response.headers = head.headers.clone();
        }
        Response::from_parts(head, self.copied(body, draft, |draft| &mut draft.response))
    }

    /// Writes the exchange down, which is over.
    pub fn end(&self, exchange: &Exchange, outcome: &Result<(), String>) {
        let Some(draft) = self.under_way().remove(&key(exchange)) else { return };
        let taken = {
            let mut draft = lock(&draft);
            let rest =
                Draft::new(exchange.method.clone(), exchange.url.clone(), http::HeaderMap::new(), None);
            std::mem::replace(&mut *draft, rest)
        };
        let error = outcome.as_ref().err().cloned();
        self.0.writer.keep(Draft { error, ended: Some(Instant::now()), ..taken });
    }

    /// How many exchanges were left out because the writer could not keep up.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.writer.dropped()
    }

    /// Waits until all exchanges that have ended are written. Blocks.
    pub fn flush(&self) {
        self.0.writer.flush();
    }

    fn copied(&self, body: Body, draft: Arc<Mutex<Draft>>, side: fn(&mut Draft) -> &mut Side) -> Body {
        tee(body, self.0.body_limit + SLACK, move |captured| side(&mut lock(&draft)).body = Some(captured))
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Key, Arc<Mutex<Draft>>>> {
        lock(&self.0.open)
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}

fn key(exchange: &Exchange) -> Key {
    (exchange.client, exchange.id)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use url::Url;

    use super::*;
    use crate::{
        history::{Carried, Entry, Extent, Filter, Mask, Recording},
        proxy::{Handler, Next, PassThrough, empty, full, read},
    };

    const SECRET: &str = "planted-secret";

    /// Says of each request that it carries the session `shop`.
    struct Labels;

    impl Handler for Labels {
        async fn request(&self, _exchange: &Exchange, mut request: Request<Body>) -> Next {
            request.extensions_mut().insert(Carried("shop".to_owned()));
            Next::Forward(request)
        }
    }

    fn exchange(id: u64) -> Exchange {
        let url = Url::parse(&format!("http://shop.test/login?token={SECRET}")).unwrap();
        Exchange { id, ..Exchange::of(Method::POST, url) }
    }

    fn settings() -> Settings {
        let mask = Mask::new([], |text| text.replace(SECRET, "***"));
        Settings { body_limit: 16, secrecy: Secrecy::Masked(mask), ..Settings::default() }
    }

    fn entries(home: &Path) -> Vec<Entry> {
        Database::open(home).unwrap().entries(&Filter::default()).unwrap()
    }

    /// Lets one exchange pass, with these bodies.
    async fn pass<H: Handler>(handler: &H, id: u64, up: &'static str, down: &'static str) {
        let exchange = exchange(id);
        let request = Request::post(exchange.url.as_str()).header("cookie", SECRET).body(full(up)).unwrap();
        let Next::Forward(request) = handler.request(&exchange, request).await else { panic!("answered") };
        assert_eq!(read(request.into_body(), 1 << 20).await.unwrap(), up);
        let response = Response::builder().status(201).header("set-cookie", SECRET).body(full(down)).unwrap();
        let response = handler.response(&exchange, response).await;
        assert_eq!(read(response.into_body(), 1 << 20).await.unwrap(), down);
        handler.end(&exchange, Ok(()));
    }

    #[tokio::test]
    async fn what_passes_is_kept_whole_up_to_the_limit_and_without_secrets() {
        let home = tempfile::tempdir().unwrap();
        let history = History::open(home.path(), settings()).unwrap();
        let handler = Recording::new(Labels, Some(history));
        pass(&handler, 1, "a=planted-secret", "0123456789abcdefXYZ").await;
        drop(handler);
        let [entry] = &entries(home.path())[..] else { panic!("not one entry") };
        assert_eq!((entry.method.as_str(), entry.status), ("POST", Some(201)));
        assert_eq!(entry.url, "http://shop.test/login?token=***");
        assert_eq!((entry.host.as_str(), entry.session.as_deref()), ("shop.test", Some("shop")));
        assert_eq!((entry.request.body.as_slice(), entry.request.extent), (&b"a=***"[..], Extent::Masked));
        assert_eq!((entry.response.body.as_slice(), entry.response.size), (&b"0123456789abcdef"[..], 19));
        assert_eq!(entry.response.extent, Extent::Cut);
        assert!(entry.duration.is_some() && entry.error.is_none());
        let kept = std::fs::read(home.path().join("history.db")).unwrap();
        assert!(!kept.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()));
    }

    #[tokio::test]
    async fn with_secrets_everything_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let open = Settings { secrecy: Secrecy::Open, ..Settings::default() };
        let handler = Recording::new(PassThrough, Some(History::open(home.path(), open).unwrap()));
        pass(&handler, 1, "up", "down").await;
        drop(handler);
        let entry = &entries(home.path())[0];
        assert!(entry.url.ends_with(SECRET));
        assert_eq!(entry.request.header("Cookie"), Some(SECRET));
    }

    #[tokio::test]
    async fn an_exchange_that_fails_is_kept_with_its_reason() {
        let home = tempfile::tempdir().unwrap();
        let history = History::open(home.path(), settings()).unwrap();
        let request = Request::get("http://shop.test/").body(empty()).unwrap();
        drop(history.begin(&exchange(1), request, None));
        history.end(&exchange(1), &Err(format!("broke off at {SECRET}")));
        history.flush();
        let entry = &entries(home.path())[0];
        assert_eq!((entry.status, entry.error.as_deref()), (None, Some("broke off at ***")));
    }

    #[tokio::test]
    async fn what_the_writer_cannot_keep_up_with_is_counted_and_nobody_waits() {
        let home = tempfile::tempdir().unwrap();
        // The writer's thread stands still until the gate opens.
        let gate = Arc::new(Mutex::new(()));
        let closed = gate.lock().unwrap();
        let inner = Arc::clone(&gate);
        let mask = Mask::new([], move |text| {
            drop(inner.lock());
            text.to_owned()
        });
        let settings = Settings { secrecy: Secrecy::Masked(mask), ..Settings::default() };
        let history = History::open(home.path(), settings).unwrap();
        let most = 10_000;
        for id in 0..most {
            let request = Request::get("http://shop.test/").body(empty()).unwrap();
            drop(history.begin(&exchange(id), request, None));
            history.end(&exchange(id), &Ok(()));
        }
        let dropped = history.dropped();
        assert!(dropped > 0);
        drop(closed);
        history.flush();
        assert_eq!(entries(home.path()).len() as u64, most - dropped);
    }
}
