//! One WebDriver command as it goes over the wire.

use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::Value;
use url::{ParseError, Url};

/// A command that fantoccini sends for us: its own commands lack some and get some wrong (cookies).
#[derive(Debug)]
pub(super) struct Command {
    pub(super) method: Method,
    /// The path below `session/{id}/`.
    pub(super) path: String,
    /// The body, for a POST.
    pub(super) body: Option<Value>,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        let path = format!("session/{}/{}", session_id.unwrap_or_default(), self.path);
        base_url.join(path.trim_end_matches('/'))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (self.method.clone(), self.body.as_ref().map(ToString::to_string))
    }
}
