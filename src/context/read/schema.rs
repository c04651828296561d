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
