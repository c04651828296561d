//! Commands that open their browsers at a driver behind TLS and a password, as grids elsewhere have them.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fantoccini::{Client, ClientBuilder};
use handstamp::{
    browser::{Driver, Kind},
    session::{Cookie, Item, State},
    site::Origin,
};
use hyper_util::client::legacy::connect::HttpConnector;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use support::{Apart, FakeDriver, Front, Place, Ran, Reply, Shop, Site, acceptor, slot};
use tokio::net::TcpListener;

/// A driver that can only be reached through TLS by whoever knows the password.
struct Away {
    driver: Driver,
    front: Front,
    place: Place,
    /// The address with the password in it.
    url: String,
    /// The file of the certificate.
    ca: String,
}

impl Away {
    async fn open() -> Self {
        let (driver, (tls, pem)) = (Driver::start(Kind::Chromium).await.unwrap(), acceptor());
        let port = driver.url().port().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let front = Front::open(listener, tls, (port, port), Some(KEY));
        let place = Place::new();
        let (url, ca) = (with_key(front.port), place.file("grid.pem", &pem));
        Self { driver, front, place, url, ca }
    }

    /// The arguments of a command that uses it.
    fn args<'a>(&'a self, command: &[&'a str]) -> Vec<&'a str> {
        [command, &["--webdriver", &self.url, "--webdriver-ca", &self.ca]].concat()
    }

    async fn run(&self, command: &[&str]) -> Ran {
        let ran = self.place.handstamp(&self.args(command)).await;
        shows_no_key(&ran);
        ran
    }

    /// How many requests came, all of which bore the password.
    #[track_caller]
    fn was_asked(&self, sockets: bool) {
        let (heads, key) = (self.front.heads(), STANDARD.encode(KEY));
        assert!(!heads.is_empty() && heads.iter().all(|head| head.contains(&key)), "{heads:#?}");
        let asked = heads.iter().any(|head| head.to_ascii_lowercase().contains("upgrade: websocket"));
        assert_eq!(asked, sockets, "{heads:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_at_a_driver_behind_tls_is_logged_in_from_the_first_script_on() {
    let _slot = slot().await;
    let (away, site) = (Away::open().await, Site::open().await);
    let file = away.place.session("s.json", &session(&site));
    for protocol in ["auto", "bidi"] {
        let url = site.page(&format!("/?who={protocol}"));
        let verify = ["verify", &file, "--in-browser", "--url", url.as_str(), "--protocol", protocol, "-vvv"];
        away.run(&verify).await.ends_with(5);
        // A second browser, a stranger's, comes after it.
        is_logged_in(&site.first(protocol));
        // On this machine the browser's own port can be reached beside the driver.
        away.was_asked(protocol == "bidi");
        assert_eq!(sessions(&away.driver).await, json!([]), "{protocol}: the browser was ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_its_check_in_a_fresh_browser_and_a_crawl_use_a_driver_behind_tls() {
    let _slot = slot().await;
    let (away, shop) = (Away::open().await, Shop::open());
    let (name, password) = shop.anna();
    let (page, found) = (shop.login_page(), away.place.path("found"));
    let login = ["login", &page, "-u", name, "--password", password, "-s", "anna"];
    away.run(&login).await.ends_with(0).says("logged in");
    away.was_asked(false);
    let verify = ["verify", "anna", "--in-browser", "--url", shop.url.as_str()];
    away.run(&verify).await.ends_with(0).says("logged in");
    away.was_asked(false);
    let crawl = [
        "crawl",
        shop.url.as_str(),
        "-s",
        "anna",
        "--max-states",
        "3",
        "--protocol",
        "bidi",
        "--output",
        &found,
    ];
    away.run(&crawl).await.ends_with(0).says("max states");
    away.was_asked(true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_runs_behind_tls_is_taken_hold_of() {
    let _slot = slot().await;
    let (away, mut site) = (Away::open().await, Site::open().await);
    let file = away.place.session("s.json", &session(&site));
    let client = client(&away.driver).await;
    let id = client.session_id().await.unwrap().unwrap();
    let inject = ["inject", "--session", &file, "--detach", "--webdriver-session", &id];
    away.run(&inject).await.ends_with(0).says("is in the browser");
    away.was_asked(false);
    client.goto(site.page("/?who=held").as_str()).await.unwrap();
    is_logged_in(&site.saw("held").await);
    client.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_a_certificate_that_nobody_vouches_for_are_told() {
    let (tls, pem) = acceptor();
    let driver = FakeDriver::start(|_| None).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = Front::open(listener, tls, driver.ports(), Some("us@er:another"));
    let (place, at) = (Place::new(), with_key(front.port));
    let ca = place.file("grid.pem", &pem);
    let login = ["login", "http://app.test/", "--password", "x", "--webdriver", &at];
    let ran = place.handstamp(&[&login[..], &["--webdriver-ca", &ca]].concat()).await;
    shows_no_key(&ran);
    ran.ends_with(4).says("user name").says("hint: ");
    assert_eq!(front.heads().len(), 1);
    let ran = place.handstamp(&login).await;
    shows_no_key(&ran);
    ran.ends_with(4).says("certificate").says("--webdriver-ca");
    assert!(front.heads().is_empty() && driver.calls().is_empty(), "it gets no password");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_behind_tls_is_ended_when_the_command_is_interrupted() {
    let (tls, pem) = acceptor();
    let mut driver = FakeDriver::with_bidi(|call| call.is("POST", "url").then_some(Reply::Hang)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = Front::open(listener, tls, driver.ports(), Some(KEY));
    let (place, at) = (Place::new(), with_key(front.port));
    let ca = place.file("grid.pem", &pem);
    let login = ["login", "http://app.test/", "--password", "x", "--webdriver", &at, "--webdriver-ca", &ca];
    let running = place.start(&login);
    driver.has_got("POST", "url").await;
    running.signal(Signal::SIGTERM);
    shows_no_key(&running.end().await.ends_with(130));
    assert_eq!(driver.count("DELETE", ""), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_may_come_from_the_environment() {
    let (tls, pem) = acceptor();
    let driver = FakeDriver::start(|_| None).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = Front::open(listener, tls, driver.ports(), Some(KEY));
    let (place, at) = (Place::new(), with_key(front.port));
    let (ca, file) = (place.file("grid.pem", &pem), place.session("s.json", &State::default()));
    let open = ["open", "http://app.test/", "-s", &file, "--webdriver-ca", &ca];
    let ran = place.handstamp_with(&[("HANDSTAMP_WEBDRIVER", &at)], &open).await;
    shows_no_key(&ran);
    ran.ends_with(0);
    assert_eq!(driver.count("POST", "url"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_at_another_host_are_used_without_the_password() {
    let Apart { driver, hub, third, pem } = Apart::open(KEY, None).await;
    let (place, at) = (Place::new(), with_key(hub.port));
    let mut state = State::default();
    state.cookies.push(cookie("sid", "1"));
    let (ca, file) = (place.file("grid.pem", &pem), place.session("s.json", &state));
    let open = ["open", "http://app.test/", "-s", &file, "--webdriver", &at, "--webdriver-ca", &ca];
    place.handstamp(&open).await.ends_with(0);
    assert_eq!(driver.count("BIDI", "storage.setCookie"), 1);
    let heads = third.heads();
    assert!(heads.len() == 1 && heads[0].starts_with("GET /devtools/session/"), "{heads:#?}");
    assert!(!heads[0].to_ascii_lowercase().contains("authorization"), "{heads:#?}");
}

#[tokio::test]
async fn a_webkit_behind_tls_on_another_machine_is_refused_with_the_reason() {
    let place = Place::new();
    let at = "https://grid.invalid";
    let ran = place
        .handstamp(&[
            "login",
            "http://app.test/",
            "--webdriver",
            at,
            "--browser",
            "webkit",
            "--password",
            "x",
        ])
        .await;
    ran.ends_with(4).says("its driver is on another machine");
}

fn with_key(port: u16) -> String {
    format!("https://us%40er:planted-key@localhost:{port}")
}

#[track_caller]
fn shows_no_key(ran: &Ran) {
    for planted in ["planted-key", STANDARD.encode(KEY).trim_end_matches('=')] {
        assert!(!ran.out.contains(planted) && !ran.err.contains(planted), "{}\n{}", ran.out, ran.err);
    }
}

/// A session for a site.
fn session(site: &Site) -> State {
    let mut state = State::default();
    state.cookies.push(cookie("seen", "own-cookie"));
    let storage = state.origin_mut(&Origin::of(&site.page("/")).unwrap());
    storage.local_storage.push(Item::new("token", "own-local"));
    storage.session_storage.push(Item::new("tab", "own-session"));
    state
}

fn cookie(name: &str, value: &str) -> Cookie {
    let (name, value, domain, path) = (name.into(), value.into(), "127.0.0.1".into(), "/".into());
    Cookie { name, value, domain, path, host_only: true, ..Cookie::default() }
}

#[track_caller]
fn is_logged_in(saw: &Value) {
    assert_eq!(saw["local"], json!({ "token": "own-local" }), "{saw}");
    assert_eq!(saw["session"]["tab"], "own-session", "{saw}");
    assert_eq!(saw["cookie"], "seen=own-cookie", "{saw}");
}

/// A browser of somebody else, at the driver itself.
async fn client(driver: &Driver) -> Client {
    let Value::Object(asked) = json!({
        "browserName": "chrome", "webSocketUrl": true, "goog:chromeOptions": { "args": ["--headless", "--no-sandbox"] },
    }) else {
        unreachable!("it is an object")
    };
    ClientBuilder::new(HttpConnector::new()).capabilities(asked).connect(driver.url().as_str()).await.unwrap()
}

/// What chromedriver says of its sessions.
async fn sessions(driver: &Driver) -> Value {
    let url = driver.url().join("sessions").unwrap();
    let request = http::Request::get(url.as_str()).body(handstamp::proxy::empty()).unwrap();
    let client = handstamp::proxy::Client::new(&handstamp::proxy::Trust::System).unwrap();
    let body =
        handstamp::proxy::read(client.send(request).await.unwrap().into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice::<Value>(&body).unwrap()["value"].take()
}

/// What the driver asks for.
const KEY: &str = "us@er:planted-key";
