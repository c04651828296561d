//! The graph of a crawl as JSON.

use serde_json::{Value, json};

use super::{
    crawl::{Ways, path_name, picture_name},
    requests::timestamp,
};
use crate::crawl::{Action, Moment, Outcome, State, Status};

/// States with their actions, and the transitions between them.
pub(super) fn graph(outcome: &Outcome) -> Value {
    let graph = &outcome.graph;
    let ways = Ways::new(graph);
    json!({
        "schema": "handstamp.graph/1",
        "start": outcome.start.as_str(),
        "started": timestamp(outcome.started),
        "seconds": outcome.duration.as_secs_f64(),
        "end": outcome.end.word(),
        "complete": outcome.end.is_done(),
        "states": graph.states.iter().map(|one| state(outcome, &ways, one)).collect::<Vec<_>>(),
        "actions": graph.actions.iter().map(action).collect::<Vec<_>>(),
        "edges": graph.edges.iter().map(|edge| json!({
            "from": edge.from.to_string(), "action": edge.action.to_string(), "to": edge.to.to_string(),
        })).collect::<Vec<_>>(),
        "moments": outcome.chronicle.moments.iter().map(moment).collect::<Vec<_>>(),
    })
}

fn state(outcome: &Outcome, ways: &Ways<'_>, state: &State) -> Value {
    json!({
        "id": state.id.to_string(),
        "route": state.route,
        "url": state.url.as_str(),
        "title": state.title,
        "depth": state.depth,
        "found": outcome.chronicle.found.get(state.id.0).map(std::time::Duration::as_secs_f64),
        "screenshot": outcome.pictures.get(&state.id).map(|picture| picture_name(state.id, picture)),
        "path": path_name(state.id),
        "trail": { "entry": state.trail.entry.as_str(), "steps": ways.to(state).iter().map(|action| action.id.to_string()).collect::<Vec<_>>() },
        "provenance": state.trail.provenance.name(),
        "actions": state.actions.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn moment(moment: &Moment) -> Value {
    let (kind, words) = super::crawl::told(&moment.event);
    json!({ "seconds": moment.at.as_secs_f64(), "event": kind, "words": words })
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
        value["avoided"] = reason.to_string().into();
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
        Status::Disabled => "disabled",
        Status::Quarantined => "quarantined",
    }
}
