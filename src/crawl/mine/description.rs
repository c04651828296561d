//! Descriptions of interfaces: `OpenAPI` and Swagger documents, in JSON and YAML.

use serde_json::{Map, Value};

use super::{
    find::{Find, What},
    template::{join, template},
    yaml::yaml,
};

/// Where such documents lie by custom.
pub(super) const USUAL_PLACES: &[&str] = &[
    "/openapi.json",
    "/openapi.yaml",
    "/swagger.json",
    "/swagger/v1/swagger.json",
    "/v3/api-docs",
    "/v2/api-docs",
    "/api-docs",
    "/api/openapi.json",
    "/api/swagger.json",
    "/api/schema/",
    "/api-docs/swagger.json",
    "/docs/openapi.json",
];

/// The calls that a document describes; nothing when it is no such document.
pub(super) fn description(text: &str) -> Option<Vec<Find>> {
    let document = serde_json::from_str(text).ok().or_else(|| yaml(text))?;
    let is_description = document["openapi"].is_string() || document["swagger"].is_string();
    let paths = document["paths"].as_object().filter(|_| is_description)?;
    let base = base(&document);
    let calls = paths.iter().flat_map(|(path, item)| calls(&document, &base, path, item));
    Some(calls.collect())
}

/// What stands before all paths: the first server's address, or the base path of older documents.
fn base(document: &Value) -> String {
    let server = document["servers"][0]["url"].as_str().or_else(|| document["basePath"].as_str());
    server.unwrap_or_default().trim_end_matches('/').to_owned()
}

fn calls(document: &Value, base: &str, path: &str, item: &Value) -> Vec<Find> {
    let target = if base.is_empty() { template(path) } else { join(base, &template(path)) };
    let operations = item.as_object().into_iter().flat_map(Map::iter);
    let operations = operations.filter(|(method, _)| super::find::is_method(method));
    operations
        .map(|(method, operation)| {
            let parameters = [&item["parameters"], &operation["parameters"]];
            let parameters: Vec<&Value> = parameters.iter().filter_map(|p| p.as_array()).flatten().collect();
            let query: Vec<String> = parameters
                .iter()
                .map(|parameter| resolved(document, parameter))
                .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
                .filter_map(|parameter| parameter["name"].as_str().map(|name| format!("{name}={{{name}}}")))
                .collect();
            let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
            let fields = fields(document, operation, &parameters);
            Find { fields, ..Find::new(What::Call, format!("{target}{query}")).by(method) }
        })
        .collect()
}

fn fields(document: &Value, operation: &Value, parameters: &[&Value]) -> Vec<String> {
    let contents = resolved(document, &operation["requestBody"])["content"].as_object();
    let body = contents.and_then(|contents| contents.values().next()).map(|content| &content["schema"]);
    let old =
        parameters.iter().find(|parameter| parameter["in"] == "body").map(|parameter| &parameter["schema"]);
    let schema = body.or(old).map(|schema| resolved(document, schema));
    let properties = schema.and_then(|schema| schema["properties"].as_object());
    properties.into_iter().flat_map(Map::keys).cloned().collect()
}

/// What a reference within the document stands for.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let told = |f: Find| format!("{} {} {}", f.method.unwrap_or_default(), f.target, f.fields.join(","));
        description(text).unwrap_or_default().into_iter().map(told).collect()
    }

    #[test]
    fn both_generations_are_read_in_both_spellings() {
        let new = r##"{"openapi":"3.1.0","servers":[{"url":"/v1/"}],"components":{"schemas":{"A":{"properties":{"x":{},"y":{}}}}},
            "paths":{"/a/{id}":{"get":{"parameters":[{"in":"query","name":"q","required":true}]},
            "put":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}}}}"##;
        assert_eq!(found(new), ["GET /v1/a/{id}?q={q} ", "PUT /v1/a/{id} x,y"]);
        let old = "swagger: '2.0'\nbasePath: /api\npaths:\n  /b:\n    post:\n      parameters:\n        - in: body\n          schema: {properties: {z: {}}}\n";
        assert_eq!(found(old), ["POST /api/b z"]);
    }

    #[test]
    fn other_documents_are_none() {
        assert!(description("{\"paths\":{}}").is_none());
        assert!(description("<html>").is_none());
    }
}
