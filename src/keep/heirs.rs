//! Which values of a session took the place of which, for those that pages send in addresses and bodies.

use std::fmt;

use bytes::Bytes;
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    request::Parts,
    uri::{PathAndQuery, Uri},
};
use url::form_urlencoded;

use crate::session::{Secret, Source, State};

/// The session's values, each with its place, and those that stood there before.
///
/// What renews the session is left out: who sends that is not asking for anything, and some are good once.
#[derive(Default)]
pub(super) struct Heirs {
    now: Vec<(Place, Secret)>,
    past: Vec<Past>,
    /// How many values have been replaced so far.
    pub(super) count: u64,
}

type Place = (Source, Option<String>, String);

#[derive(Clone)]
struct Past {
    value: Secret,
    place: Place,
    /// How many had been replaced before it.
    number: u64,
}

/// Which of the older values are dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dead {
    /// None of them, as far as is known.
    None,
    /// Those that were replaced before so many were.
    Before(u64),
    /// All of them.
    All,
}

/// What the address and the body of a request have of the session.
#[derive(Debug, Default)]
pub(super) struct Borne {
    /// The values, after the dead ones were replaced.
    pub(super) values: Vec<Secret>,
    /// Whether one of them is an older one.
    pub(super) is_old: bool,
}

impl Heirs {
    /// What they are after a change of the session.
    pub(super) fn after(last: Option<&Self>, state: &State) -> Self {
        let tokens = state.tokens().into_iter();
        let mine = tokens.filter(|t| t.value.expose().len() >= SHORTEST && !is_renewal(&t.key));
        let now: Vec<_> = mine.map(|t| ((t.source, t.domain, t.key), t.value)).collect();
        let Some(last) = last else { return Self { now, ..Self::default() } };
        let mut count = last.count;
        let mut past = last.past.clone();
        for (place, old) in &last.now {
            let is_replaced = now.iter().any(|(other, value)| other == place && value != old);
            if is_replaced && !past.iter().any(|known| known.value == *old && known.place == *place) {
                past.push(Past { value: old.clone(), place: place.clone(), number: count });
                count += 1;
            }
        }
        past.drain(..past.len().saturating_sub(MOST));
        Self { now, past, count }
    }

    /// Whether one of these values has been replaced by another one.
    pub(super) fn have_replaced(&self, values: &[Secret]) -> bool {
        values.iter().any(|value| self.heir(value.expose()).is_some())
    }

    /// Puts the current values in the place of dead ones, in the query of the address and, where that is given, the body.
    ///
    /// A value counts where it is the whole of a field or of a text of JSON.
    pub(super) fn renew(&self, head: &mut Parts, body: Option<&mut Bytes>, dead: Dead) -> Borne {
        let mut borne = Borne::default();
        let mut judge = |value: &str| self.judge(value, dead, &mut borne);
        let query = head.uri.query().and_then(|query| renewed_fields(query, &mut judge));
        if let Some(uri) = query.and_then(|query| with_query(&head.uri, &query)) {
            head.uri = uri;
        }
        if let Some(body) = body
            && let Ok(text) = std::str::from_utf8(body)
            && let Some(text) = if is_json(&head.headers) {
                renewed_json(text, &mut judge)
            } else {
                renewed_fields(text, &mut judge)
            }
        {
            *body = text.into();
            head.headers.insert(CONTENT_LENGTH, body.len().into());
        }
        borne
    }

    /// What takes the place of a value; notes it where it is one of the session.
    fn judge(&self, value: &str, dead: Dead, borne: &mut Borne) -> Option<String> {
        if value.len() < SHORTEST {
            return None;
        }
        if self.now.iter().any(|(_, now)| now.expose() == value) {
            borne.values.push(value.into());
            return None;
        }
        let (past, heir) = self.heir(value)?;
        let is_dead = match dead {
            Dead::None => false,
            Dead::Before(count) => past.number < count,
            Dead::All => true,
        };
        borne.values.push(if is_dead { heir.clone() } else { value.into() });
        borne.is_old |= !is_dead;
        is_dead.then(|| heir.expose().to_owned())
    }

    fn heir(&self, value: &str) -> Option<(&Past, &Secret)> {
        if self.now.iter().any(|(_, now)| now.expose() == value) {
            return None;
        }
        let past = self.past.iter().rev().find(|past| past.value.expose() == value)?;
        let (_, heir) = self.now.iter().find(|(place, _)| *place == past.place)?;
        Some((past, heir))
    }
}

impl fmt::Debug for Heirs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heirs").field("count", &self.count).finish_non_exhaustive()
    }
}

/// Whether a body is short text in which values of the session can be found: JSON or a form, as it is, of a known length.
pub(super) fn is_legible(headers: &HeaderMap) -> bool {
    let length = text(headers, &CONTENT_LENGTH).parse::<usize>();
    let is_form = text(headers, &CONTENT_TYPE).contains("x-www-form-urlencoded");
    !headers.contains_key(CONTENT_ENCODING)
        && length.is_ok_and(|length| (SHORTEST..=LONGEST).contains(&length))
        && (is_form || is_json(headers))
}

fn is_json(headers: &HeaderMap) -> bool {
    text(headers, &CONTENT_TYPE).contains("json")
}

fn text<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn is_renewal(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.contains("refresh") || key.contains("renew")
}

/// A query or a form with other values; nothing where none was to be changed.
fn renewed_fields(text: &str, judge: &mut impl FnMut(&str) -> Option<String>) -> Option<String> {
    let mut has_changed = false;
    let mut renewed = |pair: &str| {
        let (_, value) = form_urlencoded::parse(pair.as_bytes()).next()?;
        let value = judge(&value)?;
        has_changed = true;
        let name = pair.split_once('=').map_or("", |(name, _)| name);
        Some(format!("{name}={}", form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>()))
    };
    let pairs: Vec<_> =
        text.split('&').map(|pair| renewed(pair).unwrap_or_else(|| pair.to_owned())).collect();
    has_changed.then(|| pairs.join("&"))
}

/// A document of JSON with other texts, and all else as it was; nothing where none was to be changed.
fn renewed_json(text: &str, judge: &mut impl FnMut(&str) -> Option<String>) -> Option<String> {
    let (mut done, mut rest, mut has_changed) = (String::with_capacity(text.len()), text, false);
    while let Some(start) = rest.find('"') {
        let Some(length) = literal(&rest[start..]) else { break };
        let quoted = &rest[start..start + length];
        done.push_str(&rest[..start]);
        let value = serde_json::from_str::<String>(quoted).ok().and_then(|value| judge(&value));
        has_changed |= value.is_some();
        match value {
            Some(value) => done.push_str(&serde_json::Value::from(value).to_string()),
            None => done.push_str(quoted),
        }
        rest = &rest[start + length..];
    }
    done.push_str(rest);
    has_changed.then_some(done)
}

/// How long the text is that begins here, with its quotes.
fn literal(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some(end + 2)
}

fn with_query(uri: &Uri, query: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{}?{query}", uri.path())).ok()?);
    Uri::from_parts(parts).ok()
}

/// Shorter values may stand anywhere by chance.
const SHORTEST: usize = 16;
/// The longest body that is looked into, in bytes.
pub(super) const LONGEST: usize = 64 << 10;
/// How many older values are remembered.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{session::Item, site::Origin};

    const OLD: &str = "old-token-of-anna/0001";
    const NEW: &str = "new-token-of-anna/0002";

    fn state(token: &str) -> State {
        let mut state = State::default();
        let stored = &mut state.origin_mut(&Origin::parse("https://a.example").unwrap()).local_storage;
        stored.push(Item::new("token", token));
        stored.push(Item::new("refreshToken", format!("refresh-{token}")));
        state
    }

    fn heirs() -> Heirs {
        Heirs::after(Some(&Heirs::after(None, &state(OLD))), &state(NEW))
    }

    fn request(kind: &str, body: &str) -> (Parts, Bytes) {
        let request = http::Request::post("https://a.example/x?a=1").header(CONTENT_TYPE, kind);
        let (head, ()) = request.header(CONTENT_LENGTH, body.len()).body(()).unwrap().into_parts();
        (head, body.to_owned().into())
    }

    fn renewed(kind: &str, body: &str) -> String {
        let (mut head, mut body) = request(kind, body);
        heirs().renew(&mut head, Some(&mut body), Dead::All);
        assert_eq!(text(&head.headers, &CONTENT_LENGTH), body.len().to_string());
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn an_older_value_is_replaced_in_json_forms_and_queries_and_all_else_stays() {
        let json = format!(r#"{{ "b": [1.0, "x\"{OLD}"], "t":"{OLD}" , "a": "\u00e4" }}"#);
        let expected = format!(r#"{{ "b": [1.0, "x\"{OLD}"], "t":"{NEW}" , "a": "\u00e4" }}"#);
        assert_eq!(renewed("application/json", &json), expected);
        let form = "x=%7E&t=old-token-of-anna%2F0001&y=a+b";
        assert_eq!(
            renewed("application/x-www-form-urlencoded", form),
            "x=%7E&t=new-token-of-anna%2F0002&y=a+b"
        );
        let (mut head, _) = request("text/plain", "");
        head.uri = format!("https://a.example/x?t={OLD}&a=1").parse().unwrap();
        heirs().renew(&mut head, None, Dead::All);
        assert_eq!(head.uri, "https://a.example/x?t=new-token-of-anna%2F0002&a=1");
    }

    #[test]
    fn what_renews_the_session_and_what_only_contains_a_value_is_left_alone() {
        for body in [format!(r#"{{"t":"refresh-{OLD}"}}"#), format!(r#"{{"t":"see {OLD}"}}"#), "{\"t".into()]
        {
            assert_eq!(renewed("application/json", &body), body);
        }
    }

    #[test]
    fn what_is_not_known_to_be_dead_stays_and_is_told() {
        let body = format!(r#"{{"t":"{OLD}"}}"#);
        for (dead, is_old) in [(Dead::None, true), (Dead::Before(0), true), (Dead::Before(1), false)] {
            let (mut head, mut sent) = request("application/json", &body);
            let borne = heirs().renew(&mut head, Some(&mut sent), dead);
            assert_eq!((borne.is_old, borne.values.len()), (is_old, 1), "{dead:?}");
            assert_eq!(heirs().have_replaced(&borne.values), is_old);
        }
        assert!(!format!("{:?}", heirs()).contains(OLD));
    }

    #[test]
    fn only_short_texts_of_a_known_length_are_looked_into() {
        let is = |kind, length: &str| {
            let (mut head, _) = request(kind, "");
            head.headers.insert(CONTENT_LENGTH, length.parse().unwrap());
            is_legible(&head.headers)
        };
        assert!(
            is("application/json; charset=utf-8", "200") && is("application/x-www-form-urlencoded", "200")
        );
        assert!(!is("application/json", "2") && !is("application/json", "70000") && !is("image/png", "200"));
    }
}
