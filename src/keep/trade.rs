//! What a request gives for a new token, and what its answer brings.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header::COOKIE};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::session::{Cookie, Secret, State};

/// A token that a request carries where a renewal would carry it, with the name that it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Carried {
    pub(super) name: String,
    pub(super) value: Secret,
    pub(super) place: Place,
}

/// Where a token stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Body,
    Cookie,
}

/// The tokens that a request may be there to trade: those of the session in its body, and its cookies where the address
/// speaks of renewal. `was` tells a token that the session had before.
pub(super) fn carried(
    state: &State,
    (method, url): (&Method, &Url),
    headers: &HeaderMap,
    body: &[u8],
    was: impl Fn(&str) -> bool,
) -> Vec<Carried> {
    let mut found: Vec<Carried> = Vec::new();
    if !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        let tokens = state.tokens();
        let in_headers =
            |value: &str| state.headers.iter().any(|token| token.value.expose().ends_with(value));
        let is_traded = |value: &str| {
            value.len() >= SHORTEST
                && (was(value) || (tokens.iter().any(|t| t.value.expose() == value) && !in_headers(value)))
        };
        found.extend(
            leaves(body).into_iter().filter(|(_, value)| is_traded(value)).map(|(name, value)| Carried {
                name,
                value: value.as_str().into(),
                place: Place::Body,
            }),
        );
    }
    if found.is_empty() && speaks_of_renewal(url) {
        let known = |name: &str| state.cookies.iter().any(|cookie| cookie.name == name && cookie.http_only);
        found.extend(cookies(headers).filter(|(name, value)| known(name) && value.len() >= SHORTEST).map(
            |(name, value)| Carried { name: name.to_owned(), value: value.into(), place: Place::Cookie },
        ));
    }
    found
}

/// The new value of a token that was given, in an answer: under the same name.
pub(super) fn brought(given: &Carried, url: &Url, headers: &HeaderMap, body: &[u8]) -> Option<Secret> {
    let value = match given.place {
        Place::Body => {
            leaves(body).into_iter().find(|(name, _)| alike(name, &given.name)).map(|(_, value)| value)
        }
        Place::Cookie => set_cookies(headers, url)
            .find(|cookie| cookie.name == given.name && !cookie.value.is_empty())
            .map(|cookie| cookie.value.expose().to_owned()),
    };
    value.filter(|value| value != given.value.expose() && value.len() >= SHORTEST).map(|v| v.as_str().into())
}

/// The access token that an answer brings beside what was traded: the only other value that looks like a token, or the
/// only one whose name says so.
pub(super) fn access_token(given: &[Carried], body: &[u8]) -> Option<Secret> {
    let is_given = |name: &str| given.iter().any(|carried| alike(name, &carried.name));
    let others: Vec<_> = leaves(body)
        .into_iter()
        .filter(|(name, value)| !is_given(name) && value.len() >= SHORTEST && !value.contains([' ', '@']))
        .collect();
    let named: Vec<_> = others
        .iter()
        .filter(|(name, _)| {
            matches!(plain(name).as_str(), "accesstoken" | "token" | "access" | "jwt" | "authtoken")
        })
        .collect();
    match (others.as_slice(), named.as_slice()) {
        (_, [(_, value)]) | ([(_, value)], _) => Some(value.as_str().into()),
        _ => None,
    }
}

/// The body and the cookies of a request with another value of a token.
pub(super) fn give(given: &Carried, current: &Secret, headers: &mut HeaderMap, body: &Bytes) -> Bytes {
    let (old, new) = (given.value.expose(), current.expose());
    match given.place {
        Place::Body => {
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let text = String::from_utf8_lossy(body);
            let is_plain = text.contains(old);
            let renewed =
                if is_plain { text.replace(old, new) } else { text.replace(&encode(old), &encode(new)) };
            Bytes::from(renewed)
        }
        Place::Cookie => {
            let text = headers.get(COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let renewed = text.replace(&format!("{}={old}", given.name), &format!("{}={new}", given.name));
            if let Ok(mut value) = HeaderValue::from_str(&renewed) {
                value.set_sensitive(true);
                headers.insert(COOKIE, value);
            }
            body.clone()
        }
    }
}

fn set_cookies<'a>(headers: &'a HeaderMap, url: &'a Url) -> impl Iterator<Item = Cookie> + 'a {
    let lines = headers.get_all(http::header::SET_COOKIE).iter();
    lines.filter_map(|line| Cookie::parse(std::str::from_utf8(line.as_bytes()).ok()?, url))
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// The texts in a JSON document or a form, each with its name.
fn leaves(body: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    match serde_json::from_slice::<Value>(body) {
        Ok(document) => walk("", &document, &mut found),
        Err(_) if body.contains(&b'=') && !body.contains(&b'\n') => {
            found.extend(
                form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())),
            );
        }
        Err(_) => {}
    }
    found
}

fn walk(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| walk(name, item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, item)| walk(name, item, found)),
        _ => {}
    }
}

/// `refresh_token`, `refreshToken` and `refresh-token` are one name.
fn alike(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn speaks_of_renewal(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    ["refresh", "renew", "silent", "token"].iter().any(|word| path.contains(word))
}

/// Shorter values are no tokens.
const SHORTEST: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{session::Item, site::Origin};

    fn url() -> Url {
        "https://shop.example/auth/refresh".parse().unwrap()
    }

    fn state() -> State {
        let mut state = State::default();
        let storage = state.origin_mut(&Origin::parse("https://shop.example").unwrap());
        storage.local_storage.push(Item::new("refresh", "Refresh-Token-0001"));
        state.receive_cookie(
            "rt=Cookie-Token-0001; HttpOnly; Secure; Path=/auth",
            &url(),
            crate::session::now(),
        );
        state
    }

    fn names(body: &str, headers: &HeaderMap) -> Vec<String> {
        let all =
            carried(&state(), (&Method::POST, &url()), headers, body.as_bytes(), |v| v == "Spent-Token-0000");
        all.into_iter().map(|given| given.name).collect()
    }

    #[test]
    fn a_token_of_the_session_in_the_body_may_be_traded_and_one_that_it_had_before() {
        let none = HeaderMap::new();
        assert_eq!(names(r#"{"refreshToken":"Refresh-Token-0001"}"#, &none), ["refreshToken"]);
        assert_eq!(
            names("grant_type=refresh_token&refresh_token=Spent-Token-0000", &none),
            ["refresh_token"]
        );
        assert!(names(r#"{"name":"something else entirely"}"#, &none).is_empty());
    }

    #[test]
    fn a_hidden_cookie_may_be_traded_where_the_address_speaks_of_it() {
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("a=1; rt=Cookie-Token-0001"))]);
        assert_eq!(names("", &headers), ["rt"]);
    }

    #[test]
    fn what_an_answer_brings_is_found_by_its_name_in_any_spelling() {
        let given =
            Carried { name: "refresh_token".into(), value: "Refresh-Token-0001".into(), place: Place::Body };
        let answer = br#"{"data":{"refreshToken":"Refresh-Token-0002","accessToken":"Access-Token-0002"}}"#;
        assert_eq!(
            brought(&given, &url(), &HeaderMap::new(), answer).unwrap().expose(),
            "Refresh-Token-0002"
        );
        assert_eq!(access_token(std::slice::from_ref(&given), answer).unwrap().expose(), "Access-Token-0002");
        assert!(brought(&given, &url(), &HeaderMap::new(), br#"{"ok":true}"#).is_none());
    }

    #[test]
    fn the_current_token_is_given_in_the_place_of_a_spent_one() {
        let given = Carried { name: "t".into(), value: "Old/Token=0001".into(), place: Place::Body };
        let body = give(
            &given,
            &"New/Token=2".into(),
            &mut HeaderMap::new(),
            &Bytes::from("t=Old%2FToken%3D0001&x=1"),
        );
        assert_eq!(body, "t=New%2FToken%3D2&x=1");
    }
}
