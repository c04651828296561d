//! A reference to an element of the page.

use serde_json::{Value, json};

/// A web element reference (see 12.1 Elements of the WebDriver standard).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Element(String);

impl Element {
    /// Reads a reference out of a script's result; nothing when the value is no element.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        value.get(IDENTIFIER)?.as_str().map(|id| Self(id.to_owned()))
    }

    /// The form in which scripts and actions take the element.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({ IDENTIFIER: self.0 })
    }

    pub(super) fn id(&self) -> &str {
        &self.0
    }
}

/// The web element identifier of the WebDriver standard.
const IDENTIFIER: &str = "element-6066-11e4-a52e-4f735466cecf";
