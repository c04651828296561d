//! GraphQL: asks an endpoint what it offers, and reads the answer.

use serde_json::{Value, json};

/// An operation that an endpoint offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// `query`, `mutation` or `subscription`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The names of its arguments.
    pub arguments: Vec<String>,
}

/// The question that reads the names of all operations, and changes nothing.
pub(super) fn question() -> Value {
    let fields = "fields { name args { name } }";
    json!({ "query": format!(
        "query {{ __schema {{ queryType {{ {fields} }} mutationType {{ {fields} }} subscriptionType {{ {fields} }} }} }}"
    ) })
}

/// The operations in an answer to [`question`]; nothing when the endpoint does not tell.
pub(super) fn operations(text: &str) -> Option<Vec<Operation>> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let schema = answer["data"]["__schema"].as_object()?;
    let kinds = [("query", "queryType"), ("mutation", "mutationType"), ("subscription", "subscriptionType")];
    let operations = kinds.into_iter().flat_map(|(kind, member)| {
        let fields = schema.get(member).and_then(|found| found["fields"].as_array()).into_iter().flatten();
        fields.filter_map(move |field| operation(kind, field))
    });
    Some(operations.collect())
}

fn operation(kind: &'static str, field: &Value) -> Option<Operation> {
    let arguments = field["args"].as_array().into_iter().flatten();
    let arguments = arguments.filter_map(|argument| argument["name"].as_str().map(str::to_owned)).collect();
    Some(Operation { kind, name: field["name"].as_str()?.to_owned(), arguments })
}

/// Whether a path is what GraphQL endpoints are called.
pub(super) fn is_graphql_path(path: &str) -> bool {
    path.trim_end_matches('/').rsplit('/').next().is_some_and(|last| matches!(last, "graphql" | "gql"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_read_with_their_arguments() {
        let answer = r#"{"data":{"__schema":{"queryType":{"fields":[{"name":"user","args":[{"name":"id"}]}]},
            "mutationType":{"fields":[{"name":"rename","args":[]}]},"subscriptionType":null}}}"#;
        let found: Vec<String> = operations(answer)
            .unwrap()
            .into_iter()
            .map(|o| format!("{} {} {:?}", o.kind, o.name, o.arguments))
            .collect();
        assert_eq!(found, [r#"query user ["id"]"#, "mutation rename []"]);
        assert!(operations(r#"{"errors":[{"message":"no"}]}"#).is_none());
    }
}
