//! What a session file says beyond what handstamp knows, kept so that it is not lost.

use std::fmt;

use serde_json::{Map, Value};

/// Unknown keys of a session file, carried from load to save. Their values do not show in debug output.
#[derive(Clone, PartialEq, Default)]
pub struct Extra(pub(super) Map<String, Value>);

impl Extra {
    /// The keys, without what stands under them.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys()).finish()
    }
}
