//! Finds the tokens that hide inside other values.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::sources::leaves;
use crate::session::{jwt, looks_like_token};

/// The tokens in a text, each with the way to it: the text itself, without quotes and without its scheme; what stands in it
/// percent-encoded, in base64 or in JSON; and that again inside of those.
pub(super) fn tokens_in(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(text, "", 0, &mut found);
    found
}

fn collect(text: &str, path: &str, depth: usize, found: &mut Vec<(String, String)>) {
    let text = bare(text.trim());
    if depth > DEEPEST || text.len() < SHORTEST {
        return;
    }
    if let Some(value) = structure(text) {
        leaves(&value, path, &mut |path, leaf| collect(leaf, path, depth + 1, found));
        return;
    }
    if jwt::claims(text).is_some() {
        found.push((path.to_owned(), text.to_owned()));
        return;
    }
    if let Some(inner) = decoded(text).filter(|inner| structure(inner).is_some()) {
        let before = found.len();
        collect(&inner, path, depth + 1, found);
        // JSON that holds no token may be one itself, sealed or signed.
        if found.len() > before {
            return;
        }
    }
    if text.contains('%') {
        let plain = percent_decode_str(text).decode_utf8_lossy().into_owned();
        if plain != text
            && (structure(&plain).is_some() || decoded(&plain).is_some_and(|p| structure(&p).is_some()))
        {
            return collect(&plain, path, depth + 1, found);
        }
    }
    if looks_like_token(text) {
        found.push((path.to_owned(), text.to_owned()));
    }
}

/// Without an authentication scheme or a mark of how it is written before it.
fn bare(text: &str) -> &str {
    let schemes = ["Bearer ", "bearer ", "JWT ", "Token ", "token ", "base64-", "j:"];
    schemes.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text).trim()
}

fn structure(text: &str) -> Option<Value> {
    let value: Value = text.starts_with(['{', '[', '"']).then(|| serde_json::from_str(text).ok())??;
    // What is sealed in JSON is one token: its parts mean nothing by themselves.
    let is_sealed = ["iv", "value", "mac"].iter().all(|key| value.get(key).is_some());
    (!is_sealed).then_some(value)
}

fn decoded(text: &str) -> Option<String> {
    let text = text.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok()?;
    String::from_utf8(bytes).ok()
}

const SHORTEST: usize = 8;
const DEEPEST: usize = 8;

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const TOKEN: &str = "AbCdEf0123456789xyz";

    #[test]
    fn a_token_is_found_however_it_is_wrapped() {
        let json = format!(r#"{{"auth":{{"token":"{TOKEN}"}},"lang":"en"}}"#);
        let percent: String = url::form_urlencoded::byte_serialize(json.as_bytes()).collect();
        let twice = Value::from(json.as_str()).to_string();
        let cases = [
            (TOKEN.to_owned(), ""),
            (format!("\"{TOKEN}\""), ""),
            (format!("Bearer {TOKEN}"), ""),
            (json.clone(), "auth.token"),
            (percent.clone(), "auth.token"),
            (format!("j%3A{percent}").replacen("j%3A", "j:", 1), "auth.token"),
            (STANDARD.encode(&json), "auth.token"),
            (format!("base64-{}", URL_SAFE_NO_PAD.encode(&json)), "auth.token"),
            (twice, "auth.token"),
            (format!(r#"{{"t":"Bearer {TOKEN}"}}"#), "t"),
        ];
        for (text, path) in cases {
            assert_eq!(tokens_in(&text), [(path.to_owned(), TOKEN.to_owned())], "{text}");
        }
    }

    #[test]
    fn what_is_sealed_is_one_token_and_what_is_no_token_is_none() {
        let sealed = STANDARD.encode(format!(r#"{{"iv":"{TOKEN}","value":"{TOKEN}","mac":"{TOKEN}"}}"#));
        assert_eq!(tokens_in(&sealed), [(String::new(), sealed.clone())]);
        for text in ["en", r#"{"theme":"dark"}"#, "hello there, this is text"] {
            assert!(tokens_in(text).is_empty(), "{text}");
        }
    }
}
