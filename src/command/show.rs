//! Shows what a session holds, without its secrets.

use anyhow::Result;
use serde_json::{Value, json};

use super::wire::Wire;
use crate::{
    cli::{Exit, ago, plural, until},
    session::{Reference, State, Token, TokenKind, Verdict, now},
};

pub(super) fn run(wire: &Wire, reference: &Reference) -> Result<Exit> {
    let state = wire.load(reference)?;
    wire.output.line(format_args!("session `{reference}`"))?;
    for line in contents(&state).into_iter().chain(details(&state)) {
        wire.output.line(format_args!("  {line}"))?;
    }
    let mut document = document(&state);
    document["session"] = json!(reference.to_string());
    wire.output.document(&document)?;
    Ok(Exit::Done)
}

/// What the session holds, in a few lines.
pub(super) fn contents(state: &State) -> Vec<String> {
    let mut lines = Vec::new();
    if !state.cookies.is_empty() {
        let names: Vec<_> = state.cookies.iter().map(|c| c.name.as_str()).collect();
        lines.push(format!("{}: {}", plural(state.cookies.len(), "cookie"), shorten(&names)));
    }
    for origin in &state.origins {
        for (kind, items) in
            [("localStorage", &origin.local_storage), ("sessionStorage", &origin.session_storage)]
        {
            if !items.is_empty() {
                let keys: Vec<_> = items.iter().map(|i| i.name.as_str()).collect();
                lines.push(format!("{kind} of {}: {}", origin.origin, shorten(&keys)));
            }
        }
        if !origin.indexed_db.is_empty() {
            let names: Vec<_> = origin.indexed_db.iter().map(crate::session::Database::name).collect();
            lines.push(format!("IndexedDB of {}: {}", origin.origin, shorten(&names)));
        }
    }
    for token in &state.headers {
        lines.push(format!("header {} to {}, from {}", token.name, token.origin, token.source));
    }
    if let Some(then) = state.expires() {
        lines.push(format!("expires {}", until(then, now())));
    }
    lines
}

/// What is worth knowing beside the contents.
fn details(state: &State) -> Vec<String> {
    let mut lines = Vec::new();
    for token in state.tokens().iter().filter(|t| t.kind == TokenKind::Jwt) {
        let expiry =
            token.expires.map_or_else(|| "no expiry".to_owned(), |e| format!("expires {}", until(e, now())));
        lines.push(format!("JSON Web Token in {}, {expiry}", token.source));
    }
    if !state.scope.is_empty() {
        let origins: Vec<_> = state.scope.iter().map(ToString::to_string).collect();
        lines.push(format!("belongs to {}", origins.join(", ")));
    }
    if let Some(recipe) = &state.recipe {
        let user = recipe.username.as_deref().map(|u| format!(" as `{u}`")).unwrap_or_default();
        let password = recipe.password.as_ref().map(|p| format!(", password from {p}"));
        lines.push(format!(
            "made at {}{user}{}",
            recipe.login_url,
            password.unwrap_or_else(|| ", cannot be renewed".into())
        ));
    }
    if state.created > 0 {
        lines.push(format!("logged in {}", ago(state.created, now())));
    }
    if let Some(verdict) = &state.verdict {
        lines.push(match verdict {
            Verdict::Proven { evidence } => format!("proven by {evidence}"),
            Verdict::Unproven { reason } => format!("unproven: {reason}"),
            Verdict::Stale { evidence } => format!("stale: {evidence}"),
        });
    }
    lines
}

/// The session as JSON, without secrets.
pub(super) fn document(state: &State) -> Value {
    let cookies: Vec<_> = state
        .cookies
        .iter()
        .map(|c| json!({ "name": c.name, "domain": c.domain, "path": c.path, "expires": c.expires, "httpOnly": c.http_only, "secure": c.secure }))
        .collect();
    let origins: Vec<_> = state
        .origins
        .iter()
        .map(|o| {
            let names = |items: &[crate::session::Item]| items.iter().map(|i| i.name.clone()).collect::<Vec<_>>();
            let databases: Vec<_> = o.indexed_db.iter().map(|d| d.name().to_owned()).collect();
            json!({ "origin": o.origin.to_string(), "localStorage": names(&o.local_storage), "sessionStorage": names(&o.session_storage), "indexedDB": databases })
        })
        .collect();
    let headers: Vec<_> = state
        .headers
        .iter()
        .map(|h| json!({ "origin": h.origin.to_string(), "name": h.name, "source": h.source.to_string() }))
        .collect();
    json!({
        "schema": "handstamp.show/1", "cookies": cookies, "origins": origins, "headers": headers,
        "tokens": state.tokens().iter().map(token).collect::<Vec<_>>(), "expires": state.expires(), "created": state.created,
        "scope": state.scope.iter().map(ToString::to_string).collect::<Vec<_>>(), "userAgent": state.user_agent,
        "verdict": state.verdict, "recipe": state.recipe,
    })
}

fn token(token: &Token) -> Value {
    json!({
        "source": token.source.to_string(), "origin": token.origin.as_ref().map(ToString::to_string),
        "domain": token.domain, "key": token.key, "kind": token.kind, "expires": token.expires,
    })
}

/// A list of names, the first few of many.
fn shorten(names: &[&str]) -> String {
    let first = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MOST { format!("{first} and {} more", names.len() - MOST) } else { first }
}

const MOST: usize = 6;
