//! Reads the fields of a login page without a browser: hidden inputs and tokens in `meta`.

use std::sync::LazyLock;

use regex::Regex;

/// What a page holds for whoever sends its form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    values: Vec<(String, String)>,
    /// Whether there is a password field.
    pub(super) has_password: bool,
}

impl Fields {
    /// Reads the tags of an HTML page; what stands in comments is not seen.
    pub(super) fn of(html: &str) -> Self {
        static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r#"(?is)<!--.*?-->|<(input|meta)\b((?:[^>"']|"[^"]*"|'[^']*')*)>"#).ok()
        });
        let mut fields = Self::default();
        for tag in TAG.iter().flat_map(|tag| tag.captures_iter(html)) {
            let (Some(name), Some(attributes)) = (tag.get(1), tag.get(2)) else { continue };
            let attributes = attributes_of(attributes.as_str());
            let find =
                |key: &str| attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
            let kind = find("type").unwrap_or_default();
            fields.has_password |= kind.eq_ignore_ascii_case("password");
            let value =
                if name.as_str().eq_ignore_ascii_case("meta") { find("content") } else { find("value") };
            if let (Some(name), Some(value)) = (find("name"), value.filter(|value| !value.is_empty())) {
                fields.values.push((name, value));
            }
        }
        fields
    }

    /// The value of the first field of a name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn attributes_of(text: &str) -> Vec<(String, String)> {
    static ATTRIBUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"([^\s"'=<>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?"#).ok()
    });
    let all = ATTRIBUTE.iter().flat_map(|attribute| attribute.captures_iter(text));
    all.filter_map(|found| {
        let value = (2..=4).find_map(|group| found.get(group)).map_or("", |value| value.as_str());
        Some((found.get(1)?.as_str().to_ascii_lowercase(), unescaped(value)))
    })
    .collect()
}

/// Character references as tokens have them: numbers, and the five of XML.
fn unescaped(text: &str) -> String {
    static REFERENCE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(amp|lt|gt|quot|apos));").ok());
    let Some(reference) = REFERENCE.as_ref() else { return text.to_owned() };
    let plain = |found: &regex::Captures<'_>| {
        let code = found.get(1).map(|hex| u32::from_str_radix(hex.as_str(), 16).ok());
        let code = code.or_else(|| found.get(2).map(|number| number.as_str().parse().ok()));
        match (code, found.get(3).map(|name| name.as_str())) {
            (Some(code), _) => code.and_then(char::from_u32).map(String::from).unwrap_or_default(),
            (None, Some("lt")) => "<".to_owned(),
            (None, Some("gt")) => ">".to_owned(),
            (None, Some("quot")) => "\"".to_owned(),
            (None, Some("apos")) => "'".to_owned(),
            _ => "&".to_owned(),
        }
    };
    reference.replace_all(text, plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_inputs_and_meta_tokens_are_found_however_they_are_written() {
        let fields = Fields::of(
            r#"<META content='m1' name="csrf-token"><!-- <input name=old value=x> -->
            <form><input type="hidden" name="_csrf" value="a&amp;b&#x3D;&#61;"/>
            <INPUT value=bare name=plain type=hidden><input name='empty' value=""><input name="a>b" value="c">
            <input type=Password name=pw></form>"#,
        );
        assert!(fields.has_password);
        for (name, value) in [("csrf-token", "m1"), ("_csrf", "a&b=="), ("plain", "bare"), ("a>b", "c")] {
            assert_eq!(fields.value(name), Some(value), "{name}");
        }
        assert_eq!((fields.value("old"), fields.value("empty"), fields.value("pw")), (None, None, None));
    }

    #[test]
    fn a_page_without_a_form_has_no_fields() {
        assert_eq!(Fields::of("<p>Welcome <b>anna</b></p>"), Fields::default());
    }
}
