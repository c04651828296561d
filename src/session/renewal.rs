//! Puts a renewed value in the place of an old one, wherever a session holds it.

use serde_json::Value;

use super::{Database, Item, Secret, State};

impl State {
    /// Puts `new` wherever `old` stands: in cookies, web storage, `IndexedDB` and headers, also within longer values.
    ///
    /// Returns whether it stood anywhere. Values of less than eight bytes are left alone, for they stand anywhere by chance.
    pub fn replace(&mut self, old: &Secret, new: &Secret) -> bool {
        let (from, to) = (old.expose(), new.expose());
        if from.len() < SHORTEST || from == to {
            return false;
        }
        let mut changed = false;
        for cookie in &mut self.cookies {
            changed |= swap(&mut cookie.value, from, to);
        }
        for token in &mut self.headers {
            changed |= swap(&mut token.value, from, to);
        }
        for (_, value) in &mut self.values {
            changed |= swap(value, from, to);
        }
        for origin in &mut self.origins {
            for Item { value, .. } in origin.local_storage.iter_mut().chain(&mut origin.session_storage) {
                changed |= swap(value, from, to);
            }
            for base in &mut origin.indexed_db {
                changed |= swap_in_database(base, from, to);
            }
        }
        changed
    }
}

fn swap(secret: &mut Secret, from: &str, to: &str) -> bool {
    let is_there = secret.expose().contains(from);
    if is_there {
        *secret = secret.expose().replace(from, to).as_str().into();
    }
    is_there
}

fn swap_in_database(base: &mut Database, from: &str, to: &str) -> bool {
    let mut document = base.expose().clone();
    let changed = swap_in(&mut document, from, to);
    if let Some(renewed) = Some(document).filter(|_| changed).and_then(Database::new) {
        *base = renewed;
    }
    changed
}

fn swap_in(value: &mut Value, from: &str, to: &str) -> bool {
    match value {
        Value::String(text) if text.contains(from) => {
            *text = text.replace(from, to);
            true
        }
        Value::Array(items) => {
            items.iter_mut().fold(false, |changed, item| swap_in(item, from, to) | changed)
        }
        Value::Object(fields) => {
            fields.values_mut().fold(false, |changed, item| swap_in(item, from, to) | changed)
        }
        _ => false,
    }
}

const SHORTEST: usize = 8;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        session::{HeaderToken, Source},
        site::Origin,
    };

    #[test]
    fn a_value_is_renewed_wherever_it_stands() {
        let origin = Origin::parse("https://shop.example").unwrap();
        let header = HeaderToken {
            origin: origin.clone(),
            name: "Authorization".into(),
            value: "Bearer old-token-1".into(),
            source: Source::Memory,
        };
        let mut state = State { headers: vec![header], ..State::default() };
        let storage = state.origin_mut(&origin);
        storage.local_storage.push(Item::new("auth", r#"{"token":"old-token-1","name":"jim"}"#));
        let base = json!({"name": "db", "stores": [{"name": "s", "records": [{"key": "k", "value": "old-token-1"}]}]});
        storage.indexed_db.extend(Database::new(base));
        assert!(state.replace(&"old-token-1".into(), &"new".into()));
        assert_eq!(state.headers[0].value.expose(), "Bearer new");
        assert_eq!(state.origins[0].local_storage[0].value.expose(), r#"{"token":"new","name":"jim"}"#);
        assert_eq!(state.origins[0].indexed_db[0].expose()["stores"][0]["records"][0]["value"], "new");
        assert!(!state.replace(&"old-token-1".into(), &"new".into()));
    }

    #[test]
    fn short_values_are_left_alone() {
        let mut state = State::default();
        state
            .origin_mut(&Origin::parse("https://a.example").unwrap())
            .local_storage
            .push(Item::new("a", "1"));
        assert!(!state.replace(&"1".into(), &"2".into()));
    }
}
