//! The endpoints of a crawl as JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Redactor,
    catalog::{Catalog, Endpoint, Refused},
    shape::Shape,
};
use crate::crawl::{Outcome, Provenance};

/// All endpoints with their parameters and where they were found, and those that were read of but are not there.
pub(super) fn endpoints(outcome: &Outcome, catalog: &Catalog<'_>, redactor: &Redactor) -> Value {
    let count = |provenance| catalog.endpoints.iter().filter(|e| e.provenance == provenance).count();
    json!({
        "schema": "handstamp.endpoints/1",
        "start": outcome.start.as_str(),
        "counts": {
            "interaction": count(Some(Provenance::Interaction)),
            "mined": count(Some(Provenance::Mined)),
            "unconfirmed": count(None),
            "refused": catalog.refused.len(),
        },
        "endpoints": catalog.endpoints.iter().map(|e| endpoint(e, redactor)).collect::<Vec<_>>(),
        "refused": catalog.refused.iter().map(refused).collect::<Vec<_>>(),
    })
}

fn endpoint(endpoint: &Endpoint, redactor: &Redactor) -> Value {
    let types: Vec<&String> = endpoint.answers.values().flat_map(BTreeMap::keys).collect();
    let types: std::collections::BTreeSet<_> = types.into_iter().collect();
    let mut value = json!({
        "method": endpoint.method,
        "origin": endpoint.origin,
        "path": endpoint.path,
        "parameters": parameters(endpoint),
        "confirmed": endpoint.is_confirmed(),
        "provenance": endpoint.provenance.unwrap_or(Provenance::Mined).name(),
        "sources": endpoint.sources,
        "count": endpoint.count,
        "session": session(endpoint),
        "statuses": endpoint.answers.keys().collect::<Vec<_>>(),
        "types": types,
    });
    if let Some(example) = &endpoint.example {
        value["example"] = safe_url(example, redactor).into();
    }
    if let Some(reason) = endpoint.reason {
        value["unconfirmed"] = reason.into();
    }
    if endpoint.is_socket {
        value["socket"] = true.into();
    }
    if !endpoint.operations.is_empty() {
        let operations = endpoint.operations.iter();
        let operations =
            operations.map(|o| json!({ "kind": o.kind, "name": o.name, "arguments": o.arguments }));
        value["operations"] = operations.collect();
    }
    value
}

/// Parameters with their places: path, query, and the fields of the body.
fn parameters(endpoint: &Endpoint) -> Vec<Value> {
    let path = endpoint.path_parameters.iter().map(|(name, shape)| parameter("path", name, shape));
    let query = endpoint.query.iter().map(|(name, shape)| parameter("query", name, shape));
    let mut fields: BTreeMap<&String, &Shape> = BTreeMap::new();
    for (name, shape) in endpoint.bodies.values().flat_map(Shape::members) {
        fields.entry(name).or_insert(shape);
    }
    let unknown = Shape::default();
    for name in &endpoint.fields {
        fields.entry(name).or_insert(&unknown);
    }
    let body = fields.into_iter().map(|(name, shape)| parameter("body", name, shape));
    path.chain(query).chain(body).collect()
}

fn parameter(place: &str, name: &str, shape: &Shape) -> Value {
    let mut value = Map::new();
    value.insert("in".into(), place.into());
    value.insert("name".into(), name.into());
    value.insert("types".into(), shape.types().collect());
    value.into()
}

/// Whether the session was on the requests: on all, on some, on none; nothing when none was made.
fn session(endpoint: &Endpoint) -> Option<&'static str> {
    match (endpoint.carried, endpoint.count) {
        (_, 0) => None,
        (0, _) => Some("none"),
        (carried, count) if carried == count => Some("all"),
        _ => Some("some"),
    }
}

/// An address in which the values of parameters that are named like secrets are taken out.
fn safe_url(text: &str, redactor: &Redactor) -> String {
    let Ok(mut url) = Url::parse(text) else { return redactor.text(text) };
    let query = url.query().map(|query| redactor.body(query, "application/x-www-form-urlencoded"));
    url.set_query(query.as_deref());
    let _ = url.set_password(None);
    redactor.text(url.as_str())
}

fn refused(refused: &Refused<'_>) -> Value {
    json!({
        "method": refused.mined.method.as_deref().unwrap_or("GET"),
        "url": refused.mined.template,
        "status": refused.status,
        "reason": if refused.status.is_some() { "refused" } else { "answered like any address" },
        "sources": refused.mined.sources,
    })
}
