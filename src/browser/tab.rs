//! The tabs that are open in a browser, whoever opened them, and what their documents hold.

use serde_json::{Value, json};
use url::Url;

use super::{
    Control, Cookie, Page, Prime,
    bidi::Bidi,
    cdp::{Cdp, text},
    control::Means,
    error::{Error, Result},
};

/// An open tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// The browser's name for it.
    pub id: String,
    /// The jar that its cookies and storage lie in, as the browser calls it; tabs of private windows, and of contexts that
    /// test tools make, have one of their own.
    pub jar: Option<String>,
    /// The address that it shows.
    pub url: Url,
}

impl Control {
    /// The tabs of all jars; over the driver alone, the current one.
    pub async fn tabs(&self) -> Result<Vec<Tab>> {
        match &self.0 {
            Means::Bidi(b) => b.tabs().await,
            Means::Cdp(c) => c.tabs().await,
            Means::Driver(d) => current(d.page()).await,
            Means::Proxied(p) => current(p.page()).await,
        }
    }

    /// The cookies of a tab's jar.
    pub async fn cookies_of(&self, tab: &Tab) -> Result<Vec<Cookie>> {
        match &self.0 {
            Means::Bidi(b) => b.cookies_in(tab.jar.as_deref()).await,
            Means::Cdp(c) => c.cookies(tab.jar.as_deref()).await,
            Means::Driver(d) => d.cookies().await,
            Means::Proxied(p) => p.cookies().await,
        }
    }

    /// The values of an expression in all documents of a tab, in a world that the page's own scripts cannot touch.
    pub async fn read_in(&self, tab: &Tab, script: &str) -> Result<Vec<Value>> {
        match &self.0 {
            Means::Bidi(b) => b.read_in(tab, script).await,
            Means::Cdp(c) => c.read_in(tab, script).await,
            Means::Driver(d) => Ok(vec![evaluate(d.page(), script).await?]),
            Means::Proxied(p) => Ok(vec![evaluate(p.page(), script).await?]),
        }
    }

    /// Runs scripts at origins in a tab's jar. See [`Control::prime`].
    pub async fn prime_beside(&self, tab: &Tab, primes: &[Prime]) -> Result<Vec<Value>> {
        match &self.0 {
            _ if primes.is_empty() => Ok(Vec::new()),
            Means::Bidi(b) => b.prime(primes, tab.jar.as_deref()).await,
            Means::Cdp(c) => c.prime(primes, tab.jar.as_deref()).await,
            Means::Proxied(p) => p.prime(primes).await,
            Means::Driver(_) => Err(Error::Unsupported { what: "answer requests with an empty page".into() }),
        }
    }

    /// Loads what a tab shows again; does not wait for it.
    pub async fn reload(&self, tab: &Tab) -> Result<()> {
        match &self.0 {
            Means::Bidi(b) => b.reload(tab).await,
            Means::Cdp(c) => c.reload(tab).await,
            Means::Driver(d) => d.page().reload().await,
            Means::Proxied(p) => p.page().reload().await,
        }
    }

    /// The User-Agent that a tab's scripts see.
    pub async fn agent_in(&self, tab: &Tab) -> Result<Option<String>> {
        let values = self.read_in(tab, "navigator.userAgent").await?;
        Ok(values.first().and_then(|v| v.as_str()).map(str::to_owned))
    }
}

async fn current(page: &Page) -> Result<Vec<Tab>> {
    Ok(vec![Tab { id: String::new(), jar: None, url: page.url().await? }])
}

async fn evaluate(page: &Page, script: &str) -> Result<Value> {
    page.evaluate(&format!("return {script}"), &[]).await
}

impl Cdp {
    pub(super) async fn ended(&self) {
        self.sender.ended().await;
    }

    async fn tabs(&self) -> Result<Vec<Tab>> {
        let answer = self.sender.call("Target.getTargets", json!({}), None).await?;
        let pages = answer["targetInfos"].as_array().into_iter().flatten().filter(|t| t["type"] == "page");
        let tabs = pages.filter_map(|info| tab_of(info, "targetId", "browserContextId"));
        let state = self.shared.lock();
        Ok(tabs.filter(|tab| !state.own.contains(&tab.id)).collect())
    }

    async fn read_in(&self, tab: &Tab, script: &str) -> Result<Vec<Value>> {
        let mut values = Vec::new();
        for session in self.shared.sessions_of(&tab.id) {
            let tree = self.call_alive("Page.getFrameTree", json!({}), &session).await?;
            let mut frames = Vec::new();
            collect(&tree["frameTree"], "childFrames", &|node| text(&node["frame"], "id"), &mut frames);
            for frame in frames {
                let params = json!({ "frameId": frame, "worldName": WORLD });
                let Ok(world) = self.call_alive("Page.createIsolatedWorld", params, &session).await else {
                    continue;
                };
                let params = json!({
                    "expression": script, "contextId": world["executionContextId"], "awaitPromise": true, "returnByValue": true,
                });
                // A frame may go at any moment.
                if let Ok(answer) = self.call_alive("Runtime.evaluate", params, &session).await {
                    values.push(answer["result"]["value"].clone());
                }
            }
        }
        Ok(values)
    }

    async fn reload(&self, tab: &Tab) -> Result<()> {
        let session = self.session_of(&tab.id).await?;
        self.call_alive("Page.reload", json!({}), &session).await.map(drop)
    }
}

impl Bidi {
    pub(super) async fn ended(&self) {
        self.sender().ended().await;
    }

    async fn tabs(&self) -> Result<Vec<Tab>> {
        let answer = self.sender().call("browsingContext.getTree", json!({ "maxDepth": 0 }), None).await?;
        let all = answer["contexts"].as_array().into_iter().flatten();
        let tabs = all.filter_map(|info| tab_of(info, "context", "userContext"));
        Ok(tabs.collect())
    }

    async fn cookies_in(&self, jar: Option<&str>) -> Result<Vec<Cookie>> {
        let params = jar.map_or_else(
            || json!({}),
            |jar| json!({ "partition": { "type": "storageKey", "userContext": jar } }),
        );
        let answer = self.sender().call("storage.getCookies", params, None).await?;
        Ok(answer["cookies"].as_array().into_iter().flatten().filter_map(Cookie::from_bidi).collect())
    }

    async fn read_in(&self, tab: &Tab, script: &str) -> Result<Vec<Value>> {
        let tree = self.sender().call("browsingContext.getTree", json!({ "root": tab.id }), None).await?;
        let mut documents = Vec::new();
        collect(&tree["contexts"][0], "children", &|node| text(node, "context"), &mut documents);
        let mut values = Vec::new();
        for context in documents {
            let target = json!({ "context": context, "sandbox": WORLD });
            if let Ok(value) = self.evaluate(script, &target).await {
                values.push(value);
            }
        }
        Ok(values)
    }

    async fn reload(&self, tab: &Tab) -> Result<()> {
        let params = json!({ "context": tab.id, "wait": "none" });
        self.sender().call("browsingContext.reload", params, None).await.map(drop)
    }
}

/// A tab out of what a protocol tells of it; nothing where it shows no address.
fn tab_of(info: &Value, id: &str, jar: &str) -> Option<Tab> {
    let url = Url::parse(info["url"].as_str()?).ok()?;
    Some(Tab { id: text(info, id), jar: info[jar].as_str().map(str::to_owned), url })
}

/// The names of a tree's nodes, the root first.
fn collect(node: &Value, children: &str, name: &dyn Fn(&Value) -> String, into: &mut Vec<String>) {
    into.push(name(node));
    for child in node[children].as_array().into_iter().flatten() {
        collect(child, children, name, into);
    }
}

/// The name of the world of our scripts.
const WORLD: &str = "handstamp";
