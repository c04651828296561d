//! A fake W3C WebDriver server, with BiDi where wanted, that does as it is told and counts.

use std::{
    collections::HashSet,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time,
};
use tokio_tungstenite::{accept_async, tungstenite::Message};
use tokio_util::sync::CancellationToken;

/// One command: classic ones by method and path below the session, BiDi ones as `BIDI` and their name.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
}

impl Call {
    pub(crate) fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path == path
    }
}

/// What the driver does about a command.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers with a value.
    Value(Value),
    /// Answers with an error of the WebDriver standard: status, code, message.
    Error(u16, &'static str, &'static str),
    /// Answers with a status and a text that is no WebDriver answer.
    Text(u16, &'static str),
    /// Does not answer.
    Hang,
    /// Ends, with all connections.
    Die,
}

type Script = Box<dyn Fn(&Call) -> Option<Reply> + Send + Sync>;

/// The driver. When dropped it asserts that every session that it gave out was deleted, unless it died before.
pub(crate) struct FakeDriver {
    shared: Arc<Shared>,
    port: u16,
    /// The port of the BiDi socket; zero where there is none.
    pub(crate) bidi_port: u16,
    calls: watch::Receiver<Vec<Call>>,
    _tasks: JoinSet<()>,
}

struct Shared {
    script: Script,
    calls: watch::Sender<Vec<Call>>,
    sessions: Mutex<HashSet<String>>,
    opened: AtomicUsize,
    dead: CancellationToken,
    /// Where it says that its BiDi socket is, if there is one.
    bidi: Option<String>,
}

impl FakeDriver {
    /// A driver without BiDi and CDP sockets, as a bare grid has it. Where the script says nothing, it answers `null`.
    pub(crate) async fn start(script: impl Fn(&Call) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::serve(Box::new(script), None, None).await
    }

    /// A driver that offers BiDi, whose commands come to the same script.
    pub(crate) async fn with_bidi(script: impl Fn(&Call) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::serve(Box::new(script), Some(listener().await), None).await
    }

    /// The same, but it says that its socket is at this address: `wss://host:port`.
    pub(crate) async fn with_bidi_at(
        told: String,
        script: impl Fn(&Call) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::serve(Box::new(script), Some(listener().await), Some(told)).await
    }

    async fn serve(script: Script, bidi: Option<TcpListener>, told: Option<String>) -> Self {
        let http = listener().await;
        let port = http.local_addr().unwrap().port();
        let bidi_port = bidi.as_ref().map_or(0, |b| b.local_addr().unwrap().port());
        let own = bidi.as_ref().map(|_| format!("ws://127.0.0.1:{bidi_port}"));
        let (sender, calls) = watch::channel(Vec::new());
        let shared = Arc::new(Shared {
            script,
            calls: sender,
            sessions: Mutex::default(),
            opened: AtomicUsize::default(),
            dead: CancellationToken::new(),
            bidi: told.or(own),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(http, Arc::clone(&shared), serve_http));
        if let Some(bidi) = bidi {
            tasks.spawn(accept(bidi, Arc::clone(&shared), serve_bidi));
        }
        Self { shared, port, bidi_port, calls, _tasks: tasks }
    }

    /// The ports of the commands and of the sockets.
    pub(crate) fn ports(&self) -> (u16, u16) {
        (self.port, self.bidi_port)
    }

    /// The address for `--webdriver`.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All commands so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }

    /// How often a command came.
    pub(crate) fn count(&self, method: &str, path: &str) -> usize {
        self.calls().iter().filter(|c| c.is(method, path)).count()
    }

    /// Where in the order of commands one came first.
    #[track_caller]
    pub(crate) fn place(&self, found: impl Fn(&Call) -> bool) -> usize {
        let calls = self.calls();
        calls.iter().position(found).unwrap_or_else(|| panic!("it never came: {calls:#?}"))
    }

    /// Takes it for right that sessions are left.
    pub(crate) fn forget(&self) {
        self.shared.sessions.lock().unwrap().clear();
    }

    /// Waits until a command has come.
    pub(crate) async fn has_got(&mut self, method: &str, path: &str) {
        let came = self.calls.wait_for(|calls| calls.iter().any(|c| c.is(method, path)));
        time::timeout(Duration::from_secs(30), came).await.expect("the command comes").unwrap();
    }
}

impl fmt::Debug for FakeDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FakeDriver({})", self.port)
    }
}

impl Drop for FakeDriver {
    fn drop(&mut self) {
        let open = self.shared.sessions.lock().unwrap().clone();
        if !thread::panicking() && !self.shared.dead.is_cancelled() {
            assert!(open.is_empty(), "sessions were not deleted: {open:?}");
        }
    }
}

impl Shared {
    async fn http(&self, request: Request<Incoming>) -> Option<Response<Full<Bytes>>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let path = head.uri.path().trim_start_matches('/');
        let (id, below) = match path.strip_prefix("session/") {
            Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
            None => ("", path),
        };
        let call = Call { method: head.method.to_string(), path: below.to_owned(), body };
        let reply = self.decide(&call).await?;
        match &reply {
            Reply::Value(_) if call.is("DELETE", "") => drop(self.sessions.lock().unwrap().remove(id)),
            _ => {}
        }
        let (status, text) = match reply {
            Reply::Value(_) if call.is("POST", "session") => (200, self.new_session().to_string()),
            Reply::Value(value) => (200, json!({ "value": value }).to_string()),
            Reply::Error(status, code, message) => (
                status,
                json!({ "value": { "error": code, "message": message, "stacktrace": "" } }).to_string(),
            ),
            Reply::Text(status, text) => (status, text.to_owned()),
            Reply::Hang | Reply::Die => return None,
        };
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response.headers_mut().insert("content-type", "application/json; charset=utf-8".parse().unwrap());
        Some(response)
    }

    fn new_session(&self) -> Value {
        let mut sessions = self.sessions.lock().unwrap();
        let id = format!("fake-{}", self.opened.fetch_add(1, Ordering::Relaxed) + 1);
        sessions.insert(id.clone());
        let mut capabilities =
            json!({ "browserName": "fake", "userAgent": "Fake/1.0", "setWindowRect": true });
        if let Some(base) = &self.bidi {
            capabilities["webSocketUrl"] = json!(format!("{base}/session/{id}"));
        }
        json!({ "value": { "sessionId": id, "capabilities": capabilities } })
    }

    /// Notes a command and asks the script; does not come back where there is to be no answer.
    async fn decide(&self, call: &Call) -> Option<Reply> {
        self.calls.send_modify(|calls| calls.push(call.clone()));
        let reply = (self.script)(call).unwrap_or(Reply::Value(Value::Null));
        match reply {
            Reply::Hang => std::future::pending().await,
            Reply::Die => {
                self.dead.cancel();
                None
            }
            reply => Some(reply),
        }
    }
}

pub(super) async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

async fn accept<F>(listener: TcpListener, shared: Arc<Shared>, serve: impl Fn(TcpStream, Arc<Shared>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shared.dead.cancelled() => return,
            Ok((stream, _)) = listener.accept() => { connections.spawn(serve(stream, Arc::clone(&shared))); }
        }
    }
}

async fn serve_http(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { shared.http(request).await.ok_or("no answer") }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn serve_bidi(stream: TcpStream, shared: Arc<Shared>) {
    let Ok(mut socket) = accept_async(stream).await else { return };
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let Ok(command) = serde_json::from_str::<Value>(&text) else { continue };
        let path = command["method"].as_str().unwrap_or_default().to_owned();
        let call = Call { method: "BIDI".into(), path, body: command["params"].clone() };
        let answer = match shared.decide(&call).await {
            Some(Reply::Value(value)) => json!({ "id": command["id"], "type": "success", "result": value }),
            Some(Reply::Error(_, code, message)) => {
                json!({ "id": command["id"], "type": "error", "error": code, "message": message })
            }
            _ => return,
        };
        if socket.send(Message::text(answer.to_string())).await.is_err() {
            return;
        }
    }
}
