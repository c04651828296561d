//! What an application keeps in the browser for one origin.

use std::fmt;

use serde_json::Value;

use super::{Extra, Secret};
use crate::site::Origin;

/// One entry of localStorage or sessionStorage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The key.
    pub name: String,
    /// The value, a string as the Storage standard has it.
    pub value: Secret,
}

impl Item {
    /// An entry of this name and value.
    pub fn new(name: impl Into<String>, value: impl Into<Secret>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// One `IndexedDB` database with its stores, indexes and records, in the shape of Playwright's storageState.
#[derive(Clone, PartialEq)]
pub struct Database(Value);

impl Database {
    /// Takes a database in Playwright's shape; `None` without a `name` and a list of `stores`.
    #[must_use]
    pub fn new(value: Value) -> Option<Self> {
        let shaped = value.get("name")?.is_string() && value.get("stores")?.is_array();
        shaped.then_some(Self(value))
    }

    /// The name that the application opens it by.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// The whole database, tokens and all. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// The storage of one origin.
#[derive(Debug, Clone, PartialEq)]
pub struct OriginState {
    /// Whose storage it is.
    pub origin: Origin,
    /// localStorage, in the order in which it was read.
    pub local_storage: Vec<Item>,
    /// sessionStorage of the tab that logged in.
    pub session_storage: Vec<Item>,
    /// `IndexedDB` databases.
    pub indexed_db: Vec<Database>,
    /// Unknown keys of the entry in the session file.
    pub extra: Extra,
}

impl OriginState {
    /// The empty storage of an origin.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self {
            origin,
            local_storage: Vec::new(),
            session_storage: Vec::new(),
            indexed_db: Vec::new(),
            extra: Extra::default(),
        }
    }
}
