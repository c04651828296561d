//! A description of the interface that a crawl saw, as `OpenAPI` 3.1.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    catalog::{Catalog, Endpoint},
    shape::Shape,
};
use crate::crawl::Outcome;

/// The document: confirmed endpoints with their parameters and the schemas of their bodies, and no value of any of them.
pub(super) fn openapi(outcome: &Outcome, catalog: &Catalog<'_>) -> Value {
    let own = outcome.start.origin().ascii_serialization();
    let mut paths: Map<String, Value> = Map::new();
    let told = catalog.endpoints.iter().filter(|e| e.is_confirmed() && !e.is_socket);
    for endpoint in told.clone().filter(|e| METHODS.contains(&e.method.as_str())) {
        let item = paths.entry(endpoint.path.clone()).or_insert_with(|| json!({}));
        let method = endpoint.method.to_ascii_lowercase();
        if item.get(&method).is_none() {
            item[method] = operation(endpoint, &own);
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("What was seen of {own}"),
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Inferred from the requests of a crawl: what nobody asked for is missing.",
        },
        "servers": [{ "url": own }],
        "paths": paths,
    });
    if told.clone().any(|endpoint| endpoint.has_bearer) {
        document["components"] =
            json!({ "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } } });
    }
    document
}

fn operation(endpoint: &Endpoint, own: &str) -> Value {
    let path = endpoint.path_parameters.iter().map(|(name, shape)| parameter("path", name, shape));
    let query = endpoint.query.iter().map(|(name, shape)| parameter("query", name, shape));
    // Gaps within segments have names too.
    let partial =
        inner_gaps(&endpoint.path).into_iter().map(|name| parameter("path", &name, &Shape::default()));
    let parameters: Vec<Value> = path.chain(partial).chain(query).collect();
    let mut operation = json!({
        "operationId": operation_id(endpoint, own),
        "responses": responses(endpoint),
        "x-provenance": endpoint.provenance.map(crate::crawl::Provenance::name),
    });
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if !endpoint.bodies.is_empty() {
        operation["requestBody"] = json!({ "content": contents(&endpoint.bodies) });
    }
    if endpoint.has_bearer {
        operation["security"] = json!([{ "bearer": [] }]);
    }
    if endpoint.origin != own {
        operation["servers"] = json!([{ "url": endpoint.origin }]);
    }
    operation
}

fn parameter(place: &str, name: &str, shape: &Shape) -> Value {
    let mut schema = shape.schema();
    if schema.as_object().is_some_and(Map::is_empty) {
        schema = json!({ "type": "string" });
    }
    let mut parameter = json!({ "name": name, "in": place, "schema": schema });
    if place == "path" {
        parameter["required"] = true.into();
    }
    parameter
}

fn inner_gaps(path: &str) -> Vec<String> {
    let inner = path.split('/').filter(|s| s.contains('{') && !(s.starts_with('{') && s.ends_with('}')));
    let names = inner.flat_map(|s| s.split('{').skip(1)).filter_map(|rest| rest.split_once('}'));
    names.map(|(name, _)| name.to_owned()).collect()
}

fn contents(bodies: &std::collections::BTreeMap<String, Shape>) -> Value {
    let contents = bodies.iter().map(|(kind, shape)| (kind.clone(), json!({ "schema": shape.schema() })));
    contents.collect::<Map<String, Value>>().into()
}

fn responses(endpoint: &Endpoint) -> Value {
    let answers = endpoint.answers.iter().map(|(status, kinds)| {
        let reason =
            StatusCode::from_u16(*status).ok().and_then(|s| s.canonical_reason()).unwrap_or("an answer");
        let mut answer = json!({ "description": reason });
        if !kinds.is_empty() {
            answer["content"] = contents(kinds);
        }
        (status.to_string(), answer)
    });
    let mut answers: Map<String, Value> = answers.collect();
    if answers.is_empty() {
        answers.insert("default".into(), json!({ "description": "No answer was seen." }));
    }
    answers.into()
}

/// A name that no other operation has: method and path, and the origin where it is another one.
fn operation_id(endpoint: &Endpoint, own: &str) -> String {
    let elsewhere = if endpoint.origin == own { "" } else { endpoint.origin.as_str() };
    let text = format!("{} {elsewhere}{}", endpoint.method.to_ascii_lowercase(), endpoint.path);
    let words = text.replace('{', "by-").replace('}', "");
    let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];
