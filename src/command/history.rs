//! Lists, shows, exports and clears what passed the proxy.

use std::{path::Path, time::SystemTime};

use anyhow::Result;
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::format_description};

use super::wire::Wire;
use crate::{
    cli::{Exit, HistoryArgs, bytes, plural},
    history::{Database, Entry, Extent, Filter, Message},
    report,
};

pub(super) fn run(wire: &Wire, args: &HistoryArgs) -> Result<Exit> {
    let database = Database::open_existing(&wire.environment.home)?;
    if args.clear {
        return clear(wire, database.as_ref());
    }
    if let Some(id) = args.show {
        let found = database.map(|database| database.entry(id)).transpose()?.flatten();
        let missing = || {
            super::failure::Usage::new(
                &format!("there is no exchange {id}"),
                "`handstamp history` lists them",
            )
        };
        return show(wire, &found.ok_or_else(missing)?);
    }
    let entries = database.map(|database| database.entries(&filter(args))).transpose()?.unwrap_or_default();
    match &args.har {
        Some(file) => export(wire, file, &entries),
        None => list(wire, &entries),
    }
}

fn filter(args: &HistoryArgs) -> Filter {
    Filter {
        host: args.host.clone(),
        method: args.method.clone(),
        status: args.status,
        text: args.search.clone(),
        session: args.session.clone(),
        since: args.since.and_then(|length| SystemTime::now().checked_sub(length.0)),
        limit: args.limit.or_else(|| args.har.is_none().then_some(LISTED)),
    }
}

fn clear(wire: &Wire, database: Option<&Database>) -> Result<Exit> {
    let count = database.map(Database::clear).transpose()?.unwrap_or_default();
    wire.output.line(format_args!("removed {}", plural(count, "exchange")))?;
    wire.output.document(&json!({ "schema": "handstamp.history/1", "removed": count }))?;
    Ok(Exit::Done)
}

fn export(wire: &Wire, file: &Path, entries: &[Entry]) -> Result<Exit> {
    report::write(file, &report::history_har(entries))?;
    wire.output.line(format_args!("wrote {} to {}", plural(entries.len(), "exchange"), file.display()))?;
    wire.output.document(&json!({
        "schema": "handstamp.history/1", "exported": file, "exchanges": entries.len(),
    }))?;
    Ok(Exit::Done)
}

fn list(wire: &Wire, entries: &[Entry]) -> Result<Exit> {
    if entries.is_empty() {
        wire.output.line(
            "nothing is in the history\n  hint: `handstamp proxy` writes it; fewer filters find more",
        )?;
    }
    for entry in entries {
        wire.output.line(line(entry))?;
    }
    let all: Vec<_> = entries.iter().map(document).collect();
    wire.output.document(&json!({ "schema": "handstamp.history/1", "exchanges": all }))?;
    Ok(Exit::Done)
}

fn line(entry: &Entry) -> String {
    let status = entry.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let took = entry.duration.map_or_else(String::new, |d| format!("{} ms", d.as_millis()));
    let session = entry.session.as_deref().map(|s| format!("  [{s}]")).unwrap_or_default();
    format!(
        "{:>6}  {}  {status:>3}  {:<7} {}  {}  {took}{session}",
        entry.id,
        clock(entry.started),
        entry.method,
        entry.url,
        bytes(entry.response.size),
    )
}

fn show(wire: &Wire, entry: &Entry) -> Result<Exit> {
    wire.output.line(line(entry))?;
    if let Some(error) = &entry.error {
        wire.output.line(format_args!("failed: {error}"))?;
    }
    for (title, message) in [("request", &entry.request), ("answer", &entry.response)] {
        wire.output.line(format_args!("\n{title}"))?;
        for (name, value) in &message.headers {
            wire.output.line(format_args!("  {name}: {value}"))?;
        }
        if let Some(body) = body_text(message) {
            wire.output.line(format_args!("\n{body}"))?;
        }
    }
    let mut document = document(entry);
    document["schema"] = json!("handstamp.exchange/1");
    for (side, message) in [("request", &entry.request), ("response", &entry.response)] {
        document[side] = json!({
            "headers": message.headers, "size": message.size, "extent": extent(message.extent),
            "body": String::from_utf8_lossy(&message.decoded()),
        });
    }
    wire.output.document(&document)?;
    Ok(Exit::Done)
}

fn body_text(message: &Message) -> Option<String> {
    if message.extent == Extent::Withheld {
        return Some(format!(
            "({} were not kept: their encoding hides whether there are secrets)",
            bytes(message.size)
        ));
    }
    let body = message.decoded();
    match std::str::from_utf8(&body) {
        _ if body.is_empty() => None,
        Ok(text) => Some(text.to_owned()),
        Err(_) => Some(format!("({} that are no text; `--har FILE` exports them)", bytes(message.size))),
    }
}

fn document(entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "time": stamp(entry.started),
        "method": entry.method,
        "url": entry.url,
        "status": entry.status,
        "ms": entry.duration.map(|d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)),
        "requestSize": entry.request.size,
        "responseSize": entry.response.size,
        "session": entry.session,
        "error": entry.error,
    })
}

fn extent(extent: Extent) -> &'static str {
    match extent {
        Extent::Whole => "whole",
        Extent::Cut => "cut",
        Extent::Masked => "masked",
        Extent::Withheld => "withheld",
    }
}

fn clock(time: SystemTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    OffsetDateTime::from(time).format(format).unwrap_or_default()
}

fn stamp(time: SystemTime) -> String {
    OffsetDateTime::from(time).format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// How many entries a list shows unless told otherwise.
const LISTED: usize = 50;
