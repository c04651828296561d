//! The jars of a browser over the Chrome DevTools Protocol: sets of cookies and storage of their own, which come and go.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Value, json};
use tracing::debug;

use super::{
    Cookie, Prime,
    cdp::{Cdp, Shared, Watched, preload, text},
    error::Result,
    tabs::Once,
};

/// What is known of the jars (CDP calls them browser contexts), and what one that comes is to be given.
#[derive(Debug, Default)]
pub(super) struct Jars {
    /// Those that were there when the first thing was put in; nothing before that.
    known: HashSet<String>,
    /// Those of them that are not the default one.
    others: Vec<String>,
    cookies: Vec<Value>,
    scripts: Vec<Once>,
    /// The new jars that have their cookies.
    given: HashSet<String>,
    /// The origins that tabs of new jars have shown.
    shown: HashSet<(String, String)>,
}

impl Jars {
    fn is_new(&self, jar: &str) -> bool {
        !jar.is_empty() && !self.known.is_empty() && !self.known.contains(jar)
    }

    /// The cookies that a jar has not got yet because it is new.
    pub(super) fn owed_to(&self, jar: &str) -> Vec<Value> {
        if self.is_new(jar) && !self.given.contains(jar) { self.cookies.clone() } else { Vec::new() }
    }

    /// The scripts for the tabs of a jar that is new.
    pub(super) fn scripts_for(&self, jar: &str) -> Vec<Once> {
        if !self.is_new(jar) {
            return Vec::new();
        }
        let is_due = |o: &&Once| !self.shown.contains(&(jar.to_owned(), o.origin.clone()));
        self.scripts.iter().filter(is_due).cloned().collect()
    }

    /// Keeps cookies for jars to come, in the place of older ones.
    fn keep(&mut self, cookies: &[Value]) {
        let place = |c: &Value| ["name", "domain", "url", "path", "partitionKey"].map(|key| c[key].clone());
        self.cookies.retain(|old| !cookies.iter().any(|new| place(new) == place(old)));
        self.cookies.extend_from_slice(cookies);
    }
}

impl Cdp {
    /// The cookies of a jar, by default the usual one.
    pub(super) async fn cookies(&self, jar: Option<&str>) -> Result<Vec<Cookie>> {
        let answer = self.sender.call("Storage.getCookies", in_jar(json!({}), jar), None).await?;
        Ok(answer["cookies"].as_array().into_iter().flatten().filter_map(Cookie::from_cdp).collect())
    }

    /// Sets cookies in every jar, those to come included.
    pub(super) async fn set_cookies(&self, cookies: &[Cookie]) -> Result<()> {
        let cookies: Vec<Value> = cookies.iter().map(Cookie::to_cdp).collect();
        let params = json!({ "cookies": cookies });
        self.sender.call("Storage.setCookies", params.clone(), None).await?;
        self.learn_jars().await?;
        let jars: Vec<String> = {
            let mut state = self.shared.lock();
            state.jars.keep(&cookies);
            // Those that came in the meantime have been let go without them.
            let new: Vec<String> =
                state.sessions.values().map(|t| t.jar.clone()).filter(|jar| state.jars.is_new(jar)).collect();
            state.jars.given.extend(new);
            state.jars.others.iter().chain(&state.jars.given).cloned().collect()
        };
        for jar in jars {
            let set = self.sender.call("Storage.setCookies", in_jar(params.clone(), Some(&jar)), None).await;
            if let Err(error) = set {
                debug!(%error, "a jar has gone");
            }
        }
        Ok(())
    }

    /// Runs scripts at origins in every jar that there is; gives the values of all.
    pub(super) async fn prime_everywhere(&self, primes: &[Prime]) -> Result<Vec<Value>> {
        self.learn_jars().await?;
        let mut values = self.prime(primes, None).await?;
        let others = self.shared.lock().jars.others.clone();
        for jar in others {
            match self.prime(primes, Some(&jar)).await {
                Ok(more) => values.extend(more),
                Err(error) if error.is_lost() || self.jars().await?.0.contains(&jar) => return Err(error),
                Err(error) => debug!(%error, "a jar has gone"),
            }
        }
        Ok(values)
    }

    /// The jars that there are now besides the usual one, and that one.
    async fn jars(&self) -> Result<(Vec<String>, String)> {
        let answer = self.sender.call("Target.getBrowserContexts", json!({}), None).await?;
        let others = answer["browserContextIds"].as_array().into_iter().flatten();
        let others = others.filter_map(|id| id.as_str().map(str::to_owned)).collect();
        Ok((others, text(&answer, "defaultBrowserContextId")))
    }

    /// Runs a script in the first top-level document of an origin that a jar shows which is still to come.
    pub(super) async fn add_to_new_jars(&self, once: Once) -> Result<()> {
        self.learn_jars().await?;
        let late: Vec<String> = {
            let mut state = self.shared.lock();
            state.jars.scripts.push(once.clone());
            let is_late = |jar: &str| state.jars.is_new(jar);
            let late = state.sessions.iter().filter(|(_, t)| t.kind == "page" && is_late(&t.jar));
            late.map(|(session, _)| session.clone()).collect()
        };
        for session in late {
            let script = preload(&once.source);
            let answer = self.call_alive("Page.addScriptToEvaluateOnNewDocument", script, &session).await?;
            self.shared.remember_of_jar(&session, &once.origin, &answer);
        }
        Ok(())
    }

    /// Looks once which jars there are: all others are new.
    async fn learn_jars(&self) -> Result<()> {
        if !self.shared.lock().jars.known.is_empty() {
            return Ok(());
        }
        let (others, usual) = self.jars().await?;
        let mut state = self.shared.lock();
        state.jars.known.extend(others.iter().cloned());
        state.jars.known.insert(usual);
        state.jars.others = others;
        Ok(())
    }
}

impl Shared {
    /// Lets a target go that waits: where its jar came with it, only when that has its cookies.
    pub(super) fn let_go(self: &Arc<Self>, session: &str, jar: &str, cookies: &[Value]) {
        let to = session.to_owned();
        let go =
            move |shared: &Self| shared.sender.post("Runtime.runIfWaitingForDebugger", json!({}), Some(&to));
        if cookies.is_empty() {
            go(self);
            return;
        }
        let (shared, jar) = (Arc::clone(self), jar.to_owned());
        let params = in_jar(json!({ "cookies": cookies }), Some(&jar));
        self.sender.send("Storage.setCookies", params, None, move |answer| {
            if let Err(error) = answer {
                debug!(%error, "a new jar got no cookies");
            }
            shared.lock().jars.given.insert(jar);
            go(&shared);
        });
    }

    pub(super) fn remember_of_jar(&self, session: &str, origin: &str, answer: &Value) {
        if let Some(target) = self.lock().sessions.get_mut(session) {
            target.jar_once.insert(origin.to_owned(), text(answer, "identifier"));
        }
    }

    /// A tab shows a document of an origin: its jar has the storage there, and the script must not run again.
    pub(super) fn on_shown(&self, state: &mut Watched, session: &str, origin: &str) {
        let Some(jar) = state.sessions.get(session).filter(|t| t.kind == "page").map(|t| t.jar.clone())
        else {
            return;
        };
        if !state.jars.is_new(&jar) || !state.jars.scripts.iter().any(|o| o.origin == origin) {
            return;
        }
        state.jars.shown.insert((jar.clone(), origin.to_owned()));
        for (member, target) in state.sessions.iter_mut().filter(|(_, t)| t.jar == jar) {
            if let Some(identifier) = target.jar_once.remove(origin) {
                let params = json!({ "identifier": identifier });
                self.sender.post("Page.removeScriptToEvaluateOnNewDocument", params, Some(member));
            }
        }
    }
}

/// The parameters of a command for one jar.
pub(super) fn in_jar(mut params: Value, jar: Option<&str>) -> Value {
    if let Some(jar) = jar {
        params["browserContextId"] = json!(jar);
    }
    params
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jar_is_new_only_once_others_are_known_and_gets_its_cookies_once() {
        let mut jars = Jars::default();
        jars.keep(&[json!({ "name": "a", "url": "http://x/", "value": "1" })]);
        assert!(jars.owed_to("later").is_empty(), "nothing is known yet");
        jars.known.insert("usual".into());
        assert!(jars.owed_to("usual").is_empty() && jars.owed_to("").is_empty());
        assert_eq!(jars.owed_to("later").len(), 1);
        jars.given.insert("later".into());
        assert!(jars.owed_to("later").is_empty());
    }

    #[test]
    fn a_renewed_cookie_takes_the_place_of_the_old_one() {
        let mut jars = Jars::default();
        let cookie = |url: &str, value: &str| json!({ "name": "a", "url": url, "value": value });
        jars.keep(&[cookie("http://x/", "old"), cookie("http://y/", "other")]);
        jars.keep(&[cookie("http://x/", "new")]);
        assert_eq!(jars.cookies, [cookie("http://y/", "other"), cookie("http://x/", "new")]);
    }

    #[test]
    fn a_script_is_due_until_its_origin_was_shown_in_the_jar() {
        let mut jars = Jars::default();
        jars.known.insert("usual".into());
        jars.scripts.push(Once { origin: "http://x".into(), source: String::new() });
        assert_eq!((jars.scripts_for("usual").len(), jars.scripts_for("later").len()), (0, 1));
        jars.shown.insert(("later".into(), "http://x".into()));
        assert!(jars.scripts_for("later").is_empty() && jars.scripts_for("third").len() == 1);
    }
}
