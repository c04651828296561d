//! A YAML document as a plain tree, for documents other than configurations.

use serde_json::Value;

use super::yaml::{Body, Node};

/// Reads a YAML document. Numbers and truth values are texts, as they were written.
///
/// # Errors
/// What is wrong with it and where, without repeating what stands there.
pub fn tree(text: &str) -> Result<Value, String> {
    let node = Node::read(text).map_err(|e| format!("{}:{}: {}", e.at.line, e.at.column, e.message))?;
    Ok(plain(node))
}

fn plain(node: Node) -> Value {
    match node.body {
        Body::Nothing => Value::Null,
        Body::Scalar(text) => text.into(),
        Body::List(items) => items.into_iter().map(plain).collect(),
        Body::Map(entries) => entries.into_iter().map(|entry| (entry.key, plain(entry.value))).collect(),
    }
}
