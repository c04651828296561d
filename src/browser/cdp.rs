//! The Chrome DevTools Protocol over a socket of our own, which wins the race with every page, frame and pop-up.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{sync::watch, time};

use super::{
    Cookie, Exchange, Prime, Traffic,
    error::{Error, Result},
    prime::EMPTY_PAGE,
    socket::{Event, Sender, Socket},
    traffic::{MAX_BODY, is_text},
};

/// A CDP connection to the whole browser.
#[derive(Debug)]
pub(super) struct Cdp {
    sender: Sender,
    shared: Arc<Shared>,
    deadline: Duration,
    _socket: Socket,
}

#[derive(Debug)]
struct Shared {
    sender: Sender,
    state: Mutex<Watched>,
    /// Grows whenever a target comes or goes.
    targets: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Watched {
    /// The attached targets: CDP session -> target.
    sessions: HashMap<String, Target>,
    preloads: Vec<String>,
    traffic: Option<Traffic>,
}

#[derive(Clone, Debug)]
struct Target {
    id: String,
    kind: String,
}

impl Cdp {
    /// Connects to the browser's DevTools endpoint, for example `ws://127.0.0.1:1234/devtools/browser/…`.
    pub(super) async fn connect(url: &str, deadline: Duration) -> Result<Self> {
        let socket = Socket::connect(url, deadline).await?;
        let sender = socket.sender();
        let shared = Arc::new(Shared {
            sender: sender.clone(),
            state: Mutex::default(),
            targets: watch::channel(0).0,
        });
        let listener = Arc::clone(&shared);
        socket.listen(move |event| listener.on_event(event));
        sender.call("Target.setAutoAttach", auto_attach(), None).await?;
        Ok(Self { sender, shared, deadline, _socket: socket })
    }

    pub(super) async fn cookies(&self) -> Result<Vec<Cookie>> {
        let answer = self.sender.call("Storage.getCookies", json!({}), None).await?;
        Ok(answer["cookies"].as_array().into_iter().flatten().filter_map(Cookie::from_cdp).collect())
    }

    pub(super) async fn set_cookies(&self, cookies: &[Cookie]) -> Result<()> {
        let cookies: Vec<Value> = cookies.iter().map(Cookie::to_cdp).collect();
        self.sender.call("Storage.setCookies", json!({ "cookies": cookies }), None).await.map(drop)
    }

    /// Runs a script in every document from now on, before the document's own.
    pub(super) async fn add_preload(&self, source: &str) -> Result<()> {
        self.shared.lock().preloads.push(source.to_owned());
        for session in self.shared.page_sessions() {
            self.call_alive("Page.enable", json!({}), &session).await?;
            self.call_alive("Page.addScriptToEvaluateOnNewDocument", preload(source), &session).await?;
        }
        Ok(())
    }

    pub(super) async fn record(&self) -> Result<Traffic> {
        let traffic = Traffic::default();
        self.shared.lock().traffic = Some(traffic.clone());
        let sessions: Vec<String> = self.shared.lock().sessions.keys().cloned().collect();
        for session in sessions {
            self.call_alive("Network.enable", network_enable(), &session).await?;
        }
        Ok(traffic)
    }

    /// Opens a tab of its own in the background, in which every request is answered with an empty page.
    pub(super) async fn prime(&self, primes: &[Prime]) -> Result<Vec<Value>> {
        let created = self
            .sender
            .call("Target.createTarget", json!({ "url": "about:blank", "background": true }), None)
            .await?;
        let target = text(&created, "targetId");
        let result = self.prime_in(&target, primes).await;
        self.sender.call("Target.closeTarget", json!({ "targetId": target }), None).await?;
        result
    }

    async fn prime_in(&self, target: &str, primes: &[Prime]) -> Result<Vec<Value>> {
        let session = self.session_of(target).await?;
        let patterns = json!({ "patterns": [{ "urlPattern": "*" }] });
        self.sender.call("Fetch.enable", patterns, Some(&session)).await?;
        let mut values = Vec::new();
        for prime in primes {
            let answer = self
                .sender
                .call("Page.navigate", json!({ "url": prime.origin.as_str() }), Some(&session))
                .await?;
            if let Some(reason) = answer["errorText"].as_str() {
                return Err(Error::Navigation {
                    url: prime.origin.to_string(),
                    reason: reason.to_owned(),
                    hint: "the session cannot be put back there".into(),
                });
            }
            values.push(self.evaluate(&session, prime).await?);
        }
        Ok(values)
    }

    /// Calls a target, unless it has gone in the meantime.
    async fn call_alive(&self, method: &str, params: Value, session: &str) -> Result<()> {
        match self.sender.call(method, params, Some(session)).await {
            Err(e) if e.is_code(SESSION_NOT_FOUND) => Ok(()),
            answer => answer.map(drop),
        }
    }

    async fn evaluate(&self, session: &str, prime: &Prime) -> Result<Value> {
        let params = json!({ "expression": prime.script, "awaitPromise": true, "returnByValue": true });
        let answer = self.sender.call("Runtime.evaluate", params, Some(session)).await?;
        if answer["exceptionDetails"].is_null() {
            return Ok(answer["result"]["value"].clone());
        }
        let message =
            answer["exceptionDetails"]["exception"]["description"].as_str().unwrap_or("a script failed");
        let message = message.lines().next().unwrap_or_default().to_owned();
        Err(Error::Command {
            command: format!("prime {}", prime.origin),
            code: "javascript error".into(),
            message,
        })
    }

    /// The session of a target, once auto-attach has brought it.
    async fn session_of(&self, target: &str) -> Result<String> {
        let mut changes = self.shared.targets.subscribe();
        let found = async {
            loop {
                let session =
                    self.shared.lock().sessions.iter().find(|(_, t)| t.id == target).map(|(s, _)| s.clone());
                if let Some(session) = session {
                    return session;
                }
                if changes.changed().await.is_err() {
                    return String::new();
                }
            }
        };
        let limit = || Error::Timeout { command: "attach to target".into(), after: self.deadline };
        time::timeout(self.deadline, found).await.map_err(|_| limit())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn page_sessions(&self) -> Vec<String> {
        let state = self.lock();
        state.sessions.iter().filter(|(_, t)| is_page(&t.kind)).map(|(s, _)| s.clone()).collect()
    }

    fn on_event(&self, event: &Event<'_>) {
        match event.method {
            "Target.attachedToTarget" => self.on_attached(event.params),
            "Target.detachedFromTarget" => {
                self.lock().sessions.remove(&text(event.params, "sessionId"));
                self.targets.send_modify(|n| *n += 1);
            }
            "Fetch.requestPaused" => {
                let params = json!({
                    "requestId": event.params["requestId"], "responseCode": 200, "body": STANDARD.encode(EMPTY_PAGE),
                    "responseHeaders": [{ "name": "Content-Type", "value": "text/html" }],
                });
                self.sender.post("Fetch.fulfillRequest", params, event.session);
            }
            method if method.starts_with("Network.") => {
                let traffic = self.lock().traffic.clone();
                if let (Some(traffic), Some(session)) = (traffic, event.session) {
                    on_network(&traffic, &self.sender, method, event.params, session);
                }
            }
            _ => {}
        }
    }

    /// A new target waits until it is let go: its scripts are put in first, all sent without waiting for answers.
    fn on_attached(&self, params: &Value) {
        let session = text(params, "sessionId");
        let target =
            Target { id: text(&params["targetInfo"], "targetId"), kind: text(&params["targetInfo"], "type") };
        let (preloads, is_recording) = {
            let mut state = self.lock();
            state.sessions.insert(session.clone(), target.clone());
            (state.preloads.clone(), state.traffic.is_some())
        };
        let to = Some(session.as_str());
        if is_page(&target.kind) {
            self.sender.post("Page.enable", json!({}), to);
            for source in preloads {
                self.sender.post("Page.addScriptToEvaluateOnNewDocument", preload(&source), to);
            }
            self.sender.post("Target.setAutoAttach", auto_attach(), to);
        }
        if is_recording {
            self.sender.post("Network.enable", network_enable(), to);
        }
        self.sender.post("Runtime.runIfWaitingForDebugger", json!({}), to);
        self.targets.send_modify(|n| *n += 1);
    }
}

fn on_network(traffic: &Traffic, sender: &Sender, method: &str, params: &Value, session: &str) {
    let request = text(params, "requestId");
    let id = format!("{session}/{request}");
    match method {
        "Network.requestWillBeSent" => {
            if let Some(redirect) = params.get("redirectResponse") {
                traffic.end(&id, |x| take_response(x, redirect));
            }
            traffic.begin(&id, exchange_of(params));
        }
        "Network.requestWillBeSentExtraInfo" => {
            traffic.change(&id, |x| x.request_headers = headers(&params["headers"]))
        }
        "Network.responseReceivedExtraInfo" => traffic.change(&id, |x| {
            x.response_headers = headers(&params["headers"]);
        }),
        "Network.responseReceived" => traffic.change(&id, |x| take_response(x, &params["response"])),
        "Network.loadingFailed" => traffic.end(&id, |_| {}),
        "Network.loadingFinished" => finish(traffic, sender, &id, &request, params, session),
        "Network.webSocketCreated" => traffic.begin(
            &id,
            Exchange {
                method: "GET".into(),
                url: text(params, "url"),
                kind: "WebSocket".into(),
                ..Exchange::default()
            },
        ),
        "Network.webSocketClosed" => traffic.end(&id, |_| {}),
        _ => {}
    }
}

/// Ends an exchange, with its body where it is worth reading.
fn finish(traffic: &Traffic, sender: &Sender, id: &str, request: &str, params: &Value, session: &str) {
    let Some(exchange) = traffic.peek(id) else { return };
    let size = params["encodedDataLength"].as_f64().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a limit need not be exact")]
    let is_small = size <= MAX_BODY as f64;
    if !is_small || !is_text(exchange.response_header("content-type").unwrap_or_default()) {
        traffic.end(id, |_| {});
        return;
    }
    let (traffic, id) = (traffic.clone(), id.to_owned());
    sender.send("Network.getResponseBody", json!({ "requestId": request }), Some(session), move |answer| {
        let body = answer.ok().and_then(|a| {
            let text = a["body"].as_str()?.to_owned();
            if a["base64Encoded"] == true {
                String::from_utf8(STANDARD.decode(text).ok()?).ok()
            } else {
                Some(text)
            }
        });
        traffic.end(&id, |x| x.response_body = body);
    });
}

fn exchange_of(params: &Value) -> Exchange {
    let request = &params["request"];
    let fragment = request["urlFragment"].as_str().unwrap_or_default();
    Exchange {
        method: text(request, "method"),
        url: format!("{}{fragment}", text(request, "url")),
        kind: text(params, "type"),
        request_headers: headers(&request["headers"]),
        request_body: request["postData"].as_str().map(str::to_owned),
        ..Exchange::default()
    }
}

fn take_response(exchange: &mut Exchange, response: &Value) {
    exchange.status = response["status"].as_u64().and_then(|s| u16::try_from(s).ok());
    // The extra information, which has the cookies too, may have come before.
    if exchange.response_headers.is_empty() {
        exchange.response_headers = headers(&response["headers"]);
    }
}

/// CDP joins headers of one name with line breaks.
fn headers(value: &Value) -> Vec<(String, String)> {
    let pairs = value.as_object().into_iter().flatten();
    pairs
        .flat_map(|(name, value)| {
            value.as_str().unwrap_or_default().split('\n').map(move |v| (name.clone(), v.to_owned()))
        })
        .collect()
}

fn auto_attach() -> Value {
    json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true })
}

fn preload(source: &str) -> Value {
    json!({ "source": source, "runImmediately": false })
}

fn network_enable() -> Value {
    json!({ "maxTotalBufferSize": 64 * MAX_BODY, "maxResourceBufferSize": MAX_BODY, "maxPostDataSize": 65_536 })
}

fn is_page(kind: &str) -> bool {
    matches!(kind, "page" | "iframe")
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// CDP's error for a target that has gone.
const SESSION_NOT_FOUND: &str = "-32001";
