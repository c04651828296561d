//! The values that a script keeps in one session.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::kept::{Kept, plain};

/// What `getSession().setValue` keeps: one handle for each session, cloned to whoever uses that session.
///
/// `Debug` shows names and no value.
#[derive(Clone, Default)]
pub struct Values(Arc<Mutex<Kept>>);

impl Values {
    /// Without any value.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Those that [`Values::expose`] gave, as when a session is read from a file. What has no room is left out.
    #[must_use]
    pub fn restore(values: &BTreeMap<String, serde_json::Value>) -> Self {
        let restored = Self::default();
        for (name, value) in values {
            if !restored.put(name, Some(value.to_string())) {
                tracing::warn!(name, "a value of a session script is too large to be restored");
            }
        }
        restored
    }

    /// All values, in the clear. Whoever calls this answers for where they go.
    #[must_use]
    pub fn expose(&self) -> BTreeMap<String, serde_json::Value> {
        self.read(|kept| {
            kept.scope("")
                .filter_map(|(name, json)| Some((name.to_owned(), serde_json::from_str(json).ok()?)))
                .collect()
        })
    }

    /// A value: a string's own text, else JSON; a secret as a rule.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.read(|kept| kept.get("", name).map(plain))
    }

    /// The names of the values.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.read(|kept| kept.scope("").map(|(name, _)| name.to_owned()).collect())
    }

    /// Looks at what is kept, for no longer than `look` takes.
    pub(super) fn read<R>(&self, look: impl FnOnce(&Kept) -> R) -> R {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets or removes a value.
    pub(super) fn put(&self, name: &str, json: Option<String>) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put("", name, json)
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Values").field(&self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_being_kept_elsewhere_and_debug_output_hides_them() {
        let values = Values::new();
        assert!(values.put("token", Some("\"hunter2\"".into())) && values.put("ids", Some("[1,2]".into())));
        let restored = Values::restore(&values.expose());
        assert_eq!(restored.get("token").as_deref(), Some("hunter2"));
        assert_eq!(restored.get("ids").as_deref(), Some("[1,2]"));
        assert_eq!(format!("{restored:?}"), r#"Values(["ids", "token"])"#);
    }
}
