//! Values for forms: what the user gave for which field, and what the application's own answers have shown.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use super::record::{Class, Passage, Record};

/// A dictionary of values by the names of fields.
#[derive(Debug, Default)]
pub(super) struct Values {
    given: Vec<(String, String)>,
    seen: Mutex<HashMap<String, Vec<String>>>,
}

impl Values {
    /// Begins with what the user gave: the name or label of a field, and its value.
    pub(super) fn new(given: Vec<(String, String)>) -> Self {
        Self { given, seen: Mutex::default() }
    }

    /// Takes in the values of an answer in JSON.
    pub(super) fn learn(&self, body: &[u8]) {
        if let Ok(value) = serde_json::from_slice::<Value>(body) {
            self.walk("", &value, 0);
        }
    }

    fn walk(&self, name: &str, value: &Value, depth: usize) {
        if depth > DEEP {
            return;
        }
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.walk(name, value, depth + 1);
                }
            }
            Value::Array(items) => {
                for item in items.iter().take(FEW) {
                    self.walk(name, item, depth + 1);
                }
            }
            Value::String(text) => self.note(name, text),
            Value::Number(number) => self.note(name, &number.to_string()),
            Value::Bool(_) | Value::Null => {}
        }
    }

    fn note(&self, name: &str, value: &str) {
        let name = plain(name);
        if name.is_empty() || value.trim().is_empty() || value.len() > LONG || is_secret(&name) {
            return;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = seen.contains_key(&name);
        if !is_known && seen.len() >= MANY {
            return;
        }
        let values = seen.entry(name).or_default();
        if values.len() < FEW && !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    }

    /// What the page's script is told for a form with these fields: `given` by the user, `seen` by field, and how the last try was `refused`.
    pub(super) fn hints(&self, fields: &[String], refusal: Option<&str>) -> Value {
        if fields.is_empty() {
            return json!({ "given": self.given });
        }
        let seen: HashMap<&String, Vec<String>> = fields
            .iter()
            .map(|field| (field, self.seen_for(field)))
            .filter(|(_, values)| !values.is_empty())
            .collect();
        json!({ "given": self.given, "seen": seen, "refused": refusal })
    }

    /// Values under the field's own name, or under the last word of it: `productId` takes what `id` had.
    fn seen_for(&self, field: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let name = plain(field);
        let is_search = SEARCHES.contains(&name.as_str());
        let direct = seen.get(&name);
        let last = || {
            seen.iter()
                .filter(|(known, _)| known.len() > 1 && name.ends_with(known.as_str()))
                .max_by_key(|(known, _)| known.len())
        };
        let values = direct.or_else(|| last().map(|(_, values)| values));
        let titles = || NAMES.iter().find_map(|known| seen.get(*known));
        if is_search { titles().cloned().unwrap_or_default() } else { values.cloned().unwrap_or_default() }
    }
}

/// Whether there are values to learn in a request's answer: one of which only the beginning was kept tells nothing.
pub(super) fn is_telling(record: &Record) -> bool {
    let is_answer = record.passage == Passage::InScope && record.class != Class::Asset && !record.truncated;
    is_answer && record.content_type().is_some_and(|kind| kind.contains("json"))
}

/// A name without what differs between spellings: `user_id`, `userId` and `UserID` alike.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_secret(name: &str) -> bool {
    SECRETS.iter().any(|word| name.contains(word))
}

const SEARCHES: &[&str] = &["q", "query", "search", "searchquery", "term", "keyword", "filter"];
const NAMES: &[&str] = &["name", "title", "label"];
const SECRETS: &[&str] =
    &["password", "passwd", "token", "secret", "jwt", "hash", "salt", "apikey", "credential"];
/// How many values of one name are kept, and how many items of a list are looked at.
const FEW: usize = 5;
/// How many names are kept.
const MANY: usize = 2000;
/// Longer texts are nothing to type.
const LONG: usize = 80;
/// How deep answers are looked into.
const DEEP: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn values(answer: &Value) -> Values {
        let values = Values::default();
        values.walk("", answer, 0);
        values
    }

    #[test]
    fn a_field_takes_what_answers_held_under_its_name() {
        let values = values(&json!({ "data": [{ "coupon_code": "WINTER", "id": 7 }] }));
        let hints = values.hints(&["couponCode".into(), "productId".into()], None);
        assert_eq!(hints["seen"]["couponCode"], json!(["WINTER"]));
        assert_eq!(hints["seen"]["productId"], json!(["7"]));
    }

    #[test]
    fn a_search_is_for_names_that_were_shown() {
        let values = values(&json!([{ "name": "Apple juice", "query": "x" }]));
        assert_eq!(values.hints(&["q".into()], None)["seen"]["q"], json!(["Apple juice"]));
    }

    #[test]
    fn secrets_are_no_values_to_type() {
        let values = values(&json!({ "authToken": "abc", "passwordHash": "d0" }));
        assert_eq!(values.hints(&["authToken".into(), "passwordHash".into()], None)["seen"], json!({}));
    }
}
