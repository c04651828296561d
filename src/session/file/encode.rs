//! Writes a session as the document that Playwright loads.

use serde_json::{Map, Value, json};

use super::super::{Cookie, HeaderToken, Item, Method, OriginState, SameSite, State};
use super::migrate::VERSION;

/// The whole session as JSON, secrets and all. Whoever calls this answers for where it goes.
#[must_use]
pub fn to_json(state: &State) -> Value {
    let mut document = state.extra.0.clone();
    document.insert("cookies".into(), state.cookies.iter().map(cookie).collect());
    document.insert("origins".into(), state.origins.iter().filter_map(origin).collect());
    document.insert("handstamp".into(), own(state));
    Value::Object(document)
}

fn cookie(cookie: &Cookie) -> Value {
    let dot = if cookie.host_only { "" } else { "." };
    let mut entry = cookie.extra.0.clone();
    entry.extend(fields(json!({
        "name": cookie.name,
        "value": cookie.value.expose(),
        "domain": format!("{dot}{}", cookie.domain),
        "path": cookie.path,
        "expires": cookie.expires.unwrap_or(-1),
        "httpOnly": cookie.http_only,
        "secure": cookie.secure,
        "sameSite": cookie.same_site.unwrap_or(SameSite::Lax),
    })));
    if let Some(key) = &cookie.partition_key {
        entry.insert("partitionKey".into(), json!(key));
    }
    Value::Object(entry)
}

/// An origin's entry; `None` where all that it has stands under handstamp's own key.
fn origin(state: &OriginState) -> Option<Value> {
    if state.local_storage.is_empty() && state.indexed_db.is_empty() && state.extra.0.is_empty() {
        return None;
    }
    let mut entry = state.extra.0.clone();
    entry.insert("origin".into(), json!(state.origin));
    entry.insert("localStorage".into(), items(&state.local_storage));
    if !state.indexed_db.is_empty() {
        entry.insert("indexedDB".into(), state.indexed_db.iter().map(|base| base.expose().clone()).collect());
    }
    Some(Value::Object(entry))
}

/// What Playwright has no place for.
fn own(state: &State) -> Value {
    let session_storage = state.origins.iter().filter(|origin| !origin.session_storage.is_empty());
    let mut own = fields(json!({
        "version": VERSION,
        "created": state.created,
        "scope": state.scope,
        "sessionStorage": session_storage
            .map(|o| json!({"origin": o.origin, "items": items(&o.session_storage)}))
            .collect::<Value>(),
        "headers": state.headers.iter().map(header).collect::<Value>(),
        "unsetSameSite": state.cookies.iter().filter(|c| c.same_site.is_none()).map(mark).collect::<Value>(),
    }));
    let values = || {
        state.values.iter().map(|(place, value)| json!({"place": place.to_string(), "value": value.expose()}))
    };
    let optional = [
        ("method", (state.method != Method::Browser).then(|| json!(state.method))),
        ("values", (!state.values.is_empty()).then(|| values().collect())),
        ("userAgent", state.user_agent.as_ref().map(|it| json!(it))),
        ("check", state.check.as_ref().map(|it| json!(it))),
        ("verdict", state.verdict.as_ref().map(|it| json!(it))),
        ("insight", (!state.insight.is_empty()).then(|| json!(state.insight))),
        ("recipe", state.recipe.as_ref().map(|it| json!(it))),
    ];
    own.extend(optional.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    Value::Object(own)
}

fn header(token: &HeaderToken) -> Value {
    json!({
        "origin": token.origin,
        "name": token.name,
        "value": token.value.expose(),
        "source": token.source,
    })
}

/// Names a cookie whose `SameSite` was not set, since Playwright wants one of three values.
pub(super) fn mark(cookie: &Cookie) -> Value {
    let dot = if cookie.host_only { "" } else { "." };
    json!({"name": cookie.name, "domain": format!("{dot}{}", cookie.domain), "path": cookie.path})
}

fn items(items: &[Item]) -> Value {
    items.iter().map(|item| json!({"name": item.name, "value": item.value.expose()})).collect()
}

fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
