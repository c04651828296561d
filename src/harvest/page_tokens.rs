//! Reads the tokens that stand in pages: in meta tags, hidden fields and inline scripts.

use std::sync::LazyLock;

use regex::Regex;

/// Where in a page a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    Meta,
    Field,
}

/// The names and values of meta tags and hidden fields whose names speak of forged requests.
pub(super) fn in_page(html: &str) -> Vec<(Spot, String, String)> {
    static TAG: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?i)<(meta|input)\b((?:[^>"']|"[^"]*"|'[^']*')*)>"#).ok());
    let Some(tag) = TAG.as_ref() else { return Vec::new() };
    let found = tag.captures_iter(html).filter_map(|tag| {
        let (is_meta, attributes) = (tag[1].eq_ignore_ascii_case("meta"), &tag[2]);
        let spot = if is_meta { Spot::Meta } else { Spot::Field };
        let value = attribute(attributes, if is_meta { "content" } else { "value" })?;
        let name = attribute(attributes, "name").filter(|name| speaks_of_csrf(name))?;
        (value.len() >= SHORTEST).then_some((spot, name, value))
    });
    found.collect()
}

/// Whether a name speaks of forged requests.
pub(super) fn speaks_of_csrf(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_', '.'], "");
    ["csrf", "xsrf", "authenticitytoken", "requestverificationtoken", "antiforgery", "formtoken", "nonce"]
        .iter()
        .any(|word| name.contains(word))
        || name == "token"
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    static PAIR: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?i)([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#).ok());
    let pair = PAIR.as_ref()?.captures_iter(attributes).find(|pair| pair[1].eq_ignore_ascii_case(name))?;
    let value = pair.get(2).or_else(|| pair.get(3)).or_else(|| pair.get(4))?.as_str();
    Some(value.replace("&amp;", "&").replace("&#43;", "+").replace("&#x3D;", "=").replace("&quot;", "\""))
}

const SHORTEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_meta_tags_and_hidden_fields_are_read() {
        let html = r#"<meta charset=utf-8><META content='m-0123456' name="csrf-token">
            <input type=hidden name=csrfmiddlewaretoken value=f-0123456><input name="q" value="abcdefghi">"#;
        let found = in_page(html);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], (Spot::Meta, "csrf-token".into(), "m-0123456".into()));
        assert_eq!(found[1], (Spot::Field, "csrfmiddlewaretoken".into(), "f-0123456".into()));
    }
}
