//! The Chrome DevTools Protocol over a socket of our own, which wins the race with every page, frame and pop-up.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    Challenges, Report, Reports, Traffic,
    cdp_fetch::{fetch_enable, on_challenge, on_paused},
    cdp_jars::Jars,
    cdp_network::{network_enable, on_network},
    error::Result,
    report::Reporter,
    socket::{Event, SESSION_NOT_FOUND, Sender, Socket},
    tabs::{Once, Tabs},
};

/// A CDP connection to the whole browser.
#[derive(Debug)]
pub(super) struct Cdp {
    pub(super) sender: Sender,
    pub(super) shared: Arc<Shared>,
    pub(super) deadline: Duration,
    _socket: Socket,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) sender: Sender,
    state: Mutex<Watched>,
    /// Grows whenever a target comes or goes.
    pub(super) targets: watch::Sender<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Watched {
    /// The attached targets: CDP session -> target.
    pub(super) sessions: HashMap<String, Target>,
    preloads: Vec<String>,
    once: Vec<Once>,
    pub(super) tabs: Tabs,
    pub(super) jars: Jars,
    traffic: Option<Traffic>,
    reporter: Option<Reporter>,
    challenges: Option<Challenges>,
    /// The sessions whose requests are answered with an empty page.
    pub(super) primed: HashSet<String>,
    /// The targets that were opened for that: they are listed for a moment after they were closed.
    pub(super) own: HashSet<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) kind: String,
    /// The jar that its cookies and storage lie in, as CDP calls it: a browser context.
    pub(super) jar: String,
    /// The scripts that run once and are still to run: origin -> CDP's identifier.
    once: HashMap<String, String>,
    /// The same for the scripts of a jar that is new.
    pub(super) jar_once: HashMap<String, String>,
}

/// What a new target is to be given before it is let go.
#[derive(Debug)]
struct Due {
    preloads: Vec<String>,
    once: Vec<Once>,
    of_jar: Vec<Once>,
    /// The cookies of a jar that came with this target.
    cookies: Vec<Value>,
    is_recorded: bool,
    is_answered: bool,
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

    /// Calls a target, unless it has gone in the meantime: one that is just going never answers.
    pub(super) async fn call_alive(&self, method: &str, params: Value, session: &str) -> Result<Value> {
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
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Watched> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn page_sessions(&self) -> Vec<String> {
        let state = self.lock();
        state.sessions.iter().filter(|(_, t)| is_page(&t.kind)).map(|(s, _)| s.clone()).collect()
    }

    /// The sessions of a tab: its own, and those of its frames that run elsewhere.
    pub(super) fn sessions_of(&self, target: &str) -> Vec<String> {
        let state = self.lock();
        let Some((own, _)) = state.sessions.iter().find(|(_, t)| t.id == target) else { return Vec::new() };
        let frames = state.sessions.iter().filter(|(s, t)| t.kind == "iframe" && state.tabs.tab(s) == own);
        std::iter::once(own).chain(frames.map(|(s, _)| s)).cloned().collect()
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
        let target = Target {
            id: text(info, "targetId"),
            kind: text(info, "type"),
            jar: text(info, "browserContextId"),
            ..Target::default()
        };
        // A pop-up that was cut off from its opener (`noopener`) names it all the same, but starts with an empty sessionStorage.
        let opener = info["openerId"].as_str().filter(|_| info["canAccessOpener"] == true);
        let due = self.take_in(&session, &target, parent, opener);
        let to = Some(session.as_str());
        if is_page(&target.kind) {
            self.prepare(&session, &due);
        }
        if due.is_recorded {
            self.sender.post("Network.enable", network_enable(), to);
        }
        self.let_go(&session, &target.jar, &due.cookies);
        self.targets.send_modify(|n| *n += 1);
    }

    /// Puts the scripts into a page or frame that waits.
    fn prepare(self: &Arc<Self>, session: &str, due: &Due) {
        let to = Some(session);
        self.sender.post("Page.enable", json!({}), to);
        if self.lock().reporter.is_some() {
            self.sender.post("Runtime.enable", json!({}), to);
            self.sender.post("Runtime.addBinding", json!({ "name": BINDING }), to);
        }
        for source in &due.preloads {
            self.sender.post("Page.addScriptToEvaluateOnNewDocument", preload(source), to);
        }
        for (script, of_jar) in
            due.once.iter().map(|s| (s, false)).chain(due.of_jar.iter().map(|s| (s, true)))
        {
            let (shared, to_, origin) = (Arc::clone(self), session.to_owned(), script.origin.clone());
            let source = preload(&script.source);
            self.sender.send(
                "Page.addScriptToEvaluateOnNewDocument",
                source,
                to,
                move |answer| match answer {
                    Ok(answer) if of_jar => shared.remember_of_jar(&to_, &origin, &answer),
                    Ok(answer) => shared.remember(&to_, &origin, &answer),
                    Err(_) => {}
                },
            );
        }
        self.sender.post("Target.setAutoAttach", auto_attach(), to);
        if due.is_answered {
            self.sender.post("Fetch.enable", fetch_enable(), to);
        }
    }

    /// Notes a new target, and tells what it is to be given.
    fn take_in(&self, session: &str, target: &Target, parent: Option<&str>, opener: Option<&str>) -> Due {
        let mut state = self.lock();
        let opener =
            opener.and_then(|id| state.sessions.iter().find(|(_, t)| t.id == id)).map(|(s, _)| s.clone());
        state.tabs.opened(session, parent, opener.as_deref());
        state.sessions.insert(session.to_owned(), target.clone());
        Due {
            preloads: state.preloads.clone(),
            once: state.once.iter().filter(|o| !state.tabs.has_seen(session, &o.origin)).cloned().collect(),
            of_jar: state.jars.scripts_for(&target.jar),
            cookies: state.jars.owed_to(&target.jar),
            is_recorded: state.traffic.is_some(),
            is_answered: state.challenges.is_some(),
        }
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
        if params["frame"]["parentId"].is_null() {
            self.on_shown(&mut state, session, &origin);
        }
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

pub(super) fn preload(source: &str) -> Value {
    json!({ "source": source, "runImmediately": false })
}

fn is_page(kind: &str) -> bool {
    matches!(kind, "page" | "iframe")
}

pub(super) fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
