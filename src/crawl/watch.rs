//! The guard in each page: which parts of the session it watches, and which elements it leaves alone.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::{
    browser::script,
    session::{Source, State, now},
};

/// The script that every document gets before the crawl's agent.
pub(super) fn guard_source(state: Option<&State>, selectors: &[String]) -> String {
    let watched = state.map(watched).unwrap_or_default();
    let (hook, guard) = (script("crawl-hook"), script("crawl-guard"));
    format!("{hook}\n({guard})({}, {})", json!(watched), json!(selectors))
}

/// The names under which an origin keeps what carries the session.
#[derive(Debug, Default, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Names {
    local_storage: Vec<String>,
    session_storage: Vec<String>,
    cookies: Vec<String>,
}

fn watched(state: &State) -> BTreeMap<String, Names> {
    let mut all = BTreeMap::<String, Names>::new();
    for token in state.tokens() {
        match token.source {
            Source::LocalStorage { origin, key } => {
                push(&mut all.entry(origin.to_string()).or_default().local_storage, key);
            }
            Source::SessionStorage { origin, key } => {
                push(&mut all.entry(origin.to_string()).or_default().session_storage, key);
            }
            _ => {}
        }
    }
    for origin in state.scope.iter().chain(state.origins.iter().map(|stored| &stored.origin)) {
        let long = |value: &str| value.len() >= LONG;
        let seen = state.cookies_for(&origin.url(), now()).into_iter().filter(|c| !c.http_only);
        for cookie in seen.filter(|c| long(c.value.expose())) {
            push(&mut all.entry(origin.to_string()).or_default().cookies, cookie.name.clone());
        }
    }
    all
}

fn push(names: &mut Vec<String>, name: String) {
    if !names.contains(&name) {
        names.push(name);
    }
}

/// Shorter values are settings rather than secrets.
const LONG: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        session::{Cookie, Item},
        site::Origin,
    };

    #[test]
    fn what_carries_the_session_is_watched_by_name_and_its_value_is_not_told() {
        let origin = Origin::parse("http://a").unwrap();
        let mut state = State { scope: vec![origin.clone()], ..State::default() };
        let token = "kJ8sd7fGhq2Lm0pZxT4bWnR1vYc";
        state.origin_mut(&origin).local_storage = vec![Item::new("token", token), Item::new("theme", "dark")];
        let cookie = |name: &str, http_only| Cookie {
            name: name.into(),
            value: token.into(),
            domain: "a".into(),
            path: "/".into(),
            http_only,
            ..Cookie::default()
        };
        state.cookies = vec![cookie("seen", false), cookie("hidden", true)];
        let all = watched(&state);
        let names = &all["http://a"];
        assert_eq!(names.local_storage, ["token"]);
        assert_eq!(names.cookies, ["seen"]);
        assert!(!guard_source(Some(&state), &[]).contains(token));
    }
}
