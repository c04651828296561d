//! What the proxy looks out for: requests that would end the session, and answers that take it out of the browser.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE},
};
use serde_json::Value;
use url::Url;

use super::words::{is_logout_path, is_logout_word};
use crate::session::Cookie;

/// Whether a request would end the session by its address: its words, or because it deletes a session or a token.
pub(super) fn ends_session(url: &Url, method: &Method) -> bool {
    if *method == Method::GET && is_asset_path(url.path()) {
        return false;
    }
    let mut segments: Vec<&str> = url.path().split('/').filter(|s| !s.is_empty()).collect();
    if segments.last().is_some_and(|last| OWN.contains(&last.to_ascii_lowercase().as_str())) {
        segments.pop();
    }
    let last = segments.last().map(|s| s.to_ascii_lowercase()).unwrap_or_default();
    is_logout_path(url.path())
        || (*method == Method::DELETE && SESSIONS.contains(&last.as_str()))
        || (*method == Method::POST && ENDS.contains(&last.as_str()) && is_of_session(&segments))
        || url.query_pairs().any(|(name, value)| speaks_of_logout(&name, &value))
}

/// Whether the body of a request has to be read to know whether it would end the session.
pub(super) fn is_telling(method: &Method, headers: &HeaderMap) -> bool {
    let text =
        |name: &HeaderName| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or_default();
    let kind = text(&CONTENT_TYPE);
    let length = text(&CONTENT_LENGTH).parse::<usize>();
    *method == Method::POST
        && length.is_ok_and(|length| (1..=LONGEST).contains(&length))
        && (kind.contains("json") || kind.contains("x-www-form-urlencoded") || kind.contains("graphql"))
}

/// Whether a request would end the session by its body: a call by name, as GraphQL and remote procedure calls have it,
/// or a form whose action says so.
pub(super) fn body_ends_session(body: &[u8]) -> bool {
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let calls = value.as_array().cloned().unwrap_or_else(|| vec![value]);
        return calls.iter().any(call_ends_session);
    }
    url::form_urlencoded::parse(body).any(|(name, value)| speaks_of_logout(&name, &value))
}

fn call_ends_session(call: &Value) -> bool {
    let named = NAMES.iter().filter_map(|name| call[name].as_str());
    let query = call["query"].as_str().unwrap_or_default();
    named.into_iter().any(is_logout_word)
        || (query.trim_start().starts_with("mutation")
            && query.split(|c: char| !c.is_alphanumeric() && c != '_').any(is_logout_word))
}

fn speaks_of_logout(name: &str, value: &str) -> bool {
    (is_logout_word(name) && value.len() <= 5) || (NAMES.contains(&name) && is_logout_word(value))
}

/// Takes out of an answer what would take the session out of the browser, and tells what that was.
///
/// Whether the application has ended the session too is asked of it afterwards. `tokens` gives the names of the session's cookies.
pub(super) fn keep_in_browser(
    url: &Url,
    headers: &mut HeaderMap,
    tokens: impl FnOnce() -> Vec<String>,
    now: i64,
) -> Vec<String> {
    let mut taken = Vec::new();
    let clear = HeaderName::from_static("clear-site-data");
    if headers.remove(&clear).is_some() {
        taken.push("the answer clears the browser".to_owned());
    }
    if !headers.contains_key(SET_COOKIE) {
        return taken;
    }
    let tokens = tokens();
    let lines: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    let parsed = |line: &HeaderValue| Cookie::parse(&String::from_utf8_lossy(line.as_bytes()), url);
    let ended: Vec<String> = lines
        .iter()
        .filter_map(|line| parsed(line).filter(|cookie| cookie.is_expired(now)))
        .map(|cookie| cookie.name)
        .filter(|name| tokens.contains(name))
        // Some end a cookie and set it anew in one breath.
        .filter(|name| {
            let last = lines.iter().rev().filter_map(parsed).find(|cookie| cookie.name == *name);
            last.is_some_and(|cookie| cookie.is_expired(now))
        })
        .collect();
    if ended.is_empty() {
        return taken;
    }
    headers.remove(SET_COOKIE);
    for line in lines {
        if !parsed(&line).is_some_and(|cookie| ended.contains(&cookie.name)) {
            headers.append(SET_COOKIE, line);
        }
    }
    taken.extend(ended.into_iter().map(|name| format!("the answer ends the cookie `{name}`")));
    taken
}

/// Scripts and pictures may be named after the logout that they are for.
fn is_asset_path(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, extension)| ASSETS.contains(&extension))
}

fn is_of_session(segments: &[&str]) -> bool {
    let before = segments.len().checked_sub(2).and_then(|at| segments.get(at));
    before.is_some_and(|s| SESSIONS.contains(&s.to_ascii_lowercase().as_str()))
}

const ASSETS: &[&str] =
    &["js", "mjs", "css", "map", "png", "svg", "jpg", "jpeg", "webp", "woff", "woff2", "ttf"];
/// What stands for the one who asks.
const OWN: &[&str] = &["current", "me", "self", "mine", "all"];
const SESSIONS: &[&str] = &["session", "sessions", "token", "tokens", "auth", "oauth", "login", "sso"];
const ENDS: &[&str] =
    &["end", "revoke", "revocation", "destroy", "delete", "terminate", "invalidate", "clear", "kill"];
/// Where calls and forms say what is to be done.
const NAMES: &[&str] =
    &["method", "operationName", "action", "cmd", "command", "op", "event", "do", "mode", "task", "act"];
/// The longest body that is read, in bytes.
pub(super) const LONGEST: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(method: &Method, path: &str) -> bool {
        ends_session(&Url::parse("http://a/").unwrap().join(path).unwrap(), method)
    }

    #[test]
    fn requests_that_end_a_session_are_known_by_method_and_address() {
        for path in ["session", "api/sessions", "api/session/current", "auth/token", "v1/auth", "tokens/me"] {
            assert!(ends(&Method::DELETE, path), "{path}");
        }
        for path in ["oauth/revoke", "session/end", "api/tokens/revoke", "sessions/all/destroy"] {
            let all = path == "sessions/all/destroy";
            assert_eq!(ends(&Method::POST, path), !all, "{path}");
        }
        assert!(ends(&Method::GET, "index.php?action=logout") && ends(&Method::GET, "?logout=1"));
        assert!(ends(&Method::GET, "logout.gif") && !ends(&Method::GET, "assets/logout.svg"));
        for path in ["api/items/4", "sessions/4711", "cart/clear"] {
            assert!(!ends(&Method::DELETE, path) && !ends(&Method::POST, path), "{path}");
        }
        assert!(!ends(&Method::GET, "help?q=logout") && !ends(&Method::POST, "api/sessions"));
    }

    #[test]
    fn a_call_by_name_is_known_by_its_body() {
        for body in [
            r#"{"jsonrpc":"2.0","method":"auth.logout","id":1}"#,
            r#"{"query":"mutation { logOut { ok } }"}"#,
            r#"[{"operationName":"SignOut","query":"mutation SignOut { x }"}]"#,
            "action=logout&token=1",
        ] {
            assert!(body_ends_session(body.as_bytes()), "{body}");
        }
        for body in [r#"{"text":"how do I logout"}"#, r#"{"query":"{ logoutUrl }"}"#, "q=logout", "a=b"] {
            assert!(!body_ends_session(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn what_takes_the_session_out_of_the_browser_is_taken_out_of_the_answer() {
        let url = Url::parse("http://a/").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("clear-site-data", HeaderValue::from_static("\"cookies\""));
        for line in ["sid=; Max-Age=0", "flash=; Max-Age=0", "two=; Max-Age=0", "two=new"] {
            headers.append(SET_COOKIE, HeaderValue::from_static(line));
        }
        let taken = keep_in_browser(&url, &mut headers, || vec!["sid".into(), "two".into()], 1_800_000_000);
        assert_eq!(taken, ["the answer clears the browser", "the answer ends the cookie `sid`"]);
        let left: Vec<_> = headers.get_all(SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
        assert_eq!(left, ["flash=; Max-Age=0", "two=; Max-Age=0", "two=new"]);
    }
}
