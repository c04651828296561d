//! What is exported and imported again is the same, as far as the format can hold it.

use handstamp::{
    handover::{Content, Error, Exported, Format, Handed, Way, export, import, merge},
    inject::Credentials,
    session::{Cookie, HttpScheme, Method, State},
    site::Origin,
};
use url::Url;

use crate::sample::{HARD, cookie, full, token};

fn url() -> Url {
    Url::parse("https://shop.example/").unwrap()
}

fn exported(state: &State, format: Format, url: Option<&Url>) -> Exported {
    let handed = Handed::new(state.clone(), state.reach(), None).unwrap();
    export(&handed, format, url).unwrap()
}

fn text(exported: &Exported) -> String {
    match &exported.content {
        Content::Text(text) => text.expose().to_owned(),
        Content::Files(_) => panic!("one text"),
    }
}

/// There and back; the format tells itself.
fn back(state: &State, format: Format) -> State {
    let text = text(&exported(state, format, format.is_for_one_url().then(url).as_ref()));
    let needs_url = matches!(format, Format::Headers | Format::Httpie | Format::Xh);
    let imported = import(text.as_bytes(), None, needs_url.then(url).as_ref());
    let imported = imported.unwrap_or_else(|error| panic!("{format}: {error}\n{text}"));
    let told = if format == Format::Wget { Format::CookiesTxt } else { format };
    assert_eq!(imported.format, told);
    let again = import(text.as_bytes(), Some(format), needs_url.then(url).as_ref()).unwrap();
    assert_eq!(again.state.cookies, imported.state.cookies);
    imported.state
}

#[test]
fn a_session_file_comes_back_whole() {
    assert_eq!(back(&full(), Format::Handstamp), full());
}

#[test]
fn playwright_keeps_cookies_and_what_tabs_share() {
    let (state, came) = (full(), back(&full(), Format::Playwright));
    let lax = |cookie: &Cookie| Cookie {
        same_site: cookie.same_site.or(Some(handstamp::session::SameSite::Lax)),
        ..cookie.clone()
    };
    assert_eq!(came.cookies, state.cookies.iter().map(lax).collect::<Vec<_>>());
    for (own, came) in state.origins.iter().zip(&came.origins) {
        assert_eq!(
            (&own.origin, &own.local_storage, &own.indexed_db),
            (&came.origin, &came.local_storage, &came.indexed_db)
        );
    }
    let left = exported(&state, Format::Playwright, None).losses().unwrap();
    assert_eq!(left, "2 sessionStorage entries, 3 headers, 1 User-Agent");
    assert!(!text(&exported(&state, Format::Playwright, None)).contains("handstamp"));
}

#[test]
fn arrays_of_cookies_come_back_with_every_attribute() {
    let state = full();
    assert_eq!(back(&state, Format::CookieEditor).cookies, state.cookies);
    assert_eq!(back(&state, Format::Puppeteer).cookies, state.cookies);
    let whole = |cookie: &Cookie| Cookie { partition_key: None, ..cookie.clone() };
    assert_eq!(back(&state, Format::Selenium).cookies, state.cookies.iter().map(whole).collect::<Vec<_>>());
    let left = exported(&state, Format::Selenium, None).losses().unwrap();
    assert!(left.ends_with("the partition of 1 cookie"), "{left}");
}

#[test]
fn cookies_txt_comes_back_without_what_it_has_no_column_for() {
    let state = full();
    let plain = |cookie: &Cookie| Cookie { partition_key: None, same_site: None, ..cookie.clone() };
    assert_eq!(back(&state, Format::CookiesTxt).cookies, state.cookies.iter().map(plain).collect::<Vec<_>>());
    let seen = |cookie: &Cookie| Cookie { http_only: false, ..plain(cookie) };
    assert_eq!(back(&state, Format::Wget).cookies, state.cookies.iter().map(seen).collect::<Vec<_>>());
    assert!(exported(&state, Format::Wget, None).losses().unwrap().contains("HttpOnly of 1 cookie,"));
    let left = exported(&state, Format::CookiesTxt, None).losses().unwrap();
    assert_eq!(
        left,
        "2 localStorage entries, 2 sessionStorage entries, 1 IndexedDB database, 3 headers, 1 User-Agent, SameSite of 3 cookies, the partition of 1 cookie"
    );
}

#[test]
fn an_archive_comes_back_with_cookies_and_the_headers_of_each_origin() {
    let (state, came) = (full(), back(&full(), Format::Har));
    let mut names: Vec<_> = came.cookies.iter().map(|cookie| &*cookie.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["lang", "parted", "sid"], "none of another path");
    for cookie in &came.cookies {
        let own = state.cookies.iter().find(|own| own.name == cookie.name).unwrap();
        let plain = Cookie { same_site: None, partition_key: None, ..own.clone() };
        assert_eq!(*cookie, plain);
    }
    same_headers(&came, &state, "");
    assert_eq!((came.scope, came.user_agent), (state.scope, state.user_agent));
}

#[test]
fn what_is_for_one_address_comes_back_as_it_is_sent_there() {
    let state = full();
    for format in
        [Format::Curl, Format::CurlConfig, Format::Headers, Format::Postman, Format::Httpie, Format::Xh]
    {
        let came = back(&state, format);
        let value = |name: &str| {
            let found = came.cookies.iter().find(|cookie| cookie.name == name);
            found.map(|cookie| cookie.value.expose().to_owned())
        };
        assert_eq!(value("sid").as_deref(), Some(HARD), "{format}");
        assert_eq!(value("lang").as_deref(), Some("ü=日本"), "{format}");
        assert_eq!(value("parted"), None, "{format}");
        assert!(came.cookies.iter().all(|cookie| cookie.domain == "shop.example"), "{format}");
        same_headers(&came, &state, "https://shop.example");
        assert_eq!(came.user_agent, state.user_agent, "{format}");
        assert_eq!(came.scope, [Origin::of(&url()).unwrap()], "{format}");
    }
    let stored = back(&state, Format::Postman);
    let (own, came) = (&state.origin(&stored.scope[0]).unwrap(), &stored.origins[0]);
    assert_eq!((&own.local_storage, &own.session_storage), (&came.local_storage, &came.session_storage));
}

#[test]
fn session_files_of_httpie_and_xh_keep_whom_a_cookie_is_for() {
    for format in [Format::Httpie, Format::Xh] {
        let state = full();
        let kept = |cookie: &&Cookie| cookie.domain == "shop.example";
        let plain = |cookie: &Cookie| Cookie { http_only: false, same_site: None, ..cookie.clone() };
        let expected: Vec<_> = state.cookies.iter().filter(kept).map(plain).collect();
        assert_eq!(back(&state, format).cookies, expected, "{format}");
    }
}

#[test]
fn nucleis_secrets_come_back_for_each_host() {
    let (state, came) = (full(), back(&full(), Format::Nuclei));
    same_headers(&came, &state, "");
    let pairs = |state: &State| {
        let sent = state.cookies.iter().filter(|cookie| cookie.path == "/");
        let mut all: Vec<_> = sent.map(|c| (c.name.clone(), c.value.expose().to_owned())).collect();
        all.sort();
        all.dedup();
        all
    };
    assert_eq!(pairs(&came), pairs(&state));
}

#[test]
fn a_netrc_holds_names_and_passwords_of_http_authentication_alone() {
    let origin = Origin::parse("https://shop.example").unwrap();
    let mut state = State { scope: vec![origin.clone()], ..State::default() };
    state.method = Method::Http { scheme: HttpScheme::Digest };
    let own = Credentials { username: "anna".into(), password: "p \"w\" \\".into() };
    let handed = Handed::new(state.clone(), state.reach(), Some(own)).unwrap();
    let written = export(&handed, Format::Netrc, None).unwrap();
    assert_eq!(text(&written), "machine shop.example login anna password \"p \\\"w\\\" \\\\\"\n");
    let came = import(text(&written).as_bytes(), None, None).unwrap();
    assert_eq!(came.format, Format::Netrc);
    assert_eq!(came.state.headers[0].value.expose(), "Basic YW5uYTpwICJ3IiBc");
    assert_eq!(text(&exported(&came.state, Format::Netrc, None)), text(&written));
    let form = Handed::new(full(), full().reach(), None).unwrap();
    let refused = export(&form, Format::Netrc, None).unwrap_err();
    assert!(refused.to_string().starts_with("the session has nothing that netrc can carry"), "{refused}");
}

#[test]
fn the_address_has_to_be_clear_and_the_sessions_own() {
    let handed = Handed::new(full(), full().reach(), None).unwrap();
    let unclear = export(&handed, Format::Headers, None).unwrap_err().to_string();
    assert!(unclear.contains("https://api.shop.example, https://shop.example"), "{unclear}");
    for other in ["http://shop.example/", "https://evil.example/", "https://shop.example:8443/"] {
        let other = Url::parse(other).unwrap();
        for format in Format::ALL.iter().filter(|format| format.word() != "netrc") {
            match export(&handed, *format, Some(&other)) {
                Err(Error::OutOfScope { .. }) => {}
                Ok(_) => {
                    assert!(matches!(
                        format.word(),
                        "handstamp" | "playwright" | "playwright-init-script" | "zap"
                    ));
                }
                Err(error) => panic!("{format}: {error}"),
            }
        }
    }
    let api = Url::parse("https://api.shop.example/").unwrap();
    let sent = text(&exported(&full(), Format::Headers, Some(&api)));
    assert!(sent.contains("X-Api-Key") && !sent.contains("X-Token") && !sent.contains("Bearer"), "{sent}");
}

#[test]
fn what_would_break_out_of_its_place_is_refused_in_both_directions() {
    let origin = Origin::of(&url()).unwrap();
    let mut in_cookie = full();
    in_cookie.cookies.push(cookie("evil", "x\r\nX-Planted: 1", "shop.example"));
    let mut in_header = full();
    in_header.headers.push(token(&origin, "X-Evil", "x\nX-Planted: 1"));
    for state in [in_cookie, in_header] {
        let handed = Handed::new(state.clone(), state.reach(), None).unwrap();
        for format in Format::ALL
            .iter()
            .filter(|format| !format.word().starts_with(['p', 'h']) || format.word() == "headers")
        {
            let error = export(&handed, *format, Some(&url())).unwrap_err();
            assert!(matches!(error, Error::Unsafe { .. }), "{format}: {error}");
            assert!(!error.to_string().contains("Planted"), "{error}");
        }
    }
    let planted = r#"[{"name":"a","value":"x\r\nX-Planted: 1","domain":"shop.example"}]"#;
    let error = import(planted.as_bytes(), None, None).unwrap_err();
    assert!(matches!(error, Error::Unsafe { .. }) && !error.to_string().contains("Planted"), "{error}");
}

#[test]
fn every_format_that_is_read_has_a_way_back() {
    for format in Format::ALL.iter().filter(|format| format.way() == Way::Both && format.word() != "netrc") {
        assert!(!back(&full(), *format).scope.is_empty(), "{format}");
    }
}

#[test]
fn sessions_are_put_together_and_the_new_one_wins() {
    let (mut all, mut new) = (full(), full());
    new.cookies.truncate(1);
    new.cookies[0].value = "renewed".into();
    new.origins.truncate(1);
    new.origins[0].local_storage[0].value = "renewed".into();
    new.headers = vec![token(&Origin::parse("https://third.example").unwrap(), "X-Third", "3")];
    merge(&mut all, new);
    assert_eq!((all.cookies.len(), all.origins.len(), all.headers.len()), (4, 2, 4));
    assert!(all.cookies.iter().any(|cookie| cookie.value.expose() == "renewed"));
    assert_eq!(all.origins[0].local_storage.len(), 1);
    assert_eq!(all.origins[0].local_storage[0].value.expose(), "renewed");
}

#[track_caller]
fn same_headers(came: &State, own: &State, origin: &str) {
    let of = |state: &State| {
        let all =
            state.headers.iter().filter(|token| origin.is_empty() || token.origin.to_string() == origin);
        let mut all: Vec<_> =
            all.map(|t| (t.origin.to_string(), t.name.clone(), t.value.expose().to_owned())).collect();
        all.sort();
        all
    };
    assert_eq!(of(came), of(own));
}
