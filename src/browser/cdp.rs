//! The Chrome DevTools Protocol over a socket of our own, which wins the race with every page, frame and pop-up.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{sync::watch, time};

use super::{
    Challenges, Cookie, Prime, Report, Reports, Traffic,
    cdp_fetch::{fetch_enable, on_challenge, on_paused},
    cdp_network::{network_enable, on_network},
    error::{Error, Result},
    report::Reporter,
    socket::{Event, SESSION_NOT_FOUND, Sender, Socket},
    tabs::{Once, Tabs},
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
    once: Vec<Once>,
    tabs: Tabs,
    traffic: Option<Traffic>,
    reporter: Option<Reporter>,
    challenges: Option<Challenges>,
    /// The sessions whose requests are answered with an empty page.
    primed: HashSet<String>,
}

#[derive(Clone, Debug, Default)]
struct Target {
    id: String,
    kind: String,
    /// The scripts that run once and are still to run: origin -> CDP's identifier.
    once: HashMap<String, String>,
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

    /// Runs a script in every document from now on, which reports by a function that it takes away from the page first.
    pub(super) async fn report(&self, source: &str) -> Result<Reports> {
        let (reporter, reports) = Reports::new();
        self.shared.lock().reporter = Some(reporter);
        for session in self.shared.page_sessions() {
            self.call_alive("Runtime.enable", json!({}), &session).await?;
            self.call_alive("Runtime.addBinding", json!({ "name": BINDING }), &session).await?;
        }
        let take = format!("const tell = globalThis.{BINDING}; delete globalThis.{BINDING};");
        self.add_preload(&format!("{{ {take} if (tell) ({source})(tell); }}")).await?;
        Ok(reports)
    }

    /// Runs a script in the first document of an origin in each tab, before the document's own scripts.
    pub(super) async fn add_once(&self, mut once: Once) -> Result<()> {
        // Taken away in time here, the script leaves no note of what it wrote: pages have nothing to find.
        once.source.push_str("; delete globalThis[Symbol.for('handstamp')]");
        self.shared.lock().once.push(once.clone());
        for session in self.shared.page_sessions() {
            self.call_alive("Page.enable", json!({}), &session).await?;
            let script = preload(&once.source);
            let answer = self.call_alive("Page.addScriptToEvaluateOnNewDocument", script, &session).await?;
            self.shared.remember(&session, &once.origin, &answer);
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

    /// Answers challenges from now on.
    pub(super) async fn answer(&self, challenges: Challenges) -> Result<()> {
        self.shared.lock().challenges = Some(challenges);
        for session in self.shared.page_sessions() {
            self.call_alive("Fetch.enable", fetch_enable(), &session).await?;
        }
        Ok(())
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
        self.shared.lock().primed.insert(session.clone());
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

    /// Calls a target, unless it has gone in the meantime: one that is just going never answers.
    async fn call_alive(&self, method: &str, params: Value, session: &str) -> Result<Value> {
        tokio::select! {
            answer = self.sender.call(method, params, Some(session)) => match answer {
                Err(e) if e.is_code(SESSION_NOT_FOUND) => Ok(Value::Null),
                answer => answer,
            },
            () = self.gone(session) => Ok(Value::Null),
        }
    }

    /// Waits until a target has gone.
    async fn gone(&self, session: &str) {
        let mut changes = self.shared.targets.subscribe();
        while self.shared.lock().sessions.contains_key(session) {
            if changes.changed().await.is_err() {
                return;
            }
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

    fn on_event(self: &Arc<Self>, event: &Event<'_>) {
        match event.method {
            "Target.attachedToTarget" => self.on_attached(event.params, event.session),
            "Target.detachedFromTarget" => {
                let session = text(event.params, "sessionId");
                let mut state = self.lock();
                state.sessions.remove(&session);
                state.primed.remove(&session);
                state.tabs.closed(&session);
                drop(state);
                self.targets.send_modify(|n| *n += 1);
            }
            "Runtime.bindingCalled" => self.on_report(event.params, event.session.unwrap_or_default()),
            "Page.frameNavigated" => self.on_navigated(event.params, event.session.unwrap_or_default()),
            "Fetch.requestPaused" => {
                let is_primed = event.session.is_some_and(|session| self.lock().primed.contains(session));
                on_paused(&self.sender, event, is_primed);
            }
            "Fetch.authRequired" => {
                let challenges = self.lock().challenges.clone();
                on_challenge(challenges.as_ref(), &self.sender, event);
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
    fn on_attached(self: &Arc<Self>, params: &Value, parent: Option<&str>) {
        let session = text(params, "sessionId");
        let info = &params["targetInfo"];
        let target = Target { id: text(info, "targetId"), kind: text(info, "type"), ..Target::default() };
        // A pop-up that was cut off from its opener (`noopener`) names it all the same, but starts with an empty sessionStorage.
        let opener = info["openerId"].as_str().filter(|_| info["canAccessOpener"] == true);
        let (preloads, once, is_recording, is_answering) = self.take_in(&session, &target, parent, opener);
        let to = Some(session.as_str());
        if is_page(&target.kind) {
            self.sender.post("Page.enable", json!({}), to);
            if self.lock().reporter.is_some() {
                self.sender.post("Runtime.enable", json!({}), to);
                self.sender.post("Runtime.addBinding", json!({ "name": BINDING }), to);
            }
            for source in preloads {
                self.sender.post("Page.addScriptToEvaluateOnNewDocument", preload(&source), to);
            }
            for script in once {
                let (shared, session, source) = (Arc::clone(self), session.clone(), preload(&script.source));
                self.sender.send("Page.addScriptToEvaluateOnNewDocument", source, to, move |answer| {
                    if let Ok(answer) = answer {
                        shared.remember(&session, &script.origin, &answer);
                    }
                });
            }
            self.sender.post("Target.setAutoAttach", auto_attach(), to);
            if is_answering {
                self.sender.post("Fetch.enable", fetch_enable(), to);
            }
        }
        if is_recording {
            self.sender.post("Network.enable", network_enable(), to);
        }
        self.sender.post("Runtime.runIfWaitingForDebugger", json!({}), to);
        self.targets.send_modify(|n| *n += 1);
    }

    /// Notes a new target, and tells which scripts it needs: preloads, those that run once; and whether it is recorded
    /// and its challenges are answered.
    fn take_in(
        &self,
        session: &str,
        target: &Target,
        parent: Option<&str>,
        opener: Option<&str>,
    ) -> (Vec<String>, Vec<Once>, bool, bool) {
        let mut state = self.lock();
        let opener =
            opener.and_then(|id| state.sessions.iter().find(|(_, t)| t.id == id)).map(|(s, _)| s.clone());
        state.tabs.opened(session, parent, opener.as_deref());
        state.sessions.insert(session.to_owned(), target.clone());
        let once = state.once.iter().filter(|o| !state.tabs.has_seen(session, &o.origin)).cloned().collect();
        (state.preloads.clone(), once, state.traffic.is_some(), state.challenges.is_some())
    }

    fn on_report(&self, params: &Value, session: &str) {
        let state = self.lock();
        let tab = state.sessions.get(state.tabs.tab(session)).map(|t| t.id.clone()).unwrap_or_default();
        if let Some(reporter) = state.reporter.as_ref().filter(|_| params["name"] == BINDING) {
            let _ = reporter.send(Report { tab, text: text(params, "payload") });
        }
    }

    fn remember(&self, session: &str, origin: &str, answer: &Value) {
        if let Some(target) = self.lock().sessions.get_mut(session) {
            target.once.insert(origin.to_owned(), text(answer, "identifier"));
        }
    }

    /// The first document of an origin in a tab has its session: the script must not run there again.
    fn on_navigated(&self, params: &Value, session: &str) {
        let origin = text(&params["frame"], "securityOrigin");
        let mut state = self.lock();
        if !state.once.iter().any(|o| o.origin == origin) || !state.tabs.shown(session, &origin) {
            return;
        }
        let tab = state.tabs.tab(session).to_owned();
        let members: Vec<String> =
            state.sessions.keys().filter(|s| state.tabs.tab(s) == tab).cloned().collect();
        for member in members {
            if let Some(identifier) = state.sessions.get_mut(&member).and_then(|t| t.once.remove(&origin)) {
                self.sender.post(
                    "Page.removeScriptToEvaluateOnNewDocument",
                    json!({ "identifier": identifier }),
                    Some(&member),
                );
            }
        }
    }
}

/// The name of the function that reports, for the moment that the page has it.
const BINDING: &str = "__handstampReport";

fn auto_attach() -> Value {
    json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true })
}

fn preload(source: &str) -> Value {
    json!({ "source": source, "runImmediately": false })
}

fn is_page(kind: &str) -> bool {
    matches!(kind, "page" | "iframe")
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
