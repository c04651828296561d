//! Runs scripts at origins in a tab of our own over the Chrome DevTools Protocol.

use serde_json::{Value, json};
use tokio::time;

use super::{
    Prime,
    cdp::{Cdp, text},
    error::{Error, Result},
};

impl Cdp {
    /// Opens a tab of its own in the background of a jar, in which every request is answered with an empty page.
    pub(super) async fn prime(&self, primes: &[Prime], jar: Option<&str>) -> Result<Vec<Value>> {
        let mut params = json!({ "url": "about:blank", "background": true });
        if let Some(jar) = jar {
            params["browserContextId"] = json!(jar);
        }
        let created = self.sender.call("Target.createTarget", params, None).await?;
        let target = text(&created, "targetId");
        self.shared.lock().own.insert(target.clone());
        let result = self.prime_in(&target, primes).await;
        self.sender.call("Target.closeTarget", json!({ "targetId": target }), None).await?;
        result
    }

    async fn prime_in(&self, target: &str, primes: &[Prime]) -> Result<Vec<Value>> {
        let session = self.session_of(target).await?;
        // Whoever made the jar prepares the tab at the same time: a page that is led away in the midst of that may crash.
        self.sender.call("Runtime.evaluate", json!({ "expression": "0" }), Some(&session)).await?;
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
    pub(super) async fn session_of(&self, target: &str) -> Result<String> {
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
