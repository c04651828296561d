//! What happens between handstamp and a driver, told without a browser by a driver that does as it is told.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use handstamp::{
    session::{Cookie, Item, State},
    site::Origin,
};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use support::{Call, FakeDriver, Place, Ran, Reply};

/// The address of an application that nobody asks.
const APP: &str = "http://app.test/login";

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_refuses_to_open_a_browser_is_told_with_a_hint() {
    let driver = FakeDriver::start(at(
        "POST",
        "session",
        Reply::Error(500, "session not created", "no Chrome 99\nstack"),
    ))
    .await;
    let (place, ran) = login(&driver, &[]).await;
    let error = failed(&ran, 4, "no-browser");
    assert_eq!(error["error"], "the driver could not open a browser: no Chrome 99");
    assert!(error["hint"].as_str().unwrap().contains("handstamp doctor"), "{error}");
    keeps_nothing(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_is_not_there_is_told_with_its_address() {
    let address = FakeDriver::start(|_| None).await.url();
    let place = Place::new();
    let ran = place.handstamp(&["login", APP, "--webdriver", &address, "--password", "x", "--json"]).await;
    let error = failed(&ran, 4, "no-browser");
    assert!(error["error"].as_str().unwrap().contains(&address), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("running"), "{error}");
    keeps_nothing(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_dies_on_the_way_ends_the_login_and_nothing_is_kept() {
    for (method, path) in
        [("POST", "session"), ("BIDI", "session.subscribe"), ("POST", "url"), ("POST", "execute/sync")]
    {
        let driver = FakeDriver::with_bidi(at(method, path, Reply::Die)).await;
        let (place, ran) = login(&driver, &[]).await;
        assert_eq!(ran.code, Some(4), "{method} {path}: {ran:?}");
        assert_eq!(driver.count(method, path), 1, "it was asked once, then no more");
        keeps_nothing(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_an_answer_ends_by_the_time_limit() {
    let driver = FakeDriver::with_bidi(at("POST", "url", Reply::Hang)).await;
    let began = std::time::Instant::now();
    let (place, ran) = login(&driver, &["--timeout", "1s"]).await;
    let error = failed(&ran, 4, "no-browser");
    assert_eq!(
        error["error"].as_str().unwrap().rsplit(": ").next().unwrap(),
        "the browser did not answer `navigate` within 1 s"
    );
    assert!(error["hint"].as_str().unwrap().contains("--timeout"), "{error}");
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    keeps_nothing(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_without_an_answer_ends_by_the_time_limit() {
    let driver = FakeDriver::with_bidi(at("BIDI", "session.subscribe", Reply::Hang)).await;
    let (_place, ran) = login(&driver, &["--timeout", "1s"]).await;
    failed(&ran, 4, "no-browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_standard_become_words_and_exit_codes() {
    let refused =
        Reply::Error(500, "unknown error", "unknown error: net::ERR_CONNECTION_REFUSED\n  (Session info)");
    let certificate = Reply::Error(400, "insecure certificate", "the certificate is not trusted");
    let gone =
        Reply::Error(404, "invalid session id", "session deleted as the browser has closed the connection");
    let window = Reply::Error(404, "no such window", "target window already closed");
    let odd = Reply::Error(500, "coffee machine on fire", "who knows");
    let cases = [
        (refused, 1, "unreachable", "net::ERR_CONNECTION_REFUSED", "is the application running"),
        (certificate, 1, "unreachable", "insecure certificate", "--ca FILE"),
        (gone, 4, "browser-ended", "the browser ended", ""),
        (window, 4, "no-browser", "no such window", ""),
        (odd, 4, "no-browser", "not understood", ""),
        (Reply::Text(502, "<html>Bad Gateway</html>"), 4, "no-browser", "not understood", ""),
        (Reply::Text(200, "{}"), 4, "no-browser", "", ""),
    ];
    for (reply, code, reason, words, hint) in cases {
        let told = format!("{reply:?}");
        let driver = FakeDriver::with_bidi(at("POST", "url", reply)).await;
        let (_place, ran) = login(&driver, &[]).await;
        assert_eq!(ran.code, Some(code), "{told}: {ran:?}");
        let error = failed(&ran, code, reason);
        assert!(error["error"].as_str().unwrap().contains(words), "{told}: {error}");
        assert!(error["hint"].as_str().unwrap_or_default().contains(hint), "{told}: {error}");
        assert!(!error["error"].as_str().unwrap().contains("Session info"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_interrupted_deletes_its_browser_and_keeps_nothing() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut driver = FakeDriver::with_bidi(at("POST", "url", Reply::Hang)).await;
        let place = Place::new();
        let running = place.start(&["login", APP, "--webdriver", &driver.url(), "--password", "x"]);
        driver.has_got("POST", "url").await;
        running.signal(signal);
        let ran = running.end().await.ends_with(130);
        assert!(driver.count("DELETE", "") >= 1, "{ran:?}");
        keeps_nothing(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_browser_that_is_interrupted_is_deleted() {
    let mut driver = FakeDriver::start(still_open).await;
    let place = Place::new();
    let file = place.session("s.json", &session());
    let running = place.start(&["open", APP, "-s", &file, "--webdriver", &driver.url()]);
    driver.has_got("GET", "window/handles").await;
    running.signal(Signal::SIGTERM);
    running.end().await.ends_with(130);
    assert!(driver.count("DELETE", "") >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn through_a_bare_driver_the_session_is_there_before_the_page_is_opened() {
    let driver = FakeDriver::start(|_| None).await;
    let place = Place::new();
    let file = place.session("s.json", &session());
    place.handstamp(&["open", APP, "-s", &file, "--webdriver", &driver.url()]).await.ends_with(0);
    let cookies = driver.place(|c| c.body["cmd"] == "Storage.setCookies");
    let script = driver.place(|c| c.body["cmd"] == "Page.addScriptToEvaluateOnNewDocument");
    let page = driver.place(|c| c.is("POST", "url"));
    assert!(cookies < page && script < page, "{:#?}", driver.calls());
    let calls = driver.calls();
    assert_eq!(calls[cookies].body["params"]["cookies"][0]["value"], "cookie-value");
    let source = calls[script].body["params"]["source"].as_str().unwrap();
    for part in ["http://app.test", "local-value", "session-value"] {
        assert!(source.contains(part), "{part}");
    }
    let asked = calls[0].body["capabilities"].to_string();
    assert!(asked.contains("--user-agent=Login/1"), "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_cannot_take_a_session_is_told_and_no_page_is_opened() {
    let driver =
        FakeDriver::start(at("POST", "goog/cdp/execute", Reply::Error(404, "unknown command", "no such")))
            .await;
    let place = Place::new();
    let file = place.session("s.json", &session());
    let ran = place.handstamp(&["open", APP, "-s", &file, "--webdriver", &driver.url(), "--json"]).await;
    let error = failed(&ran, 4, "no-browser");
    assert!(error["error"].as_str().unwrap().contains("this driver cannot set cookies"), "{error}");
    assert_eq!(driver.count("POST", "url"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_needs_a_driver_that_tells_its_traffic() {
    for more in [&[][..], &["--protocol", "driver"], &["--protocol", "bidi"], &["--protocol", "cdp"]] {
        let driver = FakeDriver::start(|_| None).await;
        let (_place, ran) = login(&driver, more).await;
        let error = failed(&ran, 4, "no-browser");
        assert!(error["hint"].as_str().unwrap().contains("Firefox with BiDi"), "{more:?}: {error}");
        assert_eq!(driver.count("POST", "url"), 0, "the application was not asked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_below_a_path_is_asked_below_it() {
    let driver = FakeDriver::start(|_| None).await;
    let place = Place::new();
    let file = place.session("s.json", &session());
    let grid = format!("{}/wd/hub", driver.url());
    let ran = place.handstamp(&["open", APP, "-s", &file, "--webdriver", &grid]).await;
    assert!(driver.calls()[0].path.starts_with("wd/hub/session"), "{:?}", driver.calls());
    drop(ran);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_over_https_that_is_not_there_is_told_without_its_password() {
    let place = Place::new();
    let at = "https://user:planted-key@127.0.0.1:1";
    let ran = place.handstamp(&["login", APP, "--webdriver", at, "--password", "x", "-vvv"]).await;
    ran.says("`127.0.0.1:1`").says("--webdriver-ca");
    assert!(!ran.err.contains("planted-key"), "{}", ran.err);
    ran.ends_with(4);
}

/// A script that does one thing at one command.
fn at(
    method: &'static str,
    path: &'static str,
    reply: Reply,
) -> impl Fn(&Call) -> Option<Reply> + Send + Sync {
    move |call| call.is(method, path).then(|| reply.clone())
}

/// A browser whose window nobody closes.
fn still_open(call: &Call) -> Option<Reply> {
    call.is("GET", "window/handles").then(|| Reply::Value(json!(["w1"])))
}

async fn login(driver: &FakeDriver, more: &[&str]) -> (Place, Ran) {
    let place = Place::new();
    let url = driver.url();
    let args = ["login", APP, "--webdriver", &url, "-u", "anna", "--password", "x", "--json"];
    let ran = place.handstamp(&[&args, more].concat()).await;
    (place, ran)
}

/// The error document, once its exit code and reason are checked.
#[track_caller]
fn failed(ran: &Ran, code: i32, reason: &str) -> Value {
    let error = ran.json();
    assert_eq!((ran.code, error["exit"].as_i64()), (Some(code), Some(code.into())), "{error}");
    assert_eq!(
        (&error["schema"], &error["reason"]),
        (&json!("handstamp.error/1"), &json!(reason)),
        "{error}"
    );
    error
}

async fn keeps_nothing(place: &Place) {
    let list = place.handstamp(&["sessions", "--json"]).await.ends_with(0);
    assert_eq!(list.json()["sessions"], json!([]));
}

fn session() -> State {
    let origin = Origin::parse("http://app.test").unwrap();
    let cookie = Cookie {
        name: "sid".into(),
        value: "cookie-value".into(),
        domain: "app.test".into(),
        host_only: true,
        path: "/".into(),
        ..Cookie::default()
    };
    let mut state = State { cookies: vec![cookie], user_agent: Some("Login/1".into()), ..State::default() };
    state.origin_mut(&origin).local_storage.push(Item::new("token", "local-value"));
    state.origin_mut(&origin).session_storage.push(Item::new("tab", "session-value"));
    state
}
