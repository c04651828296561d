//! Finds the value of a template's place in a session as it is now.

use serde_json::Value;

use super::{Item, OriginState, Place, Secret, State, leaves, token};
use crate::site::Origin;

impl State {
    /// The value that `place` has for requests to `origin`, or nothing where it has none.
    ///
    /// What belongs to `origin` itself wins over what other origins have stored; cookies depend on the whole URL and
    /// have no value here. What comes by only once, at the login, is looked up among [`State::values`].
    #[must_use]
    pub fn value_of(&self, place: &Place, origin: &Origin) -> Option<Secret> {
        let found = match place {
            Place::Cookie(_) => None,
            Place::LocalStorage(key, path) => {
                self.stored(origin, |stored| item(&stored.local_storage, key, path.as_deref()))
            }
            Place::SessionStorage(key, path) => {
                self.stored(origin, |stored| item(&stored.session_storage, key, path.as_deref()))
            }
            Place::IndexedDb { database, store, key, path } => {
                self.stored(origin, |stored| record(stored, [database, store, key], path.as_deref()))
            }
            Place::Memory(name) => self.remembered(origin, name),
            Place::Json(_) | Place::Header(_) | Place::Url(_) | Place::Env(_) | Place::Script(_) => {
                self.values.iter().find(|(at, _)| at == place).map(|(_, value)| value.expose().to_owned())
            }
        };
        found.filter(|text| !text.is_empty()).map(Secret::from)
    }

    fn stored(&self, home: &Origin, find: impl Fn(&OriginState) -> Option<String>) -> Option<String> {
        let own = self.origins.iter().filter(|stored| stored.origin == *home);
        let others = self.origins.iter().filter(|stored| stored.origin != *home);
        own.chain(others).find_map(find)
    }

    fn remembered(&self, home: &Origin, name: &str) -> Option<String> {
        let mut named = self.headers.iter().filter(|token| token.name.eq_ignore_ascii_case(name));
        let own = named.clone().find(|token| token.origin == *home);
        own.or_else(|| named.next()).map(|token| token.value.expose().to_owned())
    }
}

/// The text, number or yes-or-no at `path` in a JSON document, names and numbers with dots between them.
///
/// JSON that is kept inside a text is seen through.
#[must_use]
pub fn value_at(document: &str, path: &str) -> Option<Secret> {
    let value: Value = serde_json::from_str(document).ok()?;
    leaves::at(&value, path).map(Secret::from)
}

fn item(items: &[Item], key: &str, path: Option<&str>) -> Option<String> {
    let item = items.iter().find(|item| item.name == key)?;
    leaves::at(&Value::from(item.value.expose()), path.unwrap_or_default())
}

fn record(stored: &OriginState, [database, store, key]: [&String; 3], path: Option<&str>) -> Option<String> {
    let database = stored.indexed_db.iter().find(|known| known.name() == database)?;
    let store = token::list(database.expose(), "stores")
        .find(|known| known.get("name").and_then(Value::as_str) == Some(store))?;
    let record =
        token::list(store, "records").find(|record| token::record_key(store, record) == key.as_str())?;
    let value = record.get("value").or_else(|| record.get("valueEncoded"))?;
    leaves::at(value, path.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::session::{Database, HeaderToken, Source};

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    fn state() -> State {
        let mut state = State::default();
        let auth = json!({"user": {"token": "deep"}}).to_string();
        let app = state.origin_mut(&origin("https://app.example"));
        app.local_storage.push(Item::new("auth", auth));
        app.local_storage.push(Item::new("both", "app"));
        app.session_storage.push(Item::new("bid", "6"));
        app.indexed_db.extend(Database::new(json!({"name": "db", "stores": [
            {"name": "s", "records": [{"key": "a/b", "value": {"t": ["x"]}}]},
            {"name": "in", "keyPath": "id", "records": [{"value": {"id": 7, "t": "y"}}]},
        ]})));
        state.origin_mut(&origin("https://api.example")).local_storage.push(Item::new("both", "api"));
        for (home, value) in [("https://app.example", "Bearer 1"), ("https://api.example", "Bearer 2")] {
            let (name, source) = ("Authorization".to_owned(), Source::Memory);
            state.headers.push(HeaderToken { origin: origin(home), name, value: value.into(), source });
        }
        state.values.push((Place::Json("token".into()), "kept".into()));
        state.values.push((Place::Env("EMPTY".into()), "".into()));
        state
    }

    fn found(place: &str, home: &str) -> Option<String> {
        let place: Place = place.parse().unwrap();
        state().value_of(&place, &origin(home)).map(|value| value.expose().to_owned())
    }

    #[test]
    fn every_kind_of_place_is_found() {
        for (place, value) in [
            ("localStorage:auth|user.token", "deep"),
            ("sessionStorage:bid", "6"),
            ("indexedDB:db/s/a/b|t.0", "x"),
            ("indexedDB:db/in/7|t", "y"),
            ("memory:authorization", "Bearer 1"),
            ("json:token", "kept"),
        ] {
            assert_eq!(found(place, "https://app.example").as_deref(), Some(value), "{place}");
        }
    }

    #[test]
    fn an_origin_s_own_value_wins_over_that_of_another() {
        assert_eq!(found("localStorage:both", "https://api.example").as_deref(), Some("api"));
        assert_eq!(found("memory:Authorization", "https://api.example").as_deref(), Some("Bearer 2"));
        assert_eq!(found("localStorage:both", "https://other.example").as_deref(), Some("app"));
    }

    #[test]
    fn what_is_not_there_or_empty_has_no_value() {
        for place in [
            "localStorage:auth|user.nobody",
            "localStorage:nothing",
            "indexedDB:db/s/c",
            "indexedDB:db/x/a",
            "memory:X-Other",
            "json:other",
            "env:EMPTY",
            "cookie:sid",
        ] {
            assert_eq!(found(place, "https://app.example"), None, "{place}");
        }
    }

    #[test]
    fn a_document_gives_what_its_path_leads_to() {
        assert_eq!(value_at(r#"{"a":{"b":[5]}}"#, "a.b.0").unwrap().expose(), "5");
        assert!(value_at("no json", "a").is_none());
    }
}
