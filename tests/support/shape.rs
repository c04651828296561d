//! The pattern that a template of a path stands for.

use regex::Regex;

/// What a template such as `/api/things/{id}` matches: `{…}` is one segment, `{+}` several; a slash at the end does not matter.
pub(crate) fn shape(template: &str) -> Regex {
    let parts = template.trim_end_matches('/').split(['{', '}']).enumerate();
    let pattern: String = parts
        .map(|(index, part)| match (index % 2, part) {
            (0, text) => regex::escape(text),
            (_, "+") => ".+".to_owned(),
            _ => "[^/]+".to_owned(),
        })
        .collect();
    Regex::new(&format!("^{pattern}/?$")).expect("an escaped text is a pattern")
}
