//! The JSON schema of configurations, made from the description that they are read by.

use serde_json::{Map, Value, json};

use super::{
    keys::DOCUMENT,
    shape::{Chosen, Key, Need, Rest, Shape, What, Whose},
};

/// The JSON schema of a configuration, for editors.
#[must_use]
pub fn schema() -> Value {
    let mut schema = map(&DOCUMENT);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("handstamp.yaml");
    schema["description"] =
        json!("Contexts and users for handstamp; ZAP automation plans are read as they are");
    schema["oneOf"] = json!([{ "required": ["contexts"] }, { "required": ["env"] }]);
    schema
}

fn map(shape: &Shape) -> Value {
    let properties: Map<_, _> = shape.keys.iter().map(|k| (k.name.to_owned(), key(k))).collect();
    let required: Vec<_> = shape.keys.iter().filter(|k| k.need == Need::Required).map(|k| k.name).collect();
    let rest = if shape.rest == Rest::Refused { json!(false) } else { text() };
    let mut schema =
        json!({ "type": ["object", "null"], "properties": properties, "additionalProperties": rest });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if let Some(chosen) = &shape.chosen {
        schema["allOf"] = chosen.shapes.iter().map(|(word, shape)| choice(chosen, word, *shape)).collect();
    }
    schema
}

fn choice(chosen: &Chosen, word: &str, what: What) -> Value {
    let (by, key) = (chosen.by, chosen.key);
    json!({
        "if": { "properties": { by: { "const": word } }, "required": [by] },
        "then": { "properties": { key: value(what) } },
    })
}

fn key(key: &Key) -> Value {
    let mut schema = value(key.what);
    let whose = match key.whose {
        Whose::Zap => "",
        Whose::Ours => " (handstamp's own)",
        Whose::Unused => " (not used by handstamp)",
    };
    schema["description"] = json!(format!("{}{whose}", key.about));
    schema
}

fn value(what: What) -> Value {
    match what {
        What::Number(least, most) => or_variable(&json!({
            "type": ["integer", "null"], "minimum": least, "maximum": most,
        })),
        What::Word(words) => {
            let words: Vec<_> = words.iter().map(|word| json!(word)).chain([Value::Null]).collect();
            or_variable(&json!({ "enum": words }))
        }
        What::List(inner) => json!({ "type": ["array", "null"], "items": value(*inner) }),
        What::Map(shape) => map(shape),
        What::Headers | What::Texts => json!({ "type": ["object", "null"], "additionalProperties": text() }),
        What::Anything => json!({}),
        _ => text(),
    }
}

/// Numbers and truth values are read as texts, too.
fn text() -> Value {
    json!({ "type": ["string", "number", "boolean", "null"] })
}

fn or_variable(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "string", "pattern": "\\$\\{.+\\}" }] })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{
        super::{
            keys_login::STEPS,
            yaml::{Body, Node},
        },
        *,
    };
    use crate::context::StepKind;

    /// A tree as JSON; what looks like a number or truth value is one.
    fn as_json(node: &Node) -> Value {
        match &node.body {
            Body::Nothing => Value::Null,
            Body::Scalar(text) => match serde_json::from_str(text) {
                Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
                _ => json!(text),
            },
            Body::List(items) => items.iter().map(as_json).collect(),
            Body::Map(entries) => {
                Value::Object(entries.iter().map(|e| (e.key.clone(), as_json(&e.value))).collect())
            }
        }
    }

    fn mistakes(path: &Path) -> Vec<String> {
        let node = Node::read(&fs::read_to_string(path).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema()).unwrap();
        validator
            .iter_errors(&as_json(&node))
            .map(|e| format!("{}: {}: {e}", path.display(), e.instance_path()))
            .collect()
    }

    #[test]
    fn what_is_read_fits_the_schema_and_what_is_refused_does_not() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut count = 0;
        for entry in fs::read_dir(root.join("tests/config")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            match name.as_str() {
                "bad" => assert!(mistakes(&path).len() > 10),
                // Its keys without values are those of other methods.
                "template" => {}
                _ => assert_eq!(mistakes(&path), [""; 0]),
            }
            count += 1;
        }
        assert!(count > 5, "the plans were found");
        assert_eq!(mistakes(&root.join("examples/handstamp.yaml")), [""; 0]);
    }

    #[test]
    fn the_steps_of_the_schema_are_the_steps_that_there_are() {
        assert_eq!(StepKind::ALL.map(StepKind::word), STEPS);
    }
}
