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
    let (all, accounts) = (store.list()?, store.accounts());
    if all.is_empty() {
        wire.output.line("there are no sessions yet\n  hint: `handstamp login URL --username NAME --password-env VAR` makes one")?;
    }
    let width = all.iter().map(|s| s.name.chars().count()).max().unwrap_or_default();
    for summary in &all {
        let expiry = summary
            .expires
            .map(|e| format!(", expires {}", until(e, now())).replace("expires expired", "expired"));
        let account = accounts.of(&Reference::Name(summary.name.clone()))?;
        let marked = if account.failures > 0 {
            format!(", {} failed", plural(account.failures as usize, "login"))
        } else {
            String::new()
        };
        let line = format!(
            "{:width$}  {}{marked}, used {}{}",
            summary.name,
            word(summary),
            ago(summary.updated, now()),
            expiry.unwrap_or_default()
        );
        wire.output.line(line)?;
    }
    let sessions: Vec<_> = all
        .iter()
        .map(|s| json!({ "name": s.name, "created": s.created, "updated": s.updated, "expires": s.expires, "verdict": s.verdict }))
        .collect();
    wire.output.document(&json!({ "schema": "handstamp.sessions/1", "sessions": sessions }))?;
    Ok(Exit::Done)
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
