//! WebDriver BiDi over the session's WebSocket: cookies of any domain, preload scripts, network events, empty pages.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    Challenges, Cookie, Prime, Report, Reports, Traffic,
    bidi_network::{on_challenge, on_network},
    error::{Error, Result},
    picture::QUALITY,
    prime::EMPTY_PAGE,
    report::Reporter,
    socket::{Event, Sender, Socket},
    tabs::{Once, Tabs},
    traffic::MAX_BODY,
};

/// A BiDi connection to one WebDriver session.
#[derive(Debug)]
pub(super) struct Bidi {
    sender: Sender,
    watched: Arc<Mutex<Watched>>,
    _socket: Socket,
}

#[derive(Debug, Default)]
struct Watched {
    traffic: Option<Traffic>,
    /// Contexts whose requests are answered with an empty page.
    primed: HashSet<String>,
    once: Vec<String>,
    tabs: Tabs,
    collects_bodies: bool,
    reporter: Option<Reporter>,
    challenges: Option<Challenges>,
}

impl Bidi {
    /// Connects to the address that the driver gave as `webSocketUrl`.
    pub(super) async fn connect(url: &str, deadline: Duration) -> Result<Self> {
        let socket = Socket::connect(url, deadline).await?;
        let sender = socket.sender();
        let watched = Arc::new(Mutex::new(Watched::default()));
        let (listener, replies) = (Arc::clone(&watched), sender.clone());
        socket.listen(move |event| on_event(&listener, &replies, event));
        Ok(Self { sender, watched, _socket: socket })
    }

    pub(super) async fn cookies(&self) -> Result<Vec<Cookie>> {
        let answer = self.sender.call("storage.getCookies", json!({}), None).await?;
        Ok(answer["cookies"].as_array().into_iter().flatten().filter_map(Cookie::from_bidi).collect())
    }

    /// Sets cookies in every jar that there is.
    pub(super) async fn set_cookies(&self, cookies: &[Cookie]) -> Result<()> {
        let others = self.other_jars().await;
        for cookie in cookies {
            self.set_cookie(cookie, None).await?;
            for jar in &others {
                self.set_cookie(cookie, Some(jar)).await?;
            }
        }
        Ok(())
    }

    async fn set_cookie(&self, cookie: &Cookie, jar: Option<&str>) -> Result<()> {
        let mut params = json!({ "cookie": cookie.to_bidi() });
        if let Some(site) = &cookie.partition_key {
            params["partition"] = json!({ "type": "storageKey", "sourceOrigin": site });
        }
        if let Some(jar) = jar {
            params["partition"]["type"] = json!("storageKey");
            params["partition"]["userContext"] = json!(jar);
        }
        self.sender.call("storage.setCookie", params, None).await.map(drop)
    }

    /// The jars besides the usual one; BiDi calls them user contexts. Drivers that do not know the word have none.
    async fn other_jars(&self) -> Vec<String> {
        let answer = self.sender.call("browser.getUserContexts", json!({}), None).await.unwrap_or_default();
        let all = answer["userContexts"].as_array().into_iter().flatten();
        let names = all.filter_map(|jar| jar["userContext"].as_str());
        names.filter(|name| *name != USUAL_JAR).map(str::to_owned).collect()
    }

    pub(super) fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Runs a script in every document from now on, before the document's own.
    pub(super) async fn add_preload(&self, source: &str) -> Result<()> {
        let function = format!("() => {{ {source}\n }}");
        self.sender
            .call("script.addPreloadScript", json!({ "functionDeclaration": function }), None)
            .await
            .map(drop)
    }

    /// Runs a script in every document from now on, which reports over a channel.
    pub(super) async fn report(&self, source: &str) -> Result<Reports> {
        let (reporter, reports) = Reports::new();
        self.watch(|w| w.reporter = Some(reporter));
        let events = json!({ "events": ["browsingContext.contextCreated", "browsingContext.contextDestroyed", "script.message"] });
        self.sender.call("session.subscribe", events, None).await?;
        let channel = json!([{ "type": "channel", "value": { "channel": CHANNEL } }]);
        let script = json!({ "functionDeclaration": source, "arguments": channel });
        self.sender.call("script.addPreloadScript", script, None).await?;
        Ok(reports)
    }

    /// Runs a script in the first document of an origin in each tab, before the document's own scripts.
    ///
    /// A preload script cannot be taken from one tab alone, so that a second one, for this tab, undoes it (see [`undo`]).
    pub(super) async fn add_once(&self, once: Once) -> Result<()> {
        self.watch(|w| w.once.push(once.origin.clone()));
        let events = json!({ "events": ["browsingContext.contextCreated", "browsingContext.contextDestroyed", "script.realmCreated"] });
        self.sender.call("session.subscribe", events, None).await?;
        self.add_preload(&once.source).await
    }

    pub(super) async fn record(&self) -> Result<Traffic> {
        let traffic = Traffic::default();
        let collector = json!({ "dataTypes": ["response"], "maxEncodedDataSize": MAX_BODY });
        let collects_bodies = self.sender.call("network.addDataCollector", collector, None).await.is_ok();
        {
            let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
            watched.traffic = Some(traffic.clone());
            watched.collects_bodies = collects_bodies;
        }
        let events = json!({ "events": ["network.beforeRequestSent", "network.responseCompleted", "network.fetchError"] });
        self.sender.call("session.subscribe", events, None).await?;
        Ok(traffic)
    }

    /// A picture of a window's viewport as JPEG, in base64.
    pub(super) async fn picture(&self, context: &str) -> Result<String> {
        let format = json!({ "type": "image/jpeg", "quality": f64::from(QUALITY) / 100.0 });
        let params = json!({ "context": context, "format": format });
        let answer = self.sender.call("browsingContext.captureScreenshot", params, None).await?;
        answer["data"].as_str().map(str::to_owned).ok_or(Error::Protocol { command: "take a picture".into() })
    }

    /// Answers challenges from now on.
    pub(super) async fn answer(&self, challenges: Challenges) -> Result<()> {
        self.watch(|w| w.challenges = Some(challenges));
        let events = json!({ "events": ["network.authRequired"] });
        self.sender.call("session.subscribe", events, None).await?;
        let params = json!({ "phases": ["authRequired"] });
        self.sender.call("network.addIntercept", params, None).await.map(drop)
    }

    /// Runs scripts at origins in every jar that there is; gives the values of all.
    pub(super) async fn prime_everywhere(&self, primes: &[Prime]) -> Result<Vec<Value>> {
        let mut values = self.prime(primes, None).await?;
        for jar in self.other_jars().await {
            values.extend(self.prime(primes, Some(&jar)).await?);
        }
        Ok(values)
    }

    /// Opens a tab of its own in the background of a jar, in which every request is answered with an empty page.
    pub(super) async fn prime(&self, primes: &[Prime], jar: Option<&str>) -> Result<Vec<Value>> {
        let mut params = json!({ "type": "tab", "background": true });
        if let Some(jar) = jar {
            params["userContext"] = json!(jar);
        }
        let created = self.sender.call("browsingContext.create", params, None).await?;
        let context = created["context"].as_str().unwrap_or_default().to_owned();
        self.watch(|w| w.primed.insert(context.clone()));
        let result = self.prime_in(&context, primes).await;
        self.watch(|w| w.primed.remove(&context));
        self.sender.call("browsingContext.close", json!({ "context": context }), None).await?;
        result
    }

    async fn prime_in(&self, context: &str, primes: &[Prime]) -> Result<Vec<Value>> {
        let events = json!({ "events": ["network.beforeRequestSent"], "contexts": [context] });
        self.sender.call("session.subscribe", events, None).await?;
        let params = json!({ "phases": ["beforeRequestSent"], "contexts": [context] });
        let intercept = self.sender.call("network.addIntercept", params, None).await?["intercept"].clone();
        let mut values = Vec::new();
        for prime in primes {
            values.push(self.prime_one(context, prime).await?);
        }
        self.sender.call("network.removeIntercept", json!({ "intercept": intercept }), None).await?;
        Ok(values)
    }

    async fn prime_one(&self, context: &str, prime: &Prime) -> Result<Value> {
        let params = json!({ "context": context, "url": prime.origin.as_str(), "wait": "interactive" });
        self.sender.call("browsingContext.navigate", params, None).await?;
        let told = self.evaluate(&prime.script, &json!({ "context": context })).await;
        told.map_err(|error| match error {
            Error::Command { code, message, .. } => {
                Error::Command { command: format!("prime {}", prime.origin), code, message }
            }
            other => other,
        })
    }

    /// The value of an expression, possibly a promise, in a document.
    pub(super) async fn evaluate(&self, script: &str, target: &Value) -> Result<Value> {
        // The result goes through JSON: BiDi's own serialisation of values is not needed.
        let expression =
            format!("Promise.resolve({script}).then((v) => JSON.stringify(v === undefined ? null : v))");
        let params = json!({ "expression": expression, "target": target, "awaitPromise": true });
        let answer = self.sender.call("script.evaluate", params, None).await?;
        if answer["type"] == "exception" {
            let message = answer["exceptionDetails"]["text"].as_str().unwrap_or("a script failed").to_owned();
            let command = "script.evaluate".to_owned();
            return Err(Error::Command { command, code: "javascript error".into(), message });
        }
        let text = answer["result"]["value"].as_str().unwrap_or("null");
        serde_json::from_str(text).map_err(|_| Error::Protocol { command: "script.evaluate".into() })
    }

    fn watch<R>(&self, how: impl FnOnce(&mut Watched) -> R) -> R {
        how(&mut self.watched.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn on_event(watched: &Mutex<Watched>, sender: &Sender, event: &Event<'_>) {
    let params = event.params;
    if event.method.starts_with("browsingContext.") || event.method.starts_with("script.") {
        on_context(&mut watched.lock().unwrap_or_else(PoisonError::into_inner), sender, event);
        return;
    }
    if event.method == "network.authRequired" {
        let challenges = watched.lock().unwrap_or_else(PoisonError::into_inner).challenges.clone();
        on_challenge(challenges.as_ref(), sender, params);
        return;
    }
    let (traffic, is_primed, collects_bodies) = {
        let watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
        let is_primed = params["context"].as_str().is_some_and(|c| watched.primed.contains(c));
        (watched.traffic.clone(), is_primed, watched.collects_bodies)
    };
    if is_primed {
        if event.method == "network.beforeRequestSent" && params["isBlocked"] == true {
            let answer = json!({
                "request": params["request"]["request"], "statusCode": 200, "reasonPhrase": "OK",
                "headers": [{ "name": "Content-Type", "value": { "type": "string", "value": "text/html" } }],
                "body": { "type": "string", "value": EMPTY_PAGE },
            });
            sender.post("network.provideResponse", answer, None);
        }
        return;
    }
    if let Some(traffic) = traffic {
        on_network(&traffic, sender, event, collects_bodies);
    }
}

fn on_context(watched: &mut Watched, sender: &Sender, event: &Event<'_>) {
    let params = event.params;
    if event.method == "script.message" {
        let tab = params["source"]["context"].as_str().unwrap_or_default();
        if let (Some(reporter), Some(text)) = (&watched.reporter, params["data"]["value"].as_str()) {
            let tab = watched.tabs.tab(tab).to_owned();
            let _ = reporter.send(Report { tab, text: text.to_owned() });
        }
        return;
    }
    let Some(context) = params["context"].as_str() else { return };
    match event.method {
        "browsingContext.contextCreated" => {
            // The opener is told of pop-ups that were cut off from it too, and scripts run in all of them: each is a tab of its own.
            watched.tabs.opened(context, params["parent"].as_str(), None);
        }
        "browsingContext.contextDestroyed" => watched.tabs.closed(context),
        "script.realmCreated" if params["type"] == "window" && params["sandbox"].is_null() => {
            let origin = params["origin"].as_str().unwrap_or_default();
            if watched.once.iter().any(|o| o == origin) && watched.tabs.shown(context, origin) {
                let script =
                    json!({ "functionDeclaration": undo(origin), "contexts": [watched.tabs.tab(context)] });
                sender.post("script.addPreloadScript", script, None);
            }
        }
        _ => {}
    }
}

/// BiDi's name for the jar that a browser begins with.
const USUAL_JAR: &str = "default";

/// The name of the channel that reports come over.
const CHANNEL: &str = "handstamp";

/// Takes back what a script that runs once has just written again: it leaves a list of its keys under this symbol.
fn undo(origin: &str) -> String {
    let origin = json!(origin);
    format!(
        "() => {{ const keys = globalThis[Symbol.for('handstamp')]; if (location.origin === {origin} && keys) \
         {{ for (const key of keys) sessionStorage.removeItem(key); delete globalThis[Symbol.for('handstamp')]; }} }}"
    )
}
