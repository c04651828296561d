//! A small site whose pages tell what their very first script saw.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch, task::JoinSet, time};
use url::Url;

/// What a script saw, and who it was.
#[derive(Clone, Debug)]
pub(crate) struct Saw {
    pub(crate) who: String,
    pub(crate) what: Value,
}

/// A request for a page, with its cookies.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) target: String,
    pub(crate) cookies: String,
}

/// What an application's own logout does in the browser.
pub(crate) const LOGOUT: &str =
    "localStorage.clear(); sessionStorage.clear(); document.cookie = 'seen=; path=/; max-age=0'";

/// The site, reachable as `127.0.0.1` and as `localhost`: two origins, and two sites.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    port: u16,
    record: watch::Receiver<Record>,
    _task: Arc<JoinSet<()>>,
}

#[derive(Clone, Debug, Default)]
struct Record {
    saws: Vec<Saw>,
    visits: Vec<Visit>,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, record) = watch::channel(Record::default());
        let mut task = JoinSet::new();
        task.spawn(serve(listener, Arc::new(sender)));
        Self { port, record, _task: Arc::new(task) }
    }

    /// A page on the first origin. The name under which it reports is the value of `who` in the query.
    pub(crate) fn page(&self, path: &str) -> Url {
        format!("http://127.0.0.1:{}{path}", self.port).parse().unwrap()
    }

    /// A page on the second origin.
    pub(crate) fn other(&self, path: &str) -> Url {
        format!("http://localhost:{}{path}", self.port).parse().unwrap()
    }

    /// How many requests came at all, reports aside.
    pub(crate) fn visits(&self) -> Vec<Visit> {
        self.record.borrow().visits.clone()
    }

    /// Waits for the newest report of `who` beyond the first `after`, and gives it.
    pub(crate) async fn saw_again(&mut self, who: &str, after: usize) -> Value {
        let count = |r: &Record| r.saws.iter().filter(|s| s.who == who).count();
        let came = time::timeout(Duration::from_secs(20), self.record.wait_for(|r| count(r) > after)).await;
        let found =
            came.ok().and_then(Result::ok).and_then(|r| r.saws.iter().rev().find(|s| s.who == who).cloned());
        match found {
            Some(saw) => saw.what,
            None => panic!("`{who}` reported nothing: {:#?}", self.record.borrow().saws),
        }
    }

    /// Waits for a report of `who`.
    pub(crate) async fn saw(&mut self, who: &str) -> Value {
        self.saw_again(who, 0).await
    }

    /// What `who` reported first; nothing where it reported nothing so far.
    pub(crate) fn first(&self, who: &str) -> Value {
        let record = self.record.borrow();
        record.saws.iter().find(|saw| saw.who == who).map(|saw| saw.what.clone()).unwrap_or_default()
    }

    /// How often `who` has reported.
    pub(crate) fn reports(&self, who: &str) -> usize {
        self.record.borrow().saws.iter().filter(|s| s.who == who).count()
    }
}

async fn serve(listener: TcpListener, record: Arc<watch::Sender<Record>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let record = Arc::clone(&record);
        let service = service_fn(move |request| {
            let record = Arc::clone(&record);
            async move { Ok::<_, std::convert::Infallible>(answer(request, &record).await) }
        });
        connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, record: &watch::Sender<Record>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let cookies = head.headers.get("cookie").and_then(|c| c.to_str().ok()).unwrap_or_default().to_owned();
    let target = head.uri.to_string();
    let mut response = Response::new(Full::new(Bytes::new()));
    let headers = response.headers_mut();
    headers.insert("cache-control", "no-store".parse().unwrap());
    if let Some(who) = target.strip_prefix("/saw?who=") {
        let what = serde_json::from_slice(&body).unwrap_or_default();
        record.send_modify(|r| r.saws.push(Saw { who: who.to_owned(), what }));
        return response;
    }
    if target == "/favicon.ico" {
        return response;
    }
    record.send_modify(|r| r.visits.push(Visit { target, cookies }));
    headers.insert("content-type", "text/html; charset=utf-8".parse().unwrap());
    if head.uri.path() == "/strict" {
        let policy = "default-src 'none'; script-src 'nonce-1'; connect-src 'self'; sandbox allow-scripts allow-same-origin";
        headers.insert("content-security-policy", policy.parse().unwrap());
    }
    if head.uri.path() == "/worker.js" {
        headers.insert("content-type", "text/javascript".parse().unwrap());
        *response.body_mut() = Full::new(WORKER.into());
        return response;
    }
    *response.body_mut() = Full::new(page(head.uri.path()).into());
    response
}

fn page(path: &str) -> String {
    let head = match path {
        "/hostile" => HOSTILE,
        "/employer" => EMPLOYER,
        _ => "",
    };
    format!(
        "<!doctype html><html><head><script nonce=1>{REPORT}</script><script nonce=1>{head}</script></head><body>page</body></html>"
    )
}

/// Reports what is there, at once and by a call that blocks; what is in the database a moment later.
const REPORT: &str = r"
(() => {
  const { stringify } = JSON;
  const who = new URLSearchParams(location.search).get('who');
  const tell = (name, what) => {
    const call = new XMLHttpRequest();
    call.open('POST', '/saw?who=' + name, false);
    try { call.send(stringify(what)); } catch {}
  };
  const all = (area) => { try { return { ...window[area] }; } catch { return 'denied'; } };
  const cookie = () => { try { return document.cookie; } catch { return 'denied'; } };
  tell(who, { origin: self.origin, local: all('localStorage'), session: all('sessionStorage'), cookie: cookie(),
    symbols: Object.getOwnPropertySymbols(window).map(String), names: Object.getOwnPropertyNames(window).filter((n) => /stamp/i.test(n)) });
  try {
    const request = indexedDB.open('keys', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('made-by-page');
    request.onsuccess = () => {
      const stores = [...request.result.objectStoreNames];
      if (!stores.includes('tokens')) return tell(who + '-database', { stores });
      const found = request.result.transaction('tokens').objectStore('tokens').get('jwt');
      found.onsuccess = () => tell(who + '-database', { stores, jwt: found.result });
    };
  } catch { tell(who + '-database', 'denied'); }
})();
";

/// Lets a service worker answer from now on.
const EMPLOYER: &str = r"
navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)
  .then(() => fetch('/saw?who=employed', { method: 'POST', body: '{}' }));
";

/// Answers navigations with another page than the one that was asked for.
const WORKER: &str = r"
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (event.request.mode === 'navigate') event.respondWith(fetch('/by-worker' + new URL(event.request.url).search));
});
";

/// Takes away what scripts of others may rely on.
const HOSTILE: &str = r"
Storage.prototype.setItem = Storage.prototype.getItem = () => { throw new Error('mine'); };
JSON.parse = JSON.stringify = () => { throw new Error('mine'); };
Object.defineProperty(document, 'cookie', { get() { return 'nothing'; }, set() {} });
Object.keys = () => [];
Promise.resolve = () => { throw new Error('mine'); };
const inner = new URLSearchParams(location.search).get('frame');
if (inner) addEventListener('DOMContentLoaded', () => {
  const frame = document.createElement('iframe');
  frame.src = inner;
  document.body.append(frame);
});
";
