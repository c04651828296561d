//! Finds the values inside stored JSON, and tells which of them may be tokens.

use serde_json::Value;

use super::jwt;

/// Calls `visit` with the path and text of every string in `value`, also in JSON kept as a string.
///
/// Paths are names and numbers with dots between them. Playwright's encoding of `IndexedDB` values, which
/// writes objects as lists of keys and values, is seen through.
pub(super) fn strings(value: &Value, visit: &mut impl FnMut(&str, &str)) {
    walk(value, "", 0, visit);
}

/// The text, number or yes-or-no at `path` in `value`, found the way that [`strings`] names it; `None` where there is none.
///
/// Names may hold dots themselves: the longest one that fits wins. A text that is JSON is seen through as far as the
/// path leads into it, and is given without its quotes.
pub(super) fn at(value: &Value, path: &str) -> Option<String> {
    reach(value, path, 0)
}

/// The object, list or quoted text that `text` holds as JSON.
pub(super) fn structure(text: &str) -> Option<Value> {
    text.trim_start().starts_with(['{', '[', '"']).then(|| serde_json::from_str(text).ok()).flatten()
}

/// Whether a text may be a token: a JSON Web Token, or long, without blanks, of mixed characters.
///
/// Wide on purpose, as shape alone cannot tell (best known rule: precision 0.33); proof comes from leaving
/// values out against a check.
#[must_use]
pub fn looks_like_token(text: &str) -> bool {
    if jwt::claims(text).is_some() {
        return true;
    }
    let mixed = text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_alphabetic());
    let alphabet = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/=%|:".contains(&b));
    TOKEN_LENGTH.contains(&text.len()) && mixed && alphabet && !text.contains("://") && !is_date(text)
}

fn walk(value: &Value, path: &str, depth: usize, visit: &mut impl FnMut(&str, &str)) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::String(text) => match structure(text) {
            Some(inner) => walk(&inner, path, depth + 1, visit),
            None => visit(path, text),
        },
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                walk(item, &join(path, &number.to_string()), depth + 1, visit);
            }
        }
        Value::Object(fields) => {
            let plain = || fields.iter().map(|(key, item)| (key.clone(), item)).collect();
            for (key, item) in encoded(value).unwrap_or_else(plain) {
                walk(item, &join(path, &key), depth + 1, visit);
            }
        }
        _ => {}
    }
}

fn reach(value: &Value, path: &str, depth: usize) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    match value {
        Value::String(text) => match structure(text) {
            Some(inner) if !path.is_empty() || inner.is_string() => reach(&inner, path, depth + 1),
            _ => path.is_empty().then(|| text.clone()),
        },
        Value::Number(_) | Value::Bool(_) => path.is_empty().then(|| value.to_string()),
        Value::Array(_) | Value::Object(_) if path.is_empty() => None,
        Value::Array(items) => {
            let (number, rest) = path.split_once('.').unwrap_or((path, ""));
            reach(items.get(number.parse::<usize>().ok()?)?, rest, depth + 1)
        }
        Value::Object(fields) => {
            let plain = || fields.iter().map(|(key, item)| (key.clone(), item)).collect();
            let mut members = encoded(value).unwrap_or_else(plain);
            members.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
            members.iter().find_map(|(key, item)| {
                let rest = path.strip_prefix(key.as_str())?;
                let rest = if rest.is_empty() { "" } else { rest.strip_prefix('.')? };
                reach(item, rest, depth + 1)
            })
        }
        Value::Null => None,
    }
}

/// The members of an object or list in Playwright's encoding: `{"o":[{"k":…,"v":…}]}` or `{"a":[…]}`.
fn encoded(value: &Value) -> Option<Vec<(String, &Value)>> {
    let fields = value.as_object().filter(|fields| fields.len() == 2 && fields.contains_key("id"))?;
    if let Some(items) = fields.get("a").and_then(Value::as_array) {
        return Some(items.iter().enumerate().map(|(number, item)| (number.to_string(), item)).collect());
    }
    let members = fields.get("o")?.as_array()?;
    members.iter().map(|m| Some((m.get("k")?.as_str()?.to_owned(), m.get("v")?))).collect()
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Whether a text begins like a date of ISO 8601.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(i, b)| match i {
            4 | 7 => *b == b'-',
            _ => b.is_ascii_digit(),
        })
}

/// Bytes between which a value may be a token.
const TOKEN_LENGTH: std::ops::RangeInclusive<usize> = 16..=8192;

/// How deep JSON is followed.
const DEEPEST: usize = 16;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn all(value: &Value) -> Vec<(String, String)> {
        let mut found = Vec::new();
        strings(value, &mut |path, text| found.push((path.to_owned(), text.to_owned())));
        found
    }

    #[test]
    fn strings_are_found_in_objects_lists_and_nested_json() {
        let value =
            json!({"a": ["x", {"b": "y"}], "persisted": "{\"auth\":\"{\\\"token\\\":\\\"z\\\"}\"}", "n": 1});
        let expected = [("a.0", "x"), ("a.1.b", "y"), ("persisted.auth.token", "z")];
        let mut found = all(&value);
        found.sort();
        assert_eq!(found, expected.map(|(p, t)| (p.to_owned(), t.to_owned())));
    }

    #[test]
    fn the_encoding_of_playwright_is_seen_through() {
        let value = json!({"o": [{"k": "user", "v": {"a": [{"ref": 1}, "t"], "id": 2}}], "id": 1});
        assert_eq!(all(&value), [("user.1".to_owned(), "t".to_owned())]);
        let plain = json!({"a": ["x"], "id": 1, "token": "t"});
        assert_eq!(all(&plain).len(), 2);
    }

    #[test]
    fn a_path_leads_to_the_value_that_it_is_the_name_of() {
        let value = json!({
            "a": ["x", {"b": "y"}], "persist": "{\"auth\":\"{\\\"token\\\":\\\"z\\\"}\"}",
            "https://api.example": {"t": 1}, "quoted": "\"q\"", "n": null,
            "user": {"o": [{"k": "list", "v": {"a": ["t", true], "id": 2}}], "id": 1},
        });
        for (path, text) in [
            ("a.0", "x"),
            ("a.1.b", "y"),
            ("persist.auth.token", "z"),
            ("https://api.example.t", "1"),
            ("quoted", "q"),
            ("user.list.0", "t"),
            ("user.list.1", "true"),
            ("persist", "{\"auth\":\"{\\\"token\\\":\\\"z\\\"}\"}"),
        ] {
            assert_eq!(at(&value, path).as_deref(), Some(text), "{path}");
        }
        for path in ["", "a", "a.2", "a.x", "b", "a.0.x", "quoted.x", "n", "https://api", "user.list"] {
            assert_eq!(at(&value, path), None, "{path}");
        }
        assert_eq!(at(&json!("{\"a\":1}"), "").as_deref(), Some("{\"a\":1}"));
    }

    #[test]
    fn deep_nesting_ends() {
        let mut value = json!("x");
        for _ in 0..40 {
            value = json!([value]);
        }
        assert!(all(&value).is_empty());
    }

    #[test]
    fn tokens_look_random_and_ordinary_values_do_not() {
        for text in ["3f2504e0-4f89-11d3-9a0c-0305e82c3301", "AbCdEf0123456789xyz", "s%3Aabcdefghijk12345.zz"]
        {
            assert!(looks_like_token(text), "{text}");
        }
        for text in [
            "en",
            "true",
            "1234567890123456789",
            "a rather long sentence with 1 number",
            "https://shop.example/a/b/c/1",
            "2027-01-15T08:00:00.000Z",
            "dashboard-settings",
        ] {
            assert!(!looks_like_token(text), "{text}");
        }
    }
}
