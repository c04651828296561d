//! Commands and events over a WebSocket, as BiDi and CDP both have them.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _, stream::SplitSink, stream::SplitStream};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::JoinSet,
    time,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, trace};

use super::error::{Error, Result};

/// An event that came over the socket.
#[derive(Debug)]
pub(super) struct Event<'a> {
    /// Its name, for example "network.responseCompleted".
    pub(super) method: &'a str,
    /// Its content.
    pub(super) params: &'a Value,
    /// The CDP session that it belongs to.
    pub(super) session: Option<&'a str>,
}

type Listener = Box<dyn Fn(&Event<'_>) + Send + Sync>;
type Waiter = Box<dyn FnOnce(Result<Value>) + Send>;

/// A command whose answer is to come.
struct Waiting {
    method: String,
    /// The CDP session that it went to.
    session: Option<String>,
    then: Waiter,
}

/// A WebSocket that carries numbered commands, their answers, and events.
pub(super) struct Socket {
    shared: Arc<Shared>,
    /// Reader and writer; both end with this value.
    _tasks: JoinSet<()>,
}

struct Shared {
    // Unbounded, because the reader itself sends (it must release paused targets at once) and may not wait for the writer.
    outgoing: mpsc::UnboundedSender<Message>,
    next: AtomicU64,
    waiting: Mutex<Option<HashMap<u64, Waiting>>>,
    listeners: Mutex<Vec<Arc<Listener>>>,
    deadline: Duration,
    ended: CancellationToken,
}

/// A handle that sends; clones share the socket.
#[derive(Clone)]
pub(super) struct Sender(Arc<Shared>);

impl Socket {
    pub(super) async fn connect(url: &str, deadline: Duration) -> Result<Self> {
        let lost = |reason: String| Error::DriverLost { url: url.to_owned(), reason };
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let connecting = connect_async_with_config(url, Some(config), true);
        let (stream, _) = time::timeout(deadline, connecting)
            .await
            .map_err(|_| lost("it did not answer in time".into()))?
            .map_err(|e| lost(e.to_string()))?;
        let (sink, source) = stream.split();
        let (outgoing, queue) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            outgoing,
            next: AtomicU64::new(1),
            waiting: Mutex::new(Some(HashMap::new())),
            listeners: Mutex::default(),
            deadline,
            ended: CancellationToken::new(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(write(queue, sink));
        tasks.spawn(read(source, Arc::clone(&shared)));
        Ok(Self { shared, _tasks: tasks })
    }

    pub(super) fn sender(&self) -> Sender {
        Sender(Arc::clone(&self.shared))
    }

    /// Calls the listener for each event from now on, in order. It runs in the reader: it must not block.
    pub(super) fn listen(&self, listener: impl Fn(&Event<'_>) + Send + Sync + 'static) {
        self.shared
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(Box::new(listener)));
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket")
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

impl Sender {
    /// Waits until the other side has closed the socket.
    pub(super) async fn ended(&self) {
        self.0.ended.cancelled().await;
    }

    /// Sends a command and waits for its answer.
    pub(super) async fn call(&self, method: &str, params: Value, session: Option<&str>) -> Result<Value> {
        let (tell, answer) = oneshot::channel();
        self.send(method, params, session, move |result| {
            let _ = tell.send(result);
        });
        match time::timeout(self.0.deadline, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Error::Closed),
            Err(_) => Err(Error::Timeout { command: method.to_owned(), after: self.0.deadline }),
        }
    }

    /// Sends a command whose answer nobody needs.
    pub(super) fn post(&self, method: &str, params: Value, session: Option<&str>) {
        self.send(method, params, session, |_| {});
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers build the parameters in place")]
    /// Sends a command; the answer is given to `then`, in the reader: it must not block.
    pub(super) fn send(
        &self,
        method: &str,
        params: Value,
        session: Option<&str>,
        then: impl FnOnce(Result<Value>) + Send + 'static,
    ) {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        {
            let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(map) = waiting.as_mut() else {
                drop(waiting);
                then(Err(Error::Closed));
                return;
            };
            let session = session.map(str::to_owned);
            map.insert(id, Waiting { method: method.to_owned(), session, then: Box::new(then) });
        }
        trace!(method, id, "send");
        let _ = self.0.outgoing.send(Message::text(message.to_string()));
    }
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn write(mut queue: mpsc::UnboundedReceiver<Message>, mut sink: SplitSink<Stream, Message>) {
    while let Some(message) = queue.recv().await {
        if sink.send(message).await.is_err() {
            break;
        }
    }
}

async fn read(mut source: SplitStream<Stream>, shared: Arc<Shared>) {
    while let Some(Ok(message)) = source.next().await {
        let Message::Text(text) = message else { continue };
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        shared.dispatch(&value);
    }
    debug!("the socket to the browser ended");
    shared.ended.cancel();
    let waiting = shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
    for waiter in waiting.unwrap_or_default().into_values() {
        (waiter.then)(Err(Error::Closed));
    }
}

impl Shared {
    fn dispatch(&self, message: &Value) {
        if let Some(id) = message["id"].as_u64() {
            let waiter = self
                .waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .as_mut()
                .and_then(|map| map.remove(&id));
            if let Some(waiter) = waiter {
                (waiter.then)(answer(&waiter.method, message));
            }
            return;
        }
        let Some(method) = message["method"].as_str() else { return };
        let event = Event { method, params: &message["params"], session: message["sessionId"].as_str() };
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for listener in listeners {
            listener(&event);
        }
        if let ("Target.detachedFromTarget", Some(session)) =
            (method, message["params"]["sessionId"].as_str())
        {
            self.give_up(session);
        }
    }

    /// Fails the commands to a CDP session that has gone: a target that closes does not answer what it got last.
    fn give_up(&self, session: &str) {
        let gone: Vec<Waiting> = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let map = waiting
                .iter_mut()
                .flat_map(|map| map.extract_if(|_, w| w.session.as_deref() == Some(session)));
            map.map(|(_, waiter)| waiter).collect()
        };
        for Waiting { method: command, then, .. } in gone {
            let message = "the target has gone".to_owned();
            then(Err(Error::Command { command, code: SESSION_NOT_FOUND.to_owned(), message }));
        }
    }
}

/// CDP's error for a target that has gone.
pub(super) const SESSION_NOT_FOUND: &str = "-32001";

/// BiDi tells errors as `{"type":"error","error":code,"message":…}`, CDP as `{"error":{"code":…,"message":…}}`.
fn answer(method: &str, message: &Value) -> Result<Value> {
    let error = &message["error"];
    if error.is_null() {
        return Ok(message["result"].clone());
    }
    let words = error["message"].as_str().or_else(|| message["message"].as_str()).unwrap_or_default();
    let code = error.as_str().map_or_else(|| error["code"].to_string(), str::to_owned);
    let first = words.lines().next().unwrap_or_default().to_owned();
    Err(Error::Command { command: method.to_owned(), code, message: first })
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use tokio_tungstenite::accept_async;

    use super::*;

    #[tokio::test]
    async fn a_command_to_a_target_that_goes_fails_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let mut browser = JoinSet::new();
        browser.spawn(async move {
            let mut socket = accept_async(listener.accept().await.unwrap().0).await.unwrap();
            socket.next().await.unwrap().unwrap();
            let gone = json!({ "method": "Target.detachedFromTarget", "params": { "sessionId": "gone" } });
            socket.send(Message::text(gone.to_string())).await.unwrap();
            socket.next().await
        });
        let socket = Socket::connect(&url, Duration::from_secs(60)).await.unwrap();
        let call = socket.sender();
        let answer =
            time::timeout(Duration::from_secs(5), call.call("Page.enable", json!({}), Some("gone"))).await;
        assert!(answer.unwrap().is_err_and(|e| e.is_code(SESSION_NOT_FOUND)));
    }
}
