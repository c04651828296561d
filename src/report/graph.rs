//! The graph of a crawl as JSON.

use serde_json::{Value, json};

use super::requests::timestamp;
use crate::crawl::{Action, Outcome, State, Status};

/// States with their actions, and the transitions between them.
pub(super) fn graph(outcome: &Outcome) -> Value {
    let graph = &outcome.graph;
    json!({
        "schema": "handstamp.graph/1",
        "start": outcome.start.as_str(),
        "started": timestamp(outcome.started),
        "seconds": outcome.duration.as_secs_f64(),
        "end": outcome.end.word(),
        "complete": outcome.end.is_done(),
        "states": graph.states.iter().map(state).collect::<Vec<_>>(),
        "actions": graph.actions.iter().map(action).collect::<Vec<_>>(),
        "edges": graph.edges.iter().map(|edge| json!({
            "from": edge.from.to_string(), "action": edge.action.to_string(), "to": edge.to.to_string(),
        })).collect::<Vec<_>>(),
    })
}

fn state(state: &State) -> Value {
    json!({
        "id": state.id.to_string(),
        "route": state.route,
        "url": state.url.as_str(),
        "title": state.title,
        "depth": state.depth,
        "provenance": state.trail.provenance.name(),
        "actions": state.actions.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn action(action: &Action) -> Value {
    let mut value = json!({
        "id": action.id.to_string(),
        "state": action.state.to_string(),
        "kind": action.kind.name(),
        "role": action.role,
        "name": action.name,
        "path": action.path,
        "status": status(action.status),
    });
    if let Some(href) = &action.href {
        value["href"] = href.as_str().into();
    }
    if !action.fields.is_empty() {
        value["fields"] = action.fields.clone().into();
    }
    if let Status::Avoided(reason) = action.status {
        value["avoided"] = reason.into();
    }
    value
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Folded => "folded",
        Status::Fired => "fired",
        Status::Avoided(_) => "avoided",
        Status::Unreachable => "unreachable",
        Status::Quarantined => "quarantined",
    }
}
