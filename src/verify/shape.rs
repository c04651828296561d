//! The make-up of a body: its parts with everything masked that changes from call to call.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Hashes of the parts of a body: of each path with its value in JSON, of each tag and text in anything else.
///
/// Numbers, dates and random strings are masked, and list items count once, so that two answers to the same user alike
/// have the same shape.
pub(super) fn of(body: &str) -> Vec<u64> {
    let mut parts = BTreeSet::new();
    match serde_json::from_str::<Value>(body) {
        Ok(value) => json(&value, "", &mut parts),
        Err(_) => parts.extend(body.split(['<', '>', '\n']).map(mask).filter(|p| !p.is_empty())),
    }
    parts.iter().take(MOST_PARTS).map(|p| hash(p)).collect()
}

/// How alike two shapes are, from 0 to 1: the shared parts among all (Jaccard index).
pub(super) fn similarity(a: &[u64], b: &[u64]) -> f64 {
    let (a, b): (BTreeSet<_>, BTreeSet<_>) = (a.iter().collect(), b.iter().collect());
    let all = a.union(&b).count();
    if all == 0 {
        return 1.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "there are a few hundred parts at most")]
    let share = a.intersection(&b).count() as f64 / all as f64;
    share
}

fn json(value: &Value, path: &str, parts: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            parts.insert(format!("{path}{{}}"));
            for (key, item) in fields {
                json(item, &format!("{path}.{key}"), parts);
            }
        }
        Value::Array(items) => {
            parts.insert(format!("{path}[{}]", items.is_empty()));
            for item in items {
                json(item, &format!("{path}[]"), parts);
            }
        }
        Value::String(text) => {
            parts.insert(format!("{path}={}", mask(text)));
        }
        Value::Number(_) => {
            parts.insert(format!("{path}=0"));
        }
        other => {
            parts.insert(format!("{path}={other}"));
        }
    }
}

fn mask(text: &str) -> String {
    static VOLATILE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"[A-Za-z0-9+/_=-]*\d[A-Za-z0-9+/_=-]{7,}|[A-Za-z0-9+/_-]{24,}={0,2}|\d+").ok()
    });
    let text = text.trim();
    VOLATILE.as_ref().map_or_else(|| text.to_owned(), |v| v.replace_all(text, "#").into_owned())
}

fn hash(part: &str) -> u64 {
    let digest = Sha256::digest(part.as_bytes());
    digest.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

const MOST_PARTS: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_from_call_to_call_does_not_count() {
        let a = r#"{"user":"anna","at":"2026-01-02T03:04:05Z","csrf":"9f8e7d6c5b4a39281706","n":1}"#;
        let b = r#"{"user":"anna","at":"2027-11-12T13:14:15Z","csrf":"0a1b2c3d4e5f60718293","n":2}"#;
        assert_eq!(of(a), of(b));
    }

    #[test]
    fn an_empty_list_differs_from_a_full_one() {
        assert!(similarity(&of("[]"), &of(r#"[{"name":"x"}]"#)) < 0.5);
    }

    #[test]
    fn html_is_compared_by_tags_and_texts() {
        let user = "<html><a href='/logout'>Log out</a><h1>Orders</h1></html>";
        let stranger = "<html><form action='/login'><input name='user'></form></html>";
        assert!(similarity(&of(user), &of(stranger)) < 0.3);
        assert!((similarity(&of(user), &of(user)) - 1.0).abs() < f64::EPSILON);
    }
}
