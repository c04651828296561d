//! What scripts keep between their calls: data by name, as JSON, up to a size.

use std::collections::BTreeMap;

use super::limits::KEPT;

/// Data by scope and name. It has no `Debug`, for all of it may be secret.
#[derive(Default)]
pub(super) struct Kept {
    entries: BTreeMap<(String, String), String>,
    size: usize,
}

impl Kept {
    /// The JSON text of an entry.
    pub(super) fn get(&self, scope: &str, key: &str) -> Option<&str> {
        self.entries.get(&(scope.to_owned(), key.to_owned())).map(String::as_str)
    }

    /// Sets an entry to a JSON text, or removes it; says no where there is no room for it.
    #[must_use]
    pub(super) fn put(&mut self, scope: &str, key: &str, json: Option<String>) -> bool {
        let name = (scope.to_owned(), key.to_owned());
        let old = self.entries.get(&name).map_or(0, |old| weight(&name, old));
        let new = json.as_ref().map_or(0, |json| weight(&name, json));
        if self.size - old + new > KEPT {
            return false;
        }
        self.size = self.size - old + new;
        match json {
            Some(json) => self.entries.insert(name, json),
            None => self.entries.remove(&name),
        };
        true
    }

    /// The entries of a scope, by name.
    pub(super) fn scope(&self, scope: &str) -> impl Iterator<Item = (&str, &str)> {
        self.entries
            .iter()
            .filter(move |((own, _), _)| own == scope)
            .map(|((_, key), json)| (key.as_str(), json.as_str()))
    }

    /// The entries of all scopes.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.entries.values().map(String::as_str)
    }
}

/// What an entry counts, with something for its place in the map.
fn weight((scope, key): &(String, String), json: &str) -> usize {
    64 + scope.len() + key.len() + json.len()
}

/// The text that a JSON text stands for: a string's own, else the JSON itself.
pub(super) fn plain(json: &str) -> String {
    serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_a_limit_and_room_is_given_back() {
        let mut kept = Kept::default();
        assert!(kept.put("", "big", Some("x".repeat(KEPT - 200))));
        assert!(!kept.put("", "more", Some("x".repeat(200))));
        assert!(kept.get("", "more").is_none());
        assert!(kept.put("", "big", None));
        assert!(kept.put("", "more", Some("x".repeat(200))));
        assert_eq!(kept.all().count(), 1);
    }

    #[test]
    fn scopes_do_not_see_each_other() {
        let mut kept = Kept::default();
        assert!(
            kept.put("", "token", Some("\"a\"".into())) && kept.put("other", "token", Some("\"b\"".into()))
        );
        assert_eq!(kept.scope("other").collect::<Vec<_>>(), [("token", "\"b\"")]);
        assert_eq!(plain(kept.get("", "token").unwrap()), "a");
    }
}
