//! An answer as it is compared: status, where it sends one, and the parts of its body.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;
use serde_json::Value;
use similar::{Algorithm, capture_diff_slices, get_diff_ratio};
use url::Url;

/// What came back for a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where it redirects to.
    pub location: Option<String>,
    /// The body, as text.
    pub body: String,
}

/// A part of a body: where it stands, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Part {
    place: String,
    text: String,
}

impl Part {
    pub(super) fn place(&self) -> &String {
        &self.place
    }
}

impl Answer {
    /// Whether it gives what was asked for.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the server, not its access control, is why there is no answer.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        self.status == 0 || self.status == 429 || self.status >= 500
    }

    /// The same without the values that the path and the query of its address hold.
    pub(super) fn without_address(&self, url: &Url) -> Self {
        let segments = url.path_segments().into_iter().flatten().map(str::to_owned);
        let values = segments.chain(url.query_pairs().map(|(_, value)| value.into_owned()));
        let telling = values.filter(|value| value.contains(|c: char| c.is_ascii_digit()));
        let body = telling.fold(self.body.clone(), |body, value| body.replace(&value, "#"));
        // A number in JSON has to stay something that JSON can say.
        let body =
            if serde_json::from_str::<Value>(&self.body).is_ok() { body.replace('#', "0") } else { body };
        Self { body, ..self.clone() }
    }

    /// The leaves of JSON with their paths, of anything else its tags and texts; times are masked.
    pub(super) fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        if let Ok(value) = serde_json::from_str::<Value>(&self.body) {
            leaves(&value, "", &mut parts);
        } else {
            let pieces = self.body.split(['<', '>', '\n']).map(str::trim).filter(|piece| !piece.is_empty());
            let part =
                |piece| Part { place: DIGITS.replace_all(piece, "#").into_owned(), text: masked(piece) };
            parts.extend(pieces.map(part));
        }
        parts.truncate(MOST_PARTS);
        parts.sort();
        parts
    }
}

fn leaves(value: &Value, path: &str, parts: &mut Vec<Part>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                leaves(member, &format!("{path}.{key}"), parts);
            }
        }
        Value::Array(items) => {
            for item in items {
                leaves(item, &format!("{path}[]"), parts);
            }
        }
        Value::String(text) => parts.push(Part { place: path.to_owned(), text: masked(text) }),
        other => parts.push(Part { place: path.to_owned(), text: masked(&other.to_string()) }),
    }
}

fn masked(text: &str) -> String {
    TIMES.replace_all(text, "#").into_owned()
}

/// The places whose texts differ between two answers to the same user: what changes there says nothing.
pub(super) fn volatile(one: &[Part], other: &[Part]) -> BTreeSet<String> {
    let (a, b): (BTreeSet<_>, BTreeSet<_>) = (one.iter().collect(), other.iter().collect());
    a.symmetric_difference(&b).map(|part| part.place.clone()).collect()
}

/// How alike two bodies are, from 0 to 1, volatile places left out.
pub(super) fn likeness(one: &[Part], other: &[Part], volatile: &BTreeSet<String>) -> f64 {
    let steady = |parts: &[Part]| -> Vec<Part> {
        parts.iter().filter(|part| !volatile.contains(&part.place)).cloned().collect()
    };
    let (one, other) = (steady(one), steady(other));
    let changes = capture_diff_slices(Algorithm::Myers, &one, &other);
    f64::from(get_diff_ratio(&changes, one.len(), other.len()))
}

/// Whether a body says anything that could be somebody's: more than a word such as `ok`.
pub(super) fn says_something(parts: &[Part]) -> bool {
    parts.iter().any(|part| !EMPTY.is_match(&part.text))
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

/// Dates with times, times of day with seconds, and times in milliseconds.
static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?|\b\d{2}:\d{2}:\d{2}\b|\b1\d{12}\b",
    )
});
static DIGITS: LazyLock<Regex> = LazyLock::new(|| regex(r"\d+"));
static EMPTY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)^(|null|true|false|ok|success|none|0|\[\]|\{\})$"));
/// Bodies with more parts are compared by their first ones.
const MOST_PARTS: usize = 4_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str) -> Vec<Part> {
        Answer { body: body.into(), ..Answer::default() }.parts()
    }

    fn alike(one: &str, other: &str) -> f64 {
        likeness(&parts(one), &parts(other), &BTreeSet::new())
    }

    #[test]
    fn the_order_of_a_list_and_the_time_do_not_count() {
        let one = r#"[{"id":1,"at":"2026-01-02T03:04:05Z"},{"id":2,"at":"2026-01-02T03:04:06Z"}]"#;
        let other = r#"[{"at":"2027-01-02T03:04:05Z","id":2},{"id":1,"at":1767323045000}]"#;
        assert!((alike(one, other) - 1.0).abs() < f64::EPSILON, "{}", alike(one, other));
    }

    #[test]
    fn the_data_of_two_people_are_not_alike_for_having_the_same_form() {
        let one = r#"{"name":"Anna","street":"Gull Street 7","city":"Ostrand","total":12}"#;
        let other = r#"{"name":"Ben","street":"Mill Hill 2","city":"Fennbrook","total":40}"#;
        assert!(alike(one, other) < 0.1);
        assert!(alike("<p>Anna</p><b>12</b>", "<p>Anna</p><b>13</b>") < 1.0);
    }

    #[test]
    fn what_changes_for_the_same_user_is_left_out() {
        let body = |nonce: &str, name: &str| format!(r#"{{"nonce":"{nonce}","name":"{name}"}}"#);
        let changing = volatile(&parts(&body("a", "Anna")), &parts(&body("b", "Anna")));
        assert_eq!(changing.iter().collect::<Vec<_>>(), [".nonce"]);
        assert!(likeness(&parts(&body("a", "Anna")), &parts(&body("c", "Anna")), &changing) > 0.99);
        assert!(likeness(&parts(&body("a", "Anna")), &parts(&body("c", "Ben")), &changing) < 0.01);
    }

    #[test]
    fn an_empty_list_says_nothing() {
        assert!(!says_something(&parts(r#"{"status":"success","data":[]}"#)));
        assert!(!says_something(&parts("")));
        assert!(says_something(&parts(r#"{"status":"success","data":[{"city":"Ostrand"}]}"#)));
    }
}
