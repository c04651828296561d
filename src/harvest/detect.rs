//! Decides how a session is carried, from what a login left behind, and says why.

use std::fmt::Write as _;

use url::Url;

use super::{
    capture::{capture, login_request},
    sources::leaves,
};
use crate::{
    browser::Exchange,
    session::{HeaderTemplate, HeaderToken, HttpScheme, Method, Part, Place, Source, State},
};

/// A session management method that was found, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The method.
    pub method: Method,
    /// What spoke for it, in words without secrets, the strongest first.
    pub reasons: Vec<String>,
}

/// Decides among `cookie`, `http`, `headers` and `browser`; a script is never chosen.
///
/// Credentials on the requests themselves are `http`. Headers are `headers` where each can be made anew from the login's
/// answer, a cookie or a place in storage; one that only the application's script knows leaves it to `browser`, and so
/// does a session that lives in storage and goes out in no header at all. Cookies alone are `cookie`. Where no request has
/// carried anything yet, as after a login without a browser, a token in the login's JSON answer is taken for a bearer token.
#[must_use]
pub fn detect(state: &State, traffic: &[Exchange], password: Option<&str>) -> Detected {
    let calls: Vec<_> = traffic.iter().filter(|x| x.method != "OPTIONS" && x.status.is_some()).collect();
    if let Some(found) = by_credentials(state, &calls) {
        return found;
    }
    if !state.headers.is_empty() {
        return by_headers(state, traffic, &calls, password);
    }
    if let Some(found) = by_answer(traffic, password).filter(|_| !has_session_cookie(state)) {
        return found;
    }
    let stored = state.tokens().iter().filter(|token| token.origin.is_some()).count();
    if state.cookies.is_empty() && stored > 0 {
        let reason =
            format!("{stored} values in the browser's storage look like tokens, and no request carries one");
        return Detected { method: Method::Browser, reasons: vec![reason] };
    }
    if state.cookies.is_empty() {
        let reason = "the login left no cookie, no header and no token behind".to_owned();
        return Detected { method: Method::Browser, reasons: vec![reason] };
    }
    let names: Vec<_> = state.cookies.iter().map(|cookie| format!("`{}`", cookie.name)).collect();
    let reason =
        format!("no request carries a header of the session's, and there are cookies: {}", names.join(", "));
    Detected { method: Method::Cookie, reasons: vec![reason] }
}

impl Detected {
    /// The explicit configuration, in the keys of a ZAP context, to be pasted under it.
    #[must_use]
    pub fn yaml(&self) -> String {
        let mut text = format!("sessionManagement:\n  method: {}\n", self.method.word());
        match &self.method {
            Method::Headers { headers } => {
                text.push_str("  parameters:\n");
                for header in headers {
                    let _ =
                        writeln!(text, "    {}: {}", quoted(&header.name), quoted(&header.value.to_string()));
                }
            }
            Method::Http { scheme } => {
                let _ = writeln!(text, "  parameters:\n    scheme: {}", word(*scheme));
            }
            _ => {}
        }
        text
    }
}

fn by_credentials(state: &State, calls: &[&Exchange]) -> Option<Detected> {
    let token =
        state.headers.iter().find(|token| is_authorization(token) && token.source == Source::Credentials);
    let digest = state.headers.iter().find(|token| {
        is_authorization(token) && token.value.expose().to_ascii_lowercase().starts_with("digest ")
    });
    let (scheme, token) = match (token, digest) {
        (Some(token), _) => (HttpScheme::Basic, token),
        (None, Some(token)) => (HttpScheme::Digest, token),
        (None, None) => return None,
    };
    let (count, all) = carried(token, calls);
    let made = if scheme == HttpScheme::Basic {
        "are the user name and password in base64"
    } else {
        "answer a Digest challenge"
    };
    let reasons = vec![format!("Authorization on {count} of {all} calls to {}: they {made}", token.origin)];
    Some(Detected { method: Method::Http { scheme }, reasons })
}

fn by_headers(state: &State, traffic: &[Exchange], calls: &[&Exchange], password: Option<&str>) -> Detected {
    let (mut headers, mut reasons, mut lost) = (Vec::<HeaderTemplate>::new(), Vec::new(), Vec::new());
    for token in &state.headers {
        let (count, all) = carried(token, calls);
        let on = format!("{} on {count} of {all} calls to {}", token.name, token.origin);
        let Some((template, place)) = template(token, state, (traffic, password)) else {
            lost.push(format!("{on}: only the application's script knows where the value comes from"));
            continue;
        };
        reasons.push(format!("{on} equals {place}"));
        let is_known = headers.iter().any(|known| known.name == template.name);
        if is_known && !headers.contains(&template) {
            lost.push(format!("{on}: its value is another one for another origin"));
        } else if !is_known {
            headers.push(template);
        }
    }
    if lost.is_empty() {
        return Detected { method: Method::Headers { headers }, reasons };
    }
    lost.extend(reasons);
    Detected { method: Method::Browser, reasons: lost }
}

/// A token of the login's JSON answer that nothing has used yet.
fn by_answer(traffic: &[Exchange], password: Option<&str>) -> Option<Detected> {
    let login = login_request(traffic, password)?;
    let body = serde_json::from_str(login.response_body.as_deref()?).ok()?;
    let mut paths = Vec::new();
    leaves(&body, "", &mut |path, text| {
        let key = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().replace(['_', '-'], "");
        let rank = TOKEN_KEYS.iter().position(|known| key == *known);
        paths.extend(
            rank.filter(|_| text.len() >= SHORTEST && !text.contains(' '))
                .map(|rank| (rank, path.to_owned())),
        );
    });
    let (_, path) = paths.into_iter().min()?;
    let value = format!("Bearer {{%json:{path}%}}").parse().ok()?;
    let headers = vec![HeaderTemplate { name: "Authorization".into(), value }];
    let reason =
        format!("the answer of {} has `{path}`, and it set no cookie that scripts cannot read", line(login));
    Some(Detected { method: Method::Headers { headers }, reasons: vec![reason] })
}

/// The template that makes a token anew, and the place in words; nothing where it would make another value.
fn template(
    token: &HeaderToken,
    state: &State,
    (traffic, password): (&[Exchange], Option<&str>),
) -> Option<(HeaderTemplate, String)> {
    let value = token.value.expose();
    let (scheme, bare) = value.split_once(' ').map_or(("", value), |(scheme, bare)| (scheme, bare.trim()));
    // The answer to the login wins over a copy of it in storage: no browser is needed to get it.
    let login = login_request(traffic, password);
    let answered = login.and_then(|login| Some((in_answer(bare, login)?, line(login))));
    let (place, words) = match answered {
        Some((path, login)) => (format!("json:{path}"), format!("json:{path} of {login}")),
        None => place(&token.source, bare, state)?,
    };
    let space = if scheme.is_empty() { "" } else { " " };
    let text = format!("{scheme}{space}{{%{place}%}}");
    let template = HeaderTemplate { name: token.name.clone(), value: text.parse().ok()? };
    is_right(&template, token, state, (traffic, password)).then_some((template, words))
}

fn in_answer(bare: &str, login: &Exchange) -> Option<String> {
    let body = serde_json::from_str(login.response_body.as_deref()?).ok()?;
    let mut found = None;
    leaves(&body, "", &mut |path, text| {
        if text == bare && found.is_none() {
            found = Some(path.to_owned());
        }
    });
    found
}

/// The place in a template's words, and for people.
fn place(source: &Source, bare: &str, state: &State) -> Option<(String, String)> {
    let whole = source.to_string();
    let text = match source {
        Source::Cookie { .. } | Source::Url { .. } | Source::ResponseHeader { .. } => whole,
        Source::JsonBody { url, path } => return Some((whole, format!("json:{path} of {}", url.path()))),
        Source::LocalStorage { key, .. } | Source::SessionStorage { key, .. } => {
            format!("{whole}{}", inner(source, key, bare, state)?)
        }
        Source::IndexedDb { database, store, key, .. } => {
            let key = format!("{database}/{store}/{key}");
            format!("{whole}{}", inner(source, &key, bare, state)?)
        }
        _ => return None,
    };
    Some((text.clone(), text))
}

/// The way into the JSON of a stored value, with its stroke; empty where it is the whole value.
fn inner(source: &Source, key: &str, bare: &str, state: &State) -> Option<String> {
    let tokens = state.tokens();
    let mut same = tokens.iter().filter(|token| token.source == *source && token.value.expose() == bare);
    same.find_map(|token| match token.key.strip_prefix(key)? {
        "" => Some(String::new()),
        path => path.strip_prefix('.').map(|path| format!("|{path}")),
    })
}

/// Whether a template makes the value that was seen.
fn is_right(
    template: &HeaderTemplate,
    token: &HeaderToken,
    state: &State,
    (traffic, password): (&[Exchange], Option<&str>),
) -> bool {
    let method = Method::Headers { headers: vec![template.clone()] };
    let values = capture(&method, traffic, password, |_| None);
    let state = State { values, ..state.clone() };
    let filled = template.value.parts().iter().map(|part| match part {
        Part::Text(text) => Some(text.clone()),
        // Cookies change, and may be sent decoded: that they are repeated is known from the harvest.
        Part::Place(Place::Cookie(_)) => token.value.expose().rsplit(' ').next().map(str::to_owned),
        Part::Place(place) => state.value_of(place, &token.origin).map(|value| value.expose().to_owned()),
    });
    filled.collect::<Option<String>>().is_some_and(|text| text == token.value.expose())
}

/// How many of the calls to the token's origin had its header; of the calls of scripts, where there are any.
fn carried(token: &HeaderToken, calls: &[&Exchange]) -> (usize, usize) {
    let own = calls.iter().filter(|x| x.url.parse().is_ok_and(|url| token.origin.contains(&url)));
    let own: Vec<_> = own.collect();
    let by_script = own.iter().any(|x| x.is_script_call());
    let counted = own.iter().filter(|x| !by_script || x.is_script_call());
    let with = counted.clone().filter(|x| x.request_header(&token.name).is_some()).count();
    (with, counted.count())
}

fn has_session_cookie(state: &State) -> bool {
    state.cookies.iter().any(|cookie| cookie.http_only)
}

fn is_authorization(token: &HeaderToken) -> bool {
    token.name.eq_ignore_ascii_case("authorization")
}

fn line(exchange: &Exchange) -> String {
    let path = exchange.url.parse::<Url>().map(|url| url.path().to_owned()).unwrap_or_default();
    format!("{} {path}", exchange.method)
}

/// A YAML text in double quotes, which is one in JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn word(scheme: HttpScheme) -> &'static str {
    match scheme {
        HttpScheme::Basic => "basic",
        HttpScheme::Digest => "digest",
        HttpScheme::Bearer => "bearer",
    }
}

/// What applications call the token in a login's answer, best first, in small letters and without strokes.
const TOKEN_KEYS: &[&str] =
    &["accesstoken", "token", "jwt", "authtoken", "idtoken", "sessiontoken", "bearer"];
/// Shorter values are no tokens.
const SHORTEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        session::{Cookie, Item},
        site::Origin,
    };

    const TOKEN: &str = "AbCdEf0123456789xyz";

    fn origin() -> Origin {
        Origin::parse("http://a.test").unwrap()
    }

    fn call(headers: &[(&str, &str)]) -> Exchange {
        Exchange {
            method: "GET".into(),
            url: "http://a.test/api".into(),
            kind: "Fetch".into(),
            status: Some(200),
            request_headers: headers.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
            ..Exchange::default()
        }
    }

    fn login(answer: &str) -> Exchange {
        Exchange {
            method: "POST".into(),
            url: "http://a.test/login".into(),
            status: Some(200),
            request_body: Some(r#"{"password":"planted"}"#.into()),
            response_body: Some(answer.into()),
            ..Exchange::default()
        }
    }

    fn header(value: &str, source: Source) -> HeaderToken {
        HeaderToken { origin: origin(), name: "Authorization".into(), value: value.into(), source }
    }

    fn cookie(name: &str, http_only: bool) -> Cookie {
        Cookie { name: name.into(), value: "abcdefgh".into(), http_only, ..Cookie::default() }
    }

    fn found(state: &State, traffic: &[Exchange]) -> (String, String) {
        let detected = detect(state, traffic, Some("planted"));
        assert!(!format!("{detected:?}").contains(TOKEN) && !format!("{detected:?}").contains("planted"));
        (detected.yaml(), detected.reasons.join("; "))
    }

    #[test]
    fn a_header_that_repeats_the_login_s_answer_is_told_with_its_count() {
        let traffic = [
            login(&format!(r#"{{"authentication":{{"token":"{TOKEN}"}}}}"#)),
            call(&[]),
            call(&[("authorization", &format!("Bearer {TOKEN}"))]),
        ];
        let source = Source::LocalStorage { origin: origin(), key: "token".into() };
        let state = State { headers: vec![header(&format!("Bearer {TOKEN}"), source)], ..State::default() };
        let (yaml, why) = found(&state, &traffic);
        assert_eq!(
            yaml,
            "sessionManagement:\n  method: headers\n  parameters:\n    \"Authorization\": \"Bearer {%json:authentication.token%}\"\n"
        );
        let expected =
            "Authorization on 1 of 2 calls to http://a.test equals json:authentication.token of POST /login";
        assert_eq!(why, expected);
    }

    #[test]
    fn a_header_from_storage_is_told_with_its_path() {
        let source = Source::LocalStorage { origin: origin(), key: "auth".into() };
        let mut state = State { headers: vec![header(TOKEN, source)], ..State::default() };
        let stored = format!(r#"{{"user":{{"t":"{TOKEN}"}}}}"#);
        state.origin_mut(&origin()).local_storage.push(Item::new("auth", stored));
        let (yaml, _) = found(&state, &[call(&[("authorization", TOKEN)])]);
        assert!(yaml.contains(r#""Authorization": "{%localStorage:auth|user.t%}""#), "{yaml}");
    }

    #[test]
    fn what_only_a_script_knows_needs_the_browser() {
        let state =
            State { headers: vec![header(&format!("Bearer {TOKEN}"), Source::Memory)], ..State::default() };
        let (yaml, why) = found(&state, &[call(&[("authorization", TOKEN)])]);
        assert!(
            yaml.contains("method: browser") && why.contains("only the application's script knows"),
            "{why}"
        );
        let mut stored = State::default();
        stored.origin_mut(&origin()).local_storage.push(Item::new("token", TOKEN));
        assert!(found(&stored, &[call(&[])]).0.contains("method: browser"));
    }

    #[test]
    fn credentials_on_each_request_are_http() {
        let state = State { headers: vec![header("Basic YTpi", Source::Credentials)], ..State::default() };
        let (yaml, why) = found(&state, &[call(&[("Authorization", "Basic YTpi")])]);
        assert_eq!(yaml, "sessionManagement:\n  method: http\n  parameters:\n    scheme: basic\n");
        assert!(why.contains("1 of 1 calls"), "{why}");
    }

    #[test]
    fn cookies_alone_are_cookie_and_win_over_a_token_that_nothing_uses() {
        let state = State { cookies: vec![cookie("sid", true)], ..State::default() };
        let answer = login(&format!(r#"{{"token":"{TOKEN}"}}"#));
        for traffic in [&[][..], &[answer]] {
            let (yaml, why) = found(&state, traffic);
            assert_eq!(yaml, "sessionManagement:\n  method: cookie\n");
            assert!(why.contains("`sid`"), "{why}");
        }
    }

    #[test]
    fn a_token_in_the_answer_of_a_login_without_a_browser_is_taken_for_a_bearer_token() {
        let answer = login(&format!(
            r#"{{"user":{{"id":1}},"data":{{"access_token":"{TOKEN}","refresh_token":"{TOKEN}"}}}}"#
        ));
        let state = State { cookies: vec![cookie("lang", false)], ..State::default() };
        let (yaml, _) = found(&state, &[answer]);
        assert!(yaml.contains("Bearer {%json:data.access_token%}"), "{yaml}");
    }

    #[test]
    fn a_login_that_left_nothing_says_so() {
        assert!(found(&State::default(), &[call(&[])]).1.contains("no cookie, no header and no token"));
    }
}
