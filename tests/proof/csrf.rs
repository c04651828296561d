//! Tokens against forged requests, each scheme as the traffic of a login shows it; and what else traffic tells.

use handstamp::{
    browser::Exchange,
    harvest,
    session::{Cookie, CsrfScheme, Explained, HeaderToken, Item, Role, Sink, Source, State, TokenKind},
    site::Origin,
};

const TOKEN: &str = "csrf-0123456789abcdef";
const OTHER: &str = "mask-fedcba9876543210";

fn origin() -> Origin {
    Origin::parse("http://a.test").unwrap()
}

fn page(html: &str) -> Exchange {
    Exchange {
        method: "GET".into(),
        url: "http://a.test/".into(),
        kind: "Document".into(),
        status: Some(200),
        response_body: Some(html.into()),
        ..Exchange::default()
    }
}

fn post(headers: &[(&str, &str)], body: &str) -> Exchange {
    Exchange {
        method: "POST".into(),
        url: "http://a.test/save".into(),
        kind: "Fetch".into(),
        status: Some(200),
        request_headers: headers.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
        request_body: Some(body.into()),
        ..Exchange::default()
    }
}

fn cookie(name: &str, value: &str) -> Cookie {
    Cookie {
        name: name.into(),
        value: value.into(),
        domain: "a.test".into(),
        path: "/".into(),
        ..Cookie::default()
    }
}

fn with_cookies(cookies: &[(&str, &str)]) -> State {
    let cookies = cookies.iter().map(|(name, value)| cookie(name, value)).collect();
    State { cookies, scope: vec![origin()], ..State::default() }
}

fn in_memory(name: &str, source: Source) -> State {
    let header = HeaderToken { origin: origin(), name: name.into(), value: TOKEN.into(), source };
    State { headers: vec![header], scope: vec![origin()], ..State::default() }
}

#[track_caller]
fn the_scheme(state: &State, traffic: &[Exchange]) -> CsrfScheme {
    let all = harvest::explain(state, traffic);
    let json = serde_json::to_string(&all).unwrap();
    assert!(!json.contains(TOKEN) && !json.contains(OTHER), "{json}");
    let schemes: Vec<_> = all
        .iter()
        .filter_map(|token| match token.role {
            Role::Csrf { scheme } => Some(scheme),
            _ => None,
        })
        .collect();
    assert!(!schemes.is_empty() && schemes.iter().all(|scheme| *scheme == schemes[0]), "{all:?}");
    schemes[0]
}

#[test]
fn a_header_that_repeats_a_cookie_is_told() {
    let state = with_cookies(&[("XSRF-TOKEN", TOKEN)]);
    let traffic = [post(&[("x-xsrf-token", TOKEN)], "")];
    assert_eq!(the_scheme(&state, &traffic), CsrfScheme::HeaderFromCookie);
}

#[test]
fn a_field_that_repeats_a_cookie_is_a_double_submit_even_when_it_is_masked() {
    let state = with_cookies(&[("csrftoken", TOKEN)]);
    assert_eq!(the_scheme(&state, &[post(&[], &format!("_csrf={TOKEN}&a=1"))]), CsrfScheme::DoubleSubmit);
    let masked = [page(&format!("<input type=hidden name=csrfmiddlewaretoken value={OTHER}>"))];
    assert_eq!(the_scheme(&state, &masked), CsrfScheme::DoubleSubmit);
}

#[test]
fn a_meta_tag_that_a_header_repeats_is_told() {
    let traffic = [
        page(&format!(r#"<meta name="csrf-token" content="{TOKEN}">"#)),
        post(&[("X-CSRF-Token", TOKEN)], ""),
    ];
    assert_eq!(the_scheme(&in_memory("X-Csrf-Token", Source::Memory), &traffic), CsrfScheme::MetaTag);
}

#[test]
fn a_hidden_field_of_each_form_is_told() {
    let html = format!(r#"<form><input type="hidden" name="authenticity_token" value="{TOKEN}"></form>"#);
    let traffic = [page(&html), post(&[], &format!("authenticity_token={TOKEN}"))];
    let state = with_cookies(&[("_app_session", "opaque-0123456789")]);
    assert_eq!(the_scheme(&state, &traffic), CsrfScheme::FormField);
    let all = harvest::explain(&state, &traffic);
    let field = all.iter().find(|token| matches!(token.source, Source::Field { .. })).unwrap();
    assert_eq!(field.sent_as[0].to_string(), "body field authenticity_token");
}

#[test]
fn a_token_of_the_page_s_script_and_one_of_an_answer_s_header_are_told() {
    let state = in_memory("X-Csrf-Token", Source::Memory);
    let script =
        [page(&format!("<script>window.boot('{TOKEN}')</script>")), post(&[("x-csrf-token", TOKEN)], "")];
    assert_eq!(the_scheme(&state, &script), CsrfScheme::PageScript);
    let url = "http://a.test/rpc".parse().unwrap();
    let source = Source::ResponseHeader { url, name: "X-Session-Csrf".into() };
    assert_eq!(the_scheme(&in_memory("X-Session-Csrf", source), &script[..1]), CsrfScheme::AnswerHeader);
}

fn find<'a>(all: &'a [Explained], key: &str) -> &'a Explained {
    all.iter().find(|token| token.key == key).unwrap_or_else(|| panic!("{key}: {all:?}"))
}

#[test]
fn tokens_are_told_with_where_they_hide_and_where_they_go() {
    let access = "AbCdEf0123456789xyz";
    let mut state =
        with_cookies(&[("auth", &format!("%7B%22token%22%3A%22{access}%22%7D")), ("theme", "dark")]);
    state
        .origin_mut(&origin())
        .local_storage
        .push(Item::new("persist", format!(r#"{{"user":"{{\"jwt\":\"{access}\"}}"}}"#)));
    let mut call = post(&[("Authorization", &format!("Bearer {access}")), ("cookie", "auth=x")], "");
    call.url = format!("http://a.test/socket?EIO=4&token={access}");
    let refresh = Exchange {
        response_body: Some(r#"{"refresh_token":"ref-0123456789abcdef","n":1}"#.into()),
        ..post(&[], r#"{"grant_type":"password"}"#)
    };
    let all = harvest::explain(&state, &[call, refresh]);
    let stored = find(&all, "persist.user.jwt");
    let sinks: Vec<_> = stored.sent_as.iter().map(Sink::to_string).collect();
    assert_eq!(
        (stored.role, sinks),
        (Role::Session, vec!["header Authorization".into(), "url parameter token".into()])
    );
    assert_eq!(find(&all, "auth.token").source, Source::Cookie { name: "auth".into() });
    assert_eq!(find(&all, "theme").role, Role::Unknown);
    let seen = find(&all, "refresh_token");
    assert_eq!((seen.role, seen.kind), (Role::Refresh, TokenKind::Opaque));
    assert!(matches!(seen.source, Source::JsonBody { .. }));
}

#[test]
fn the_lifetime_tells_the_end_the_renewal_that_was_seen_and_how_it_goes_on() {
    let mut state = with_cookies(&[("refresh", "ref-0123456789abcdef")]);
    state.cookies[0].http_only = true;
    state.cookies[0].expires = Some(4_000_000_000);
    let refresh = Exchange {
        url: "http://a.test/api/token/refresh".into(),
        response_body: Some(r#"{"access":"AbCdEf0123456789xyz"}"#.into()),
        ..post(&[], "")
    };
    let tokens = harvest::explain(&state, std::slice::from_ref(&refresh));
    let lifetime = harvest::lifetime(&state, &tokens, &[refresh]);
    let seen = lifetime.refresh.unwrap();
    assert_eq!(
        (seen.request.as_deref(), seen.with.as_str()),
        (Some("POST /api/token/refresh"), "cookie:refresh")
    );
    assert_eq!((lifetime.ends, lifetime.by.as_str()), (Some(4_000_000_000), "the end of cookie:refresh"));
    assert!(lifetime.renewal.contains("a browser lets the application renew it"), "{}", lifetime.renewal);
    let bare = harvest::lifetime(&State::default(), &[], &[]);
    assert_eq!(bare.renewal, "none: no password is known and the application does not renew it by itself");
}
