//! An element as a flow knows it: several selectors, and what it looked like.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use regex::Regex;
use serde_json::{Value, json};

use super::Selector;

/// One element, by whichever selector still finds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The ways to find it, best first.
    pub selectors: Vec<Selector>,
    /// What it looked like, for the day when none of them finds it.
    pub features: Features,
}

/// What an element looks like, by the name of the feature: `tag`, `type`, `role`, `id`, `name`, `label`, `placeholder`,
/// `text`, `autocomplete`, `href`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features(pub BTreeMap<String, String>);

impl Target {
    /// An element by its selectors, which tell what it looks like where nothing else does.
    #[must_use]
    pub fn of(selectors: Vec<Selector>) -> Self {
        let mut features = Features::default();
        for selector in &selectors {
            features.learn(selector);
        }
        Self { selectors, features }
    }

    /// What the script that finds elements takes.
    pub(super) fn to_values(&self) -> [Value; 2] {
        let selectors = self.selectors.iter().map(Selector::to_value).collect();
        [selectors, json!(self.features.0)]
    }

    /// Whether its selectors or features speak of a password.
    pub(super) fn speaks_of_password(&self) -> bool {
        let words = self.selectors.iter().map(ToString::to_string).chain(self.features.0.values().cloned());
        words.into_iter().any(|words| PASSWORD.is_match(&words))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.selectors.first() {
            Some(selector) => write!(f, "`{selector}`"),
            None => f.write_str("the element"),
        }
    }
}

impl Features {
    /// Takes what a selector tells of its element.
    fn learn(&mut self, selector: &Selector) {
        match selector {
            Selector::Aria { name, role } => {
                self.set("label", name);
                self.set("role", role.as_deref().unwrap_or_default());
            }
            Selector::Text(text) | Selector::Link(text) => self.set("text", text),
            Selector::Css(css) | Selector::Pierce(css) => self.learn_css(css),
            Selector::Chain(parts) => {
                if let Some(last) = parts.last() {
                    self.learn(last);
                }
            }
            Selector::Xpath(_) | Selector::PartialLink(_) => {}
        }
    }

    fn learn_css(&mut self, css: &str) {
        let last = css.rsplit([' ', '>', '+', '~']).next().unwrap_or(css);
        if let Some(found) = CSS_ID.captures(last) {
            self.set("id", &found[1]);
        }
        if let Some(found) = CSS_TAG.captures(last) {
            self.set("tag", &found[1]);
        }
        for found in CSS_ATTRIBUTE.captures_iter(last) {
            self.set(&found[1], &found[2]);
        }
    }

    fn set(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.0.entry(key.to_owned()).or_insert_with(|| value.to_owned());
        }
    }
}

static PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)passw|passwd|kennwort|contrase|\bpwd\b|mot de passe|senha").expect("it is fixed")
});
static CSS_ID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"#([\w-]+)").expect("it is fixed"));
static CSS_TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^([a-z][\w-]*)").expect("it is fixed"));
static CSS_ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\[(id|name|type|placeholder|autocomplete)=["']?([^"'\]]+)["']?\]"#).expect("it is fixed")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_tell_what_their_element_looks_like() {
        let selectors =
            ["aria/E-mail[role=\"textbox\"]", "form > input#mail[type='email']", "[name=\"user\"]"];
        let target = Target::of(selectors.map(Selector::parse).into());
        let has = |key: &str| target.features.0.get(key).map(String::as_str);
        assert_eq!((has("label"), has("role"), has("id")), (Some("E-mail"), Some("textbox"), Some("mail")));
        assert_eq!((has("tag"), has("type"), has("name")), (Some("input"), Some("email"), Some("user")));
    }

    #[test]
    fn a_password_field_is_known_by_its_words() {
        let speaks = |text| Target::of(vec![Selector::parse(text)]).speaks_of_password();
        assert!(speaks("#user_password") && speaks("aria/Kennwort") && !speaks("#pass-through"));
    }
}
