//! YAML as JSON, as far as descriptions of interfaces need it.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// The first document of a text; nothing when it is no YAML, or refers to itself.
pub(super) fn yaml(text: &str) -> Option<Value> {
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text).take(MOST_EVENTS) {
        let value = match event.ok()?.0 {
            Event::Scalar(text, style, ..) => scalar(&text, style),
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                Open::List(items) => items.into(),
                Open::Map(members, _) => members.into(),
            },
            Event::Alias(_) => return None,
            _ => continue,
        };
        match open.last_mut() {
            None => return Some(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(members, key)) => match key.take() {
                Some(key) => drop(members.insert(key, value)),
                None => *key = Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
            },
        }
    }
    None
}

enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    match text {
        _ if style != ScalarStyle::Plain => text.into(),
        "true" => true.into(),
        "false" => false.into(),
        "" | "null" | "~" => Value::Null,
        _ => text.into(),
    }
}

/// Longer texts are not read to their end.
const MOST_EVENTS: usize = 400_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_and_lists_become_objects_and_arrays() {
        let value = yaml("a:\n  - b: true\n    200: 'true'\n  - {c: [1]}\n");
        assert_eq!(value, Some(serde_json::json!({ "a": [{ "b": true, "200": "true" }, { "c": ["1"] }] })));
        assert_eq!(yaml("a: [b"), None);
        assert_eq!(yaml("a: &x [*x]"), None);
    }
}
