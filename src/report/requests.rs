//! The requests of a crawl as lines, and its addresses as a list.

use std::{collections::BTreeSet, time::SystemTime};

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::crawl::{Carriage, Class, Outcome, Passage, Record};

/// All addresses in scope: those that were asked for, and those that states showed.
pub(super) fn urls(outcome: &Outcome) -> BTreeSet<String> {
    let asked = outcome.records.iter().filter(|r| r.passage.is_found()).map(|r| r.url.to_string());
    let shown = outcome.graph.states.iter().map(|state| state.url.to_string());
    asked.chain(shown).collect()
}

/// One document a request, in the order in which they were made.
pub(super) fn requests(outcome: &Outcome) -> impl Iterator<Item = Value> {
    outcome.records.iter().map(line)
}

fn line(record: &Record) -> Value {
    json!({
        "schema": "handstamp.requests/1",
        "time": timestamp(record.started),
        "worker": record.worker,
        "method": record.method,
        "url": record.url.as_str(),
        "route": record.route,
        "class": class(record.class),
        "status": record.status,
        "type": record.content_type(),
        "error": record.error,
        "in_scope": record.passage != Passage::OutOfScope,
        "guarded": record.passage == Passage::Guarded,
        "held": record.passage == Passage::Held,
        "session": match record.session {
            Carriage::Carried => Some(true),
            Carriage::Bare | Carriage::Dead => Some(false),
            Carriage::NotMeant => None,
        },
        "provenance": record.provenance.name(),
        "state": record.state.map(|id| id.to_string()),
        "action": record.action.map(|id| id.to_string()),
        "ms": record.duration.map(|d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)),
    })
}

/// The word for what asked for a request.
pub(super) fn class(class: Class) -> &'static str {
    match class {
        Class::Document => "document",
        Class::Call => "call",
        Class::Asset => "asset",
        Class::Socket => "websocket",
        Class::Probe => "probe",
    }
}

/// A time as RFC 3339 writes it.
pub(super) fn timestamp(time: SystemTime) -> String {
    OffsetDateTime::from(time).format(&Rfc3339).unwrap_or_default()
}
