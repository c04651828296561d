//! Finds where a header's value came from.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use crate::{
    browser::Exchange,
    session::{Source, State},
};

/// Every known value and its place, web storage before cookies before answers.
pub(super) struct Sources<'a> {
    places: HashMap<String, Source>,
    credentials: Vec<&'a str>,
}

/// Where a value was found.
#[derive(Debug, PartialEq)]
pub(super) struct Found(Source);

impl Found {
    pub(super) fn is_memory(&self) -> bool {
        self.0 == Source::Memory
    }

    pub(super) fn into_source(self) -> Source {
        self.0
    }
}

impl<'a> Sources<'a> {
    /// Collects the values of a session and of the answers that were seen; stored values win over seen ones.
    pub(super) fn new<'x>(
        state: &State,
        traffic: impl Iterator<Item = &'x Exchange>,
        credentials: &[&'a str],
    ) -> Self {
        let mut places = HashMap::new();
        for exchange in traffic {
            answers(exchange, &mut places);
        }
        for cookie in &state.cookies {
            let value = cookie.value.expose();
            let decoded = percent_decode_str(value).decode_utf8_lossy().into_owned();
            for text in [value.to_owned(), decoded, value.trim_matches('"').to_owned()] {
                places.insert(text, Source::Cookie { name: cookie.name.clone() });
            }
        }
        let is_cookie = |source: &Source| matches!(source, Source::Cookie { .. });
        for token in state.tokens().into_iter().filter(|t| !is_cookie(&t.source)) {
            places.insert(token.value.expose().to_owned(), token.source);
        }
        places.retain(|value, _| value.len() >= SHORTEST);
        Self { places, credentials: credentials.iter().filter(|c| !c.is_empty()).copied().collect() }
    }

    /// Where the value of a header was found, with or without an authentication scheme before it.
    pub(super) fn find(&self, header: &str) -> Found {
        let bare = header.split_once(' ').map_or(header, |(_, value)| value.trim());
        if let Some(source) = [header, bare, bare.trim_matches('"')].iter().find_map(|v| self.places.get(*v))
        {
            return Found(source.clone());
        }
        if self.is_basic(bare) {
            return Found(Source::Credentials);
        }
        Found(Source::Memory)
    }

    /// Whether the value is a user name and password in base64 (RFC 7617).
    fn is_basic(&self, value: &str) -> bool {
        let decoded = STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        decoded.is_some_and(|text| {
            !self.credentials.is_empty() && self.credentials.iter().all(|c| text.contains(c))
        })
    }
}

/// Takes in the values of an answer: its headers, and every text in a JSON body.
fn answers(exchange: &Exchange, places: &mut HashMap<String, Source>) {
    let Ok(url) = exchange.url.parse::<Url>() else { return };
    for (name, value) in &exchange.response_headers {
        if !name.eq_ignore_ascii_case("set-cookie") {
            let source = Source::ResponseHeader { url: url.clone(), name: name.clone() };
            places.entry(value.clone()).or_insert(source);
        }
    }
    let Some(body) = exchange.response_body.as_deref().and_then(|b| serde_json::from_str(b).ok()) else {
        return;
    };
    leaves(&body, "", &mut |path, text| {
        let source = Source::JsonBody { url: url.clone(), path: path.to_owned() };
        places.entry(text.to_owned()).or_insert(source);
    });
}

/// Calls `visit` with the path and text of every string in a JSON document.
pub(super) fn leaves(value: &Value, path: &str, visit: &mut impl FnMut(&str, &str)) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| leaves(item, &below(&i.to_string()), visit));
        }
        Value::Object(fields) => fields.iter().for_each(|(key, item)| leaves(item, &below(key), visit)),
        _ => {}
    }
}

/// Shorter values are found everywhere by chance.
const SHORTEST: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Cookie;

    #[test]
    fn basic_credentials_are_recognised() {
        let sources = Sources::new(&State::default(), std::iter::empty(), &["anna", "pass word"]);
        let header = format!("Basic {}", STANDARD.encode("anna:pass word"));
        assert_eq!(sources.find(&header), Found(Source::Credentials));
        assert_eq!(sources.find("Basic nonsense"), Found(Source::Memory));
    }

    #[test]
    fn a_value_of_an_answer_is_found_by_its_path() {
        let exchange = Exchange {
            url: "http://shop.test/login".into(),
            response_body: Some(r#"{"authentication":{"token":"abcdefgh"}}"#.into()),
            ..Exchange::default()
        };
        let sources = Sources::new(&State::default(), [&exchange].into_iter(), &[]);
        let Found(Source::JsonBody { path, .. }) = sources.find("Bearer abcdefgh") else { panic!("found") };
        assert_eq!(path, "authentication.token");
    }

    #[test]
    fn a_percent_encoded_cookie_is_found_by_its_plain_value() {
        let cookie = Cookie { name: "XSRF-TOKEN".into(), value: "abc%3Ddef".into(), ..Cookie::default() };
        let state = State { cookies: vec![cookie], ..State::default() };
        let sources = Sources::new(&state, std::iter::empty(), &[]);
        assert_eq!(sources.find("abc=def"), Found(Source::Cookie { name: "XSRF-TOKEN".into() }));
    }
}
