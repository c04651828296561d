//! Looks for secrets in what commands say.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::Ran;

/// Checks that no output shows a secret in any form.
#[track_caller]
pub(crate) fn show_none_of(outputs: &[Ran], secrets: &[String]) {
    assert!(outputs.iter().any(|ran| !ran.err.is_empty() || !ran.out.is_empty()), "something was said");
    assert_eq!(leaks(outputs, secrets), [""; 0]);
}

/// The places where a secret shows, in any of its forms, without the secret itself.
pub(crate) fn leaks(outputs: &[Ran], secrets: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, ran) in outputs.iter().enumerate() {
        for (stream, text) in [("stdout", &ran.out), ("stderr", &ran.err)] {
            for (which, secret) in secrets.iter().enumerate() {
                if let Some(form) = forms(secret).iter().position(|form| text.contains(form.as_str())) {
                    let line = text.lines().find(|l| l.contains(&forms(secret)[form])).unwrap_or_default();
                    let line: String = line.chars().take(160).collect();
                    found.push(format!("output {at}, {stream}: secret {which} in form {form}: {line}"));
                }
            }
        }
    }
    found
}

/// A secret as it may show: plain, in JSON and Rust, percent-encoded in two ways, and in base64.
pub(crate) fn forms(secret: &str) -> Vec<String> {
    let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let query: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut all = vec![
        secret.to_owned(),
        json!(secret).to_string().trim_matches('"').to_owned(),
        format!("{secret:?}").trim_matches('"').to_owned(),
        encoded,
        query,
    ];
    for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
        all.push(engine.encode(secret));
    }
    all
}
