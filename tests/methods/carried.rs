//! What the methods `browser`, `cookie` and `headers` put onto requests, through the command itself.

use handstamp::session::{Method, State, now};
use http::Response;
use nix::sys::signal::Signal;
use url::Url;

use crate::{
    stage::{every_place, session},
    support::{Place, World, through},
};

const HOME: &str = "http://app.shop.test";

/// What the server gets of a session for these requests (URL and header lines), and the session afterwards.
async fn carried(state: &State, requests: &[(&str, &str)]) -> (Vec<crate::support::Got>, State) {
    let world = World::open(|got| {
        let mut response = Response::new("yes".to_owned());
        if got.target.contains("/renew") {
            response.headers_mut().insert("set-cookie", "sid=renewed; Path=/".parse().unwrap());
        }
        response
    })
    .await;
    let place = Place::new();
    let file = place.session("session.json", state);
    let upstream = format!("http://{}", world.address);
    let args = ["proxy", "-s", &file, "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut proxy = place.start(&args);
    let said = proxy.has_said("proxy on http://").await;
    let address = said.split("http://").nth(1).unwrap().split(',').next().unwrap().to_owned();
    for (url, lines) in requests {
        let answer = through(&address, "GET", url, lines).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    proxy.signal(Signal::SIGTERM);
    proxy.end().await.ends_with(0);
    let state = handstamp::session::file::read(std::path::Path::new(&file)).unwrap();
    (world.take(), state)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_session_sends_what_a_browser_would_and_keeps_what_the_server_renews() {
    let mut state = session(HOME, Method::Cookie);
    state.cookies.clear();
    let home = Url::parse("http://app.shop.test/in/login").unwrap();
    for line in [
        "sid=1; Path=/; HttpOnly; SameSite=Strict",
        "deep=2; Path=/in",
        "wide=3; Domain=shop.test; Path=/",
        "gone=4; Path=/; Max-Age=1",
        "other=5; Path=/out",
    ] {
        state.receive_cookie(line, &home, now());
    }
    state.cookies.iter_mut().filter(|cookie| cookie.name == "gone").for_each(|c| c.expires = Some(now() - 1));
    let foreign = "Origin: http://evil.test\r\n";
    let requests = [
        ("http://app.shop.test/in/x", "Cookie: sid=theirs; lang=de\r\n"),
        ("http://app.shop.test/in/x", foreign),
        ("http://app.shop.test/renew", ""),
        ("http://app.shop.test/", ""),
    ];
    let (got, kept) = carried(&state, &requests).await;
    let cookies: Vec<_> = got.iter().map(|got| got.header("cookie")).collect();
    assert_eq!(cookies, ["deep=2; sid=1; wide=3; lang=de", "", "sid=1; wide=3", "sid=renewed; wide=3"]);
    assert!(got.iter().all(|got| got.header("x-memory").is_empty()), "cookies alone");
    let sid = kept.cookies.iter().find(|cookie| cookie.name == "sid").unwrap();
    assert_eq!(sid.value.expose(), "renewed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_headers_session_sends_a_header_from_every_kind_of_place() {
    let state = session(HOME, every_place());
    let (got, _) = carried(&state, &[("http://app.shop.test/", "X-Place-0: theirs\r\n")]).await;
    let values = ["json", "header", "url", "env", "script", "csrf", "local", "session", "database", "memory"];
    for (number, value) in values.iter().enumerate() {
        assert_eq!(got[0].header(&format!("x-place-{number}")), format!("Bearer planted-{value}"));
    }
    assert_eq!(got[0].header("cookie"), "sid=planted-sid; csrf=planted-csrf");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_session_sends_cookies_and_the_headers_that_were_seen() {
    let state = session(HOME, Method::Browser);
    let (got, _) = carried(&state, &[("http://app.shop.test/", "")]).await;
    assert_eq!(got[0].header("cookie"), "sid=planted-sid; csrf=planted-csrf");
    assert_eq!(got[0].header("x-memory"), "planted-memory");
}
