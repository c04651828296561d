//! Writes JSON documents as YAML that people like to read.

use std::io::{self, Write};

use serde_json::Value;

/// Writes a document; keys and texts stand in quotes wherever they could be read as something else.
pub(super) fn yaml(out: &mut impl Write, value: &Value) -> io::Result<()> {
    block(out, value, 0)
}

fn block(out: &mut impl Write, value: &Value, deep: usize) -> io::Result<()> {
    match value {
        Value::Object(members) if !members.is_empty() => members.iter().try_for_each(|(name, member)| {
            write!(out, "{:1$}{name}:", "", deep * 2, name = scalar(name))?;
            below(out, member, deep)
        }),
        Value::Array(items) if !items.is_empty() => items.iter().try_for_each(|item| {
            write!(out, "{:1$}-", "", deep * 2)?;
            below(out, item, deep)
        }),
        other => writeln!(out, "{:1$}{2}", "", deep * 2, inline(other)),
    }
}

fn below(out: &mut impl Write, value: &Value, deep: usize) -> io::Result<()> {
    let is_block =
        value.as_object().is_some_and(|m| !m.is_empty()) || value.as_array().is_some_and(|a| !a.is_empty());
    if is_block {
        writeln!(out)?;
        return block(out, value, deep + 1);
    }
    writeln!(out, " {}", inline(value))
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text bare where nothing can be mistaken in it, else as JSON writes it, which YAML reads too.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '$')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./$".contains(c))
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}

/// Words that some readers take for something else than themselves.
const WORDS: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_could_be_mistaken_stands_in_quotes() {
        let mut out = Vec::new();
        let document = json!({ "200": { "a": ["no", "yes: x", 1, {}, []] }, "/x/{id}": null, "plain": "text/html", "e": "" });
        yaml(&mut out, &document).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"/x/{id}\": null\n\"200\":\n  a:\n    - \"no\"\n    - \"yes: x\"\n    - 1\n    - {}\n    - []\ne: \"\"\nplain: text/html\n"
        );
    }
}
