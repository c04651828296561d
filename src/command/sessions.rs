//! Lists the sessions in the store, and tidies it up.

use anyhow::Result;
use serde_json::json;

use super::{site, wire::Wire};
use crate::{
    cli::{Exit, SessionsAction, ago, plural, until},
    session::{Reference, Summary, Verdict, now},
};

pub(super) fn run(wire: &Wire, action: Option<&SessionsAction>) -> Result<Exit> {
    match action {
        None => list(wire),
        Some(SessionsAction::Remove { names }) => remove(wire, names),
        Some(SessionsAction::Prune) => {
            let pruned = wire.store()?.prune(now())?;
            removed(wire, &pruned)
        }
        Some(SessionsAction::Unlock { names }) => unlock(wire, names),
        Some(SessionsAction::Site(args)) => site::run(wire, args),
        Some(SessionsAction::Tokens { add, disable, remove }) => site::tokens(wire, add, disable, remove),
    }
}

fn list(wire: &Wire) -> Result<Exit> {
    let store = wire.store()?;
    let (all, failed) = (store.list()?, store.accounts().all()?);
    let without: Vec<_> = failed.iter().filter(|(name, _)| all.iter().all(|s| s.name != *name)).collect();
    if all.is_empty() && without.is_empty() {
        wire.output.line("there are no sessions yet\n  hint: `handstamp login URL --username NAME --password-env VAR` makes one")?;
    }
    let names = all.iter().map(|s| &s.name).chain(without.iter().map(|(name, _)| name));
    let width = names.map(|name| name.chars().count()).max().unwrap_or_default();
    for summary in &all {
        let expiry = summary
            .expires
            .map(|e| format!(", expires {}", until(e, now())).replace("expires expired", "expired"));
        let failures = failed.iter().find(|(name, _)| *name == summary.name);
        let line = format!(
            "{:width$}  {}{}, used {}{}",
            summary.name,
            word(summary),
            failures.map(|(_, count)| format!(", {}", failures_told(*count))).unwrap_or_default(),
            ago(summary.updated, now()),
            expiry.unwrap_or_default()
        );
        wire.output.line(line)?;
    }
    // Users who never got in have no session, and may be marked.
    for (name, count) in &without {
        wire.output.line(format_args!("{name:width$}  no session, {}", failures_told(*count)))?;
    }
    let sessions: Vec<_> = all
        .iter()
        .map(|s| json!({ "name": s.name, "created": s.created, "updated": s.updated, "expires": s.expires, "verdict": s.verdict }))
        .collect();
    let failed: Vec<_> =
        failed.iter().map(|(name, count)| json!({ "name": name, "failures": count })).collect();
    wire.output
        .document(&json!({ "schema": "handstamp.sessions/1", "sessions": sessions, "failed": failed }))?;
    Ok(Exit::Done)
}

fn failures_told(count: u32) -> String {
    format!("{} failed", plural(count as usize, "login"))
}

fn unlock(wire: &Wire, names: &[Reference]) -> Result<Exit> {
    let accounts = wire.store()?.accounts();
    let mut lifted = Vec::new();
    for name in names {
        let had = accounts.worked(name)?;
        let line = if had { "may log in again" } else { "had no failed logins" };
        wire.output.line(format_args!("`{name}` {line}"))?;
        lifted.extend(had.then(|| name.to_string()));
    }
    wire.output.document(&json!({ "schema": "handstamp.sessions/1", "unlocked": lifted }))?;
    Ok(Exit::Done)
}

fn remove(wire: &Wire, names: &[Reference]) -> Result<Exit> {
    let store = wire.store()?;
    let mut gone = Vec::new();
    for name in names {
        if !store.remove(name)? {
            wire.output.line(format_args!("there is no session `{name}`"))?;
            wire.output.document(&json!({ "schema": "handstamp.sessions/1", "removed": gone, "reason": "no-session", "missing": name.to_string() }))?;
            return Ok(Exit::Usage);
        }
        gone.push(name.to_string());
    }
    removed(wire, &gone)
}

fn removed(wire: &Wire, names: &[String]) -> Result<Exit> {
    for name in names {
        wire.output.line(format_args!("removed `{name}`"))?;
    }
    wire.output.line(format_args!("{} removed", plural(names.len(), "session")))?;
    wire.output.document(&json!({ "schema": "handstamp.sessions/1", "removed": names }))?;
    Ok(Exit::Done)
}

fn word(summary: &Summary) -> &'static str {
    match summary.verdict {
        Some(Verdict::Proven { .. }) => "logged in",
        Some(Verdict::Stale { .. }) => "logged out",
        Some(Verdict::Unproven { .. }) | None => "unproven",
    }
}
