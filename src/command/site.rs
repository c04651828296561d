//! The sessions of a site with their tokens, as ZAP's HTTP sessions show them.

use anyhow::Result;
use serde_json::{Value, json};

use super::wire::Wire;
use crate::{
    cli::{Exit, SiteArgs},
    session::{Reference, Sites, Store},
};

pub(super) fn run(wire: &Wire, args: &SiteArgs) -> Result<Exit> {
    let store = wire.store()?;
    let Some(site) = Sites::site_of(&args.url) else {
        return Err(super::failure::Usage::new(
            &format!("`{}` is no web address", args.url),
            "begin it with http:// or https://",
        )
        .into());
    };
    change(&store, args, &site)?;
    show(wire, &store, args, &site)
}

fn change(store: &Store, args: &SiteArgs, site: &str) -> Result<()> {
    let sites = store.sites();
    for name in &args.add_token {
        sites.add_token(site, name)?;
    }
    for name in &args.remove_token {
        sites.remove_token(site, name)?;
    }
    if let Some(session) = &args.activate {
        // Fails, with its hint, where there is none.
        store.load(session)?;
        sites.activate(site, Some(&session.to_string()))?;
    } else if args.deactivate {
        sites.activate(site, None)?;
    }
    Ok(())
}

fn show(wire: &Wire, store: &Store, args: &SiteArgs, site: &str) -> Result<Exit> {
    let (sites, out) = (store.sites(), wire.output);
    let active = sites.active(site)?;
    out.line(format_args!("{site}, tokens of its own: {}", list(&sites.tokens(site)?)))?;
    let mut documents: Vec<Value> = Vec::new();
    for summary in store.list()? {
        let state = store.load(&Reference::Name(summary.name.clone()))?;
        if !state.reach().contains(&args.url) {
            continue;
        }
        let tokens = sites.tokens_in(site, &args.url, &state)?;
        let is_active = active.as_deref() == Some(&summary.name);
        let mark = if is_active { "*" } else { " " };
        out.line(format_args!("{mark} {}  tokens: {}", summary.name, list(&tokens)))?;
        documents.push(json!({ "name": summary.name, "active": is_active, "tokens": tokens }));
    }
    if documents.is_empty() {
        out.line("  no session of the store belongs here")?;
    }
    out.document(&json!({
        "schema": "handstamp.site/1", "site": site, "tokens": sites.tokens(site)?, "sessions": documents,
    }))?;
    Ok(Exit::Done)
}

/// The token names of every site.
pub(super) fn tokens(wire: &Wire, add: &[String], disable: &[String], remove: &[String]) -> Result<Exit> {
    let sites = wire.store()?.sites();
    for name in add {
        sites.set_default_token(name, true)?;
    }
    for name in disable {
        sites.set_default_token(name, false)?;
    }
    for name in remove {
        sites.remove_default_token(name)?;
    }
    let all = sites.default_tokens()?;
    for (name, is_on) in &all {
        wire.output.line(format_args!("{name}{}", if *is_on { "" } else { "  (off)" }))?;
    }
    let all: Vec<_> = all.iter().map(|(name, is_on)| json!({ "name": name, "enabled": is_on })).collect();
    wire.output.document(&json!({ "schema": "handstamp.tokens/1", "tokens": all }))?;
    Ok(Exit::Done)
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
