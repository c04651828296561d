//! Finds the request headers that carry a session: what the application's own script added.

use std::collections::HashSet;

use crate::{browser::Exchange, session::HeaderToken, session::State, site::Origin};

use super::sources::Sources;

/// The header tokens of the traffic after a login: for each origin and name the last value, and where it came from.
///
/// A header whose value was sent before the login too is no part of the session, unless it is an `Authorization` or
/// repeats something that is stored.
pub(super) fn read(
    before: &[Exchange],
    after: &[Exchange],
    state: &State,
    credentials: &[&str],
) -> Vec<HeaderToken> {
    let sources = Sources::new(state, before.iter().chain(after), credentials);
    let known: HashSet<(String, &str)> = before.iter().flat_map(custom).map(|(_, n, v)| (n, v)).collect();
    let mut tokens: Vec<HeaderToken> = Vec::new();
    for (origin, name, value) in after.iter().flat_map(custom) {
        let source = sources.find(value);
        let is_old = known.contains(&(name.clone(), value));
        if name != "authorization" && source.is_memory() && (is_old || !looks_secret(value)) {
            continue;
        }
        let token =
            HeaderToken { origin, name: written(&name), value: value.into(), source: source.into_source() };
        match tokens.iter_mut().find(|t| t.origin == token.origin && t.name == token.name) {
            Some(earlier) => *earlier = token,
            None => tokens.push(token),
        }
    }
    tokens
}

/// The headers of a request that no browser adds by itself, with their origin and lower-case names.
fn custom(exchange: &Exchange) -> impl Iterator<Item = (Origin, String, &str)> {
    let origin = exchange.url.parse().ok().and_then(|url| Origin::of(&url));
    let is_preflight = exchange.method == "OPTIONS";
    let headers = exchange.request_headers.iter().filter(move |_| !is_preflight);
    headers.filter_map(move |(name, value)| {
        let name = name.to_ascii_lowercase();
        (is_own_header(&name) && !value.is_empty()).then(|| Some((origin.clone()?, name, value.as_str())))?
    })
}

/// Whether a header is one that no browser adds by itself, and that does not describe the request.
#[must_use]
pub fn is_own_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !BROWSER_HEADERS.contains(&name.as_str()) && !BROWSER_PREFIXES.iter().any(|p| name.starts_with(p))
}

/// A value that is long and mixed enough to be a token; `XMLHttpRequest`, `true` or `1.2.3` are none.
fn looks_secret(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let letters = value.chars().filter(char::is_ascii_alphabetic).count();
    value.len() >= 16 && digits >= 2 && letters >= 2 && !value.contains(' ')
}

/// Header names as people write them: `X-Csrf-Token`.
fn written(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut chars = word.chars();
        chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}

/// Headers that browsers add or that describe the request itself (Fetch standard, 2.2.2 and common practice).
const BROWSER_HEADERS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "baggage",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "dnt",
    "expect",
    "host",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "origin",
    "pragma",
    "priority",
    "purpose",
    "range",
    "referer",
    "referrer-policy",
    "save-data",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-requested-with",
];

const BROWSER_PREFIXES: &[&str] = &[":", "sec-", "proxy-", "access-control-"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cookie, Source};

    fn call(headers: &[(&str, &str)]) -> Exchange {
        Exchange {
            method: "GET".into(),
            url: "http://shop.test/api".into(),
            kind: "Fetch".into(),
            request_headers: headers.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
            ..Exchange::default()
        }
    }

    #[test]
    fn an_authorization_header_is_a_token_with_its_source() {
        let state = State {
            cookies: vec![Cookie { name: "token".into(), value: "abc.def".into(), ..Cookie::default() }],
            ..State::default()
        };
        let tokens =
            read(&[], &[call(&[("authorization", "Bearer abc.def"), ("accept", "*/*")])], &state, &[]);
        assert_eq!(tokens.len(), 1);
        assert_eq!(tokens[0].name, "Authorization");
        assert_eq!(tokens[0].source, Source::Cookie { name: "token".into() });
    }

    #[test]
    fn what_was_sent_before_the_login_is_no_token() {
        let client = [("X-Client-Id", "web-0123456789abcdef")];
        assert!(read(&[call(&client)], &[call(&client)], &State::default(), &[]).is_empty());
        assert_eq!(read(&[], &[call(&client)], &State::default(), &[]).len(), 1);
    }

    #[test]
    fn words_and_versions_are_no_tokens() {
        let headers = [
            ("X-Api-Version", "1.2.3"),
            ("X-Requested-By", "XMLHttpRequest"),
            ("X-Requested-With", "XMLHttpRequest"),
        ];
        assert!(read(&[], &[call(&headers)], &State::default(), &[]).is_empty());
    }
}
