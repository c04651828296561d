//! Which requests of a login may prove it.

use url::Url;

use crate::{
    browser::Exchange,
    session::{Check, Indicator, State},
    site::Origin,
};

/// The requests worth asking again, the most promising first.
///
/// Only reading requests that succeeded, to the session's own origins, and none that may end the session.
pub(super) fn candidates(
    traffic: &[Exchange],
    page: &Url,
    state: &State,
    username: Option<&str>,
) -> Vec<Check> {
    let mut scored: Vec<(i32, Check)> = Vec::new();
    for exchange in traffic.iter().filter(|x| is_candidate(x, state, page)) {
        let Ok(mut url) = exchange.url.parse::<Url>() else { continue };
        url.set_fragment(None);
        if scored.iter().all(|(_, c)| c.url != url) {
            scored.push((score(exchange, &url, username), check(exchange, url)));
        }
    }
    let mut here = page.clone();
    here.set_fragment(None);
    if scored.iter().all(|(_, c)| c.url != here) {
        scored.push((0, check(&Exchange { kind: "Document".into(), ..Exchange::default() }, here)));
    }
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().take(MOST).map(|(_, check)| check).collect()
}

fn is_candidate(exchange: &Exchange, state: &State, page: &Url) -> bool {
    let Ok(url) = exchange.url.parse::<Url>() else { return false };
    let origin = Origin::of(&url);
    // Pages on the way, such as those of an identity provider, are not the application's.
    let is_on_the_way = exchange.is_document() && origin != Origin::of(page);
    let is_own = !is_on_the_way && origin.is_some_and(|o| state.scope.contains(&o));
    let is_asked = exchange.is_script_call() || exchange.is_document();
    let is_answered = exchange.status.is_some_and(|s| (200..300).contains(&s) || s == 304);
    let path = url.path().to_ascii_lowercase();
    let is_harmless = !ENDINGS.iter().any(|e| path.ends_with(e))
        && !["logout", "signout", "logoff"].iter().any(|w| path.contains(w));
    only_reads(&exchange.method) && is_own && is_asked && is_answered && is_harmless
}

fn score(exchange: &Exchange, url: &Url, username: Option<&str>) -> i32 {
    let mut score = 0;
    let content_type = exchange.response_header("content-type").unwrap_or_default();
    if content_type.contains("json") {
        score += 4;
    }
    let names_user =
        username.is_some_and(|u| exchange.response_body.as_deref().is_some_and(|b| b.contains(u)));
    if names_user {
        score += 6;
    }
    let path = url.path().to_ascii_lowercase();
    if path.split('/').any(|p| WORDS.contains(&p)) {
        score += 4;
    }
    if ["login", "signin", "auth"].iter().any(|w| path.contains(w)) {
        score -= 3;
    }
    if exchange.request_header("authorization").is_some() {
        score += 2;
    }
    if exchange.is_document() {
        score += 1;
    }
    score
}

/// The request as it was sent, without what carries the session.
fn check(exchange: &Exchange, url: Url) -> Check {
    let kept = |name: &str| exchange.request_header(name).map(|value| (name.to_owned(), value.to_owned()));
    let mut headers: Vec<_> =
        ["accept", "accept-language", "x-requested-with", "depth"].into_iter().filter_map(kept).collect();
    let body = exchange.request_body.clone().filter(|_| exchange.method != "GET");
    if body.is_some() {
        headers.extend(kept("content-type"));
    }
    if !headers.iter().any(|(n, _)| n == "accept") {
        let accept = if exchange.is_document() { "text/html,*/*;q=0.8" } else { "*/*" };
        headers.push(("accept".into(), accept.into()));
    }
    let indicator = Indicator::Status { logged_in: 200, logged_out: 401 };
    let method = if exchange.method.is_empty() { "GET".to_owned() } else { exchange.method.clone() };
    Check { method, url, body, headers, indicator, evidence: String::new() }
}

/// Whether a method is defined as safe: RFC 9110, and RFC 4918, RFC 3253 and RFC 5323 for what has a body.
pub(super) fn only_reads(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "PROPFIND" | "REPORT" | "SEARCH")
}

/// Words in paths that ask for the user.
const WORDS: &[&str] = &[
    "me",
    "whoami",
    "current",
    "currentuser",
    "current_user",
    "user",
    "users",
    "session",
    "account",
    "profile",
    "settings",
    "self",
    "identity",
];

/// Endings of files that are the same for everybody.
const ENDINGS: &[&str] = &[".js", ".css", ".png", ".svg", ".jpg", ".woff2", ".woff", ".ico", ".map", ".wasm"];

/// How many requests are tried at most.
const MOST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_only_read_are_candidates_with_what_they_say() {
        let seen = |method: &str| Exchange {
            method: method.into(),
            url: "http://a.test/dav/".into(),
            kind: "Fetch".into(),
            request_headers: vec![("Depth".into(), "0".into()), ("Authorization".into(), "Basic x".into())],
            request_body: Some("<propfind/>".into()),
            status: Some(207),
            ..Exchange::default()
        };
        let state = State { scope: vec![Origin::parse("http://a.test").unwrap()], ..State::default() };
        let page: Url = "http://a.test/".parse().unwrap();
        let found = candidates(&[seen("PROPFIND"), seen("PROPPATCH"), seen("POST")], &page, &state, None);
        let [first, _page] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((first.method.as_str(), first.body.as_deref()), ("PROPFIND", Some("<propfind/>")));
        assert!(first.headers.iter().any(|(name, value)| name == "depth" && value == "0"));
        assert!(!first.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")));
    }
}
