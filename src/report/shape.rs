//! The shape of JSON values that were seen, and its schema: names and types, never values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// What values of one place had in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    types: BTreeSet<&'static str>,
    formats: BTreeSet<&'static str>,
    members: BTreeMap<String, Shape>,
    items: Option<Box<Shape>>,
    /// How many values were seen, and how many of them were objects.
    seen: usize,
    objects: usize,
}

impl Shape {
    /// Takes in a value.
    pub(super) fn learn(&mut self, value: &Value) {
        self.learn_within(value, 0);
    }

    /// Takes in a text from an address or a form, which may be a number.
    pub(super) fn learn_text(&mut self, text: &str) {
        let is_number = text.len() < 16 && text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
        self.learn(&if is_number {
            Value::from(text.parse::<i64>().unwrap_or_default())
        } else {
            text.into()
        });
    }

    /// The names of the types, as JSON schema calls them.
    pub(super) fn types(&self) -> impl Iterator<Item = &'static str> {
        self.types.iter().copied()
    }

    pub(super) fn members(&self) -> impl Iterator<Item = (&String, &Self)> {
        self.members.iter()
    }

    /// A member by name, made where it is new.
    pub(super) fn member(&mut self, name: &str) -> &mut Self {
        self.members.entry(name.to_owned()).or_default()
    }

    /// How many names there are in it, in all depths.
    pub(super) fn size(&self) -> usize {
        self.members.len()
            + self.members.values().map(Self::size).sum::<usize>()
            + self.items.as_ref().map_or(0, |items| items.size())
    }

    fn learn_within(&mut self, value: &Value, deep: usize) {
        self.seen += 1;
        self.types.insert(type_of(value));
        match value {
            Value::Object(members) if deep < DEEPEST => {
                self.objects += 1;
                for (name, member) in members.iter().take(MOST_MEMBERS) {
                    self.member(name).learn_within(member, deep + 1);
                }
            }
            Value::Array(items) if deep < DEEPEST => {
                let shape = self.items.get_or_insert_default();
                items.iter().take(MOST_ITEMS).for_each(|item| shape.learn_within(item, deep + 1));
            }
            Value::String(text) => {
                self.formats.insert(format_of(text));
            }
            _ => {}
        }
    }

    /// As a JSON schema.
    pub(super) fn schema(&self) -> Value {
        let mut schema = Map::new();
        let mut types: Vec<&str> = self.types().collect();
        // All integers are numbers.
        if types.contains(&"number") {
            types.retain(|name| *name != "integer");
        }
        match types.as_slice() {
            [] => {}
            [one] => drop(schema.insert("type".into(), json!(one))),
            _ => drop(schema.insert("type".into(), json!(types))),
        }
        if let (1, Some(format)) = (self.formats.len(), self.formats.first().filter(|f| !f.is_empty())) {
            schema.insert("format".into(), json!(format));
        }
        if !self.members.is_empty() {
            let members: Map<String, Value> =
                self.members.iter().map(|(n, s)| (n.clone(), s.schema())).collect();
            schema.insert("properties".into(), members.into());
            let always = self.members.iter().filter(|(_, s)| s.seen >= self.objects && self.objects > 0);
            let always: Vec<&String> = always.map(|(name, _)| name).collect();
            if !always.is_empty() {
                schema.insert("required".into(), json!(always));
            }
        }
        if let Some(items) = &self.items {
            schema.insert("items".into(), items.schema());
        }
        schema.into()
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The format of a text, where it is plain to see.
fn format_of(text: &str) -> &'static str {
    let is_at = |at: usize, what: u8| text.as_bytes().get(at) == Some(&what);
    let is_date = text.len() >= 10 && is_at(4, b'-') && is_at(7, b'-') && text[..4].parse::<u16>().is_ok();
    match text.len() {
        36 if [8, 13, 18, 23].iter().all(|at| is_at(*at, b'-')) => "uuid",
        10 if text.is_ascii() && is_date => "date",
        19.. if text.is_ascii() && is_date && is_at(10, b'T') => "date-time",
        _ => "",
    }
}

const DEEPEST: usize = 8;
const MOST_MEMBERS: usize = 100;
const MOST_ITEMS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_tells_what_values_have_in_common() {
        let mut shape = Shape::default();
        shape.learn(&json!({ "id": 1, "at": "2026-01-02T03:04:05Z", "tags": ["a"], "note": null }));
        shape.learn(&json!({ "id": 2.5, "at": "2026-01-03T03:04:05Z" }));
        assert_eq!(
            shape.schema(),
            json!({ "type": "object", "required": ["at", "id"], "properties": {
                "id": { "type": "number" },
                "at": { "type": "string", "format": "date-time" },
                "tags": { "type": "array", "items": { "type": "string" } },
                "note": { "type": "null" },
            } })
        );
    }

    #[test]
    fn texts_of_addresses_may_be_numbers() {
        let types = |text: &str| {
            let mut shape = Shape::default();
            shape.learn_text(text);
            shape.types().collect::<Vec<_>>()
        };
        assert_eq!(
            (types("12"), types("012"), types("x")),
            (vec!["integer"], vec!["string"], vec!["string"])
        );
    }
}
