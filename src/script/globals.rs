//! The variables that scripts share with each other and with header templates.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::kept::{Kept, plain};

/// ZAP's script variables: one handle, cloned to all scripts that share them.
///
/// `Debug` shows the names of the global variables and no value.
#[derive(Clone, Default)]
pub struct Globals(Arc<Mutex<Kept>>);

impl Globals {
    /// Without any variable.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a global variable, as `ScriptVars.getGlobalVar` gives it; a secret as a rule.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.read(|kept| kept.get("", name).map(plain))
    }

    /// Sets a global variable, as `ScriptVars.setGlobalVar` does; says no when the variables have no room left.
    #[must_use]
    pub fn set(&self, name: &str, value: &str) -> bool {
        self.put("", name, Some(serde_json::Value::from(value).to_string()))
    }

    /// Removes a global variable.
    pub fn remove(&self, name: &str) {
        let _removing_needs_no_room = self.put("", name, None);
    }

    /// The names of the global variables.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.read(|kept| kept.scope("").map(|(name, _)| name.to_owned()).collect())
    }

    /// Looks at what is kept, for no longer than `look` takes.
    pub(super) fn read<R>(&self, look: impl FnOnce(&Kept) -> R) -> R {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets or removes a variable of any scope.
    pub(super) fn put(&self, scope: &str, name: &str, json: Option<String>) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(scope, name, json)
    }
}

impl fmt::Debug for Globals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Globals").field(&self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_their_variables_and_debug_output_hides_the_values() {
        let globals = Globals::new();
        assert!(globals.clone().set("shop.token", "hunter2 \"x\""));
        assert_eq!(globals.get("shop.token").as_deref(), Some("hunter2 \"x\""));
        assert_eq!(format!("{globals:?}"), r#"Globals(["shop.token"])"#);
        globals.remove("shop.token");
        assert_eq!((globals.get("shop.token"), globals.names().len()), (None, 0));
    }
}
