//! What a handler is asked, and what it answers.

use serde_json::{Value, json};

use crate::user::User;

/// One request, taken apart.
#[derive(Debug)]
pub(crate) struct Call {
    /// What stood in the template's braces, in order.
    pub(crate) parameters: Vec<String>,
    /// The query's pairs.
    pub(crate) query: Vec<(String, String)>,
    /// The JSON body, or null.
    pub(crate) body: Value,
    /// Who asks.
    pub(crate) user: Option<User>,
    /// The token that came with the request, good or not.
    pub(crate) token: Option<String>,
}

impl Call {
    /// The first parameter as a number.
    pub(crate) fn id(&self) -> Option<u64> {
        self.parameters.first()?.parse().ok()
    }

    /// The id of the user who asks; 0 for nobody.
    pub(crate) fn owner(&self) -> u64 {
        self.user.as_ref().map_or(0, |user| user.id)
    }

    /// A value of the query, empty when it is not there.
    pub(crate) fn query(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A text of the body, trimmed, empty when it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default().trim()
    }

    /// A number of the body, which forms send as text.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        let value = &self.body[name];
        value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
    }
}

/// A JSON answer.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Value,
}

impl Reply {
    /// The usual envelope around `data`.
    pub(crate) fn data(data: impl Into<Value>) -> Self {
        Self::plain(json!({"status": "success", "data": data.into()}))
    }

    /// A good answer without an envelope.
    pub(crate) fn plain(body: Value) -> Self {
        Self { status: 200, body }
    }

    /// The envelope around what was made.
    pub(crate) fn created(data: Value) -> Self {
        Self { status: 201, ..Self::data(data) }
    }

    /// An answer that says what is wrong.
    pub(crate) fn error(status: u16, message: &str) -> Self {
        Self { status, body: json!({"status": "error", "error": message}) }
    }

    /// Nothing there under this id.
    pub(crate) fn missing() -> Self {
        Self::error(404, "There is no such thing here.")
    }
}

impl From<Option<Value>> for Reply {
    fn from(found: Option<Value>) -> Self {
        found.map_or_else(Self::missing, Self::data)
    }
}
