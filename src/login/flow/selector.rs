//! One way to find an element.

use std::fmt;

use serde_json::{Value, json};

/// A selector, as the DevTools Recorder writes them: CSS, or behind a prefix `aria/`, `text/`, `xpath/`, `pierce/`; ours
/// are `link/` and `partialLink/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// CSS; looked for in shadow roots too where the document has none.
    Css(String),
    /// CSS in the document and in all shadow roots.
    Pierce(String),
    /// An `XPath` expression.
    Xpath(String),
    /// The accessible name and role.
    Aria {
        /// The name.
        name: String,
        /// The role.
        role: Option<String>,
    },
    /// The innermost element that holds a text.
    Text(String),
    /// A link by its words.
    Link(String),
    /// A link by a part of its words.
    PartialLink(String),
    /// One inside the other, through shadow roots.
    Chain(Vec<Selector>),
}

impl Selector {
    /// Reads a selector with its prefix.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let rest = |prefix: &str| text.strip_prefix(prefix).map(str::to_owned);
        if let Some(rest) = text.strip_prefix("aria/") {
            return aria(rest);
        }
        if let Some(path) = rest("xpath/").or_else(|| text.starts_with("//").then(|| text.to_owned())) {
            return Self::Xpath(path);
        }
        rest("css/")
            .map(Self::Css)
            .or_else(|| rest("pierce/").map(Self::Pierce))
            .or_else(|| rest("text/").map(Self::Text))
            .or_else(|| rest("link/").map(Self::Link))
            .or_else(|| rest("partialLink/").map(Self::PartialLink))
            .unwrap_or_else(|| Self::Css(text.to_owned()))
    }

    /// The element whose attribute has this value.
    #[must_use]
    pub fn attribute(name: &str, value: &str) -> Self {
        Self::Css(format!("[{name}={}]", quoted(value)))
    }

    /// Its steps from the outside in, for the script that finds elements.
    pub(super) fn to_value(&self) -> Value {
        let one = |kind: &str, value: &str| json!([{ "kind": kind, "value": value }]);
        match self {
            Self::Css(css) => one("css", css),
            Self::Pierce(css) => one("pierce", css),
            Self::Xpath(path) => one("xpath", path),
            Self::Aria { name, role } => json!([{ "kind": "aria", "value": name, "role": role }]),
            Self::Text(text) => one("text", text),
            Self::Link(text) => one("link", text),
            Self::PartialLink(text) => one("partialLink", text),
            Self::Chain(parts) => {
                let steps = parts.iter().map(Self::to_value);
                steps.flat_map(|v| v.as_array().cloned().unwrap_or_default()).collect()
            }
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Css(css) => f.write_str(css),
            Self::Pierce(css) => write!(f, "pierce/{css}"),
            Self::Xpath(path) => write!(f, "xpath/{path}"),
            Self::Aria { name, role: None } => write!(f, "aria/{name}"),
            Self::Aria { name, role: Some(role) } => write!(f, "aria/{name}[role={}]", quoted(role)),
            Self::Text(text) => write!(f, "text/{text}"),
            Self::Link(text) => write!(f, "link/{text}"),
            Self::PartialLink(text) => write!(f, "partialLink/{text}"),
            Self::Chain(parts) => {
                let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
                f.write_str(&parts.join(" >> "))
            }
        }
    }
}

/// `Name[role="button"]`
fn aria(text: &str) -> Selector {
    let role = text
        .rsplit_once("[role=")
        .and_then(|(name, role)| Some((name, role.strip_suffix(']')?.trim_matches(['"', '\'']))));
    match role {
        Some((name, role)) => Selector::Aria { name: name.to_owned(), role: Some(role.to_owned()) },
        None => Selector::Aria { name: text.to_owned(), role: None },
    }
}

/// A text in quotes, as CSS has them.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_read_by_its_prefix_and_written_as_it_was() {
        for text in ["#a > b", "pierce/#a", "xpath///*[@id=\"a\"]", "text/Log in", "aria/E-mail"] {
            assert_eq!(Selector::parse(text).to_string(), text);
        }
        let role = Selector::parse("aria/Log in[role=\"button\"]");
        assert_eq!(role, Selector::Aria { name: "Log in".into(), role: Some("button".into()) });
        assert_eq!(role.to_string(), "aria/Log in[role=\"button\"]");
        assert_eq!(Selector::parse("//input"), Selector::Xpath("//input".into()));
    }

    #[test]
    fn a_value_cannot_break_out_of_its_quotes() {
        assert_eq!(Selector::attribute("id", r#"a"]\b"#).to_string(), r#"[id="a\"]\\b"]"#);
    }
}
