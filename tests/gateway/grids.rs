//! Grids that speak TLS and ask for a password, and browsers that are told where their proxy is.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{SinkExt as _, StreamExt as _};
use handstamp::{
    browser::{Driver, Kind},
    session::{Cookie, HeaderToken, Source, State, now},
    site::Origin,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket},
};
use tokio_tungstenite::{connect_async, tungstenite::Message};

use super::{
    stage::Gate,
    support::{Apart, FakeDriver, Front, Place, World, acceptor, slot},
};

fn cookie() -> State {
    let (name, value, domain, path) = ("sid".into(), "1".into(), "app.test".into(), "/".into());
    let cookie = Cookie { name, value, domain, path, host_only: true, ..Cookie::default() };
    State { cookies: vec![cookie], ..State::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_with_tls_and_a_password_is_used_for_commands_and_sockets_and_nothing_shows_the_password() {
    let (tls, pem) = acceptor();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let told = format!("wss://localhost:{}", listener.local_addr().unwrap().port());
    let driver = FakeDriver::with_bidi_at(told, |_| None).await;
    let front = Front::open(listener, tls, driver.ports(), Some(KEY));
    let place = Place::new();
    let (file, ca) = (place.session("session.json", &cookie()), place.file("grid.pem", &pem));
    let upstream = format!("https://us%40er:planted-key@localhost:{}", front.port);
    let args = ["gateway", "--listen", "127.0.0.1:0", "--session", &file, "-vvv", "--upstream", &upstream];
    let gate = Gate::start(place, &[&args[..], &["--upstream-ca", &ca]].concat()).await;
    let (id, granted) = gate.session("", json!({ "webSocketUrl": true })).await;
    assert_eq!(driver.count("BIDI", "storage.setCookie"), 1, "over the grid's own socket");
    let address = granted["webSocketUrl"].as_str().unwrap();
    assert_eq!(address, format!("ws://{}/session/{id}/se/bidi", gate.address));
    let (mut socket, _) = connect_async(address).await.unwrap();
    let asked = json!({ "id": 7, "method": "of.client", "params": {} });
    socket.send(Message::text(asked.to_string())).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap().into_text().unwrap();
    assert!(answer.contains("\"id\":7") && driver.count("BIDI", "of.client") == 1, "{answer}");
    assert_eq!(gate.ask("GET", &format!("/session/{id}/title"), &Value::Null).await.0, 200);
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
    let (encoded, heads) = (STANDARD.encode(KEY), front.heads());
    assert!(heads.len() >= 3 && heads.iter().all(|head| head.contains(&encoded)), "{heads:#?}");
    gate.running.signal(nix::sys::signal::Signal::SIGTERM);
    let Gate { running, place: _place, .. } = gate;
    let ran = running.end().await;
    for planted in ["planted-key", encoded.trim_end_matches('=')] {
        assert!(!ran.out.contains(planted) && !ran.err.contains(planted), "{}\n{}", ran.out, ran.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_at_another_host_than_the_grid_are_used_and_that_host_is_not_shown_the_grid_s_password() {
    let Apart { driver, hub, third, pem } = Apart::open(KEY, Some("us:of-sockets")).await;
    let place = Place::new();
    let (file, ca) = (place.session("session.json", &cookie()), place.file("grid.pem", &pem));
    let upstream = format!("https://us%40er:planted-key@localhost:{}", hub.port);
    let args = ["gateway", "--listen", "127.0.0.1:0", "--session", &file, "--upstream", &upstream];
    let gate = Gate::start(place, &[&args[..], &["--upstream-ca", &ca]].concat()).await;
    let (id, granted) = gate.session("", json!({ "webSocketUrl": true })).await;
    assert_eq!(driver.count("BIDI", "storage.setCookie"), 1, "over the other host's socket");
    let (mut socket, _) = connect_async(granted["webSocketUrl"].as_str().unwrap()).await.unwrap();
    let asked = json!({ "id": 7, "method": "of.client", "params": {} });
    socket.send(Message::text(asked.to_string())).await.unwrap();
    assert!(socket.next().await.unwrap().unwrap().into_text().unwrap().contains("\"id\":7"));
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
    let (heads, key) = (third.heads(), STANDARD.encode(KEY));
    assert!(heads.len() == 2 && heads.iter().all(|head| !head.contains(&key)), "{heads:#?}");
    assert!(heads.iter().all(|head| head.starts_with("GET /devtools/session/")), "{heads:#?}");
    assert!(hub.heads().iter().all(|head| !head.contains("pgrade")), "its own sockets are not asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_whose_certificate_nobody_vouches_for_gets_no_password() {
    let (tls, _) = acceptor();
    let driver = FakeDriver::start(|_| None).await;
    let front = Front::open(TcpListener::bind("127.0.0.1:0").await.unwrap(), tls, driver.ports(), None);
    let upstream = format!("https://user:planted-key@localhost:{}", front.port);
    let gate = Gate::open(&cookie(), &["--upstream", &upstream]).await;
    let (status, value) = gate.ask("POST", "/session", &json!({ "capabilities": {} })).await;
    let message = value["message"].as_str().unwrap();
    assert!(status == 500 && message.contains("--upstream-ca") && !message.contains("planted"), "{message}");
    assert!(front.heads().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_of_somebody_else_s_driver_is_let_in_by_its_proxy_and_strangers_are_not() {
    let _slot = slot().await;
    let (app, driver) = (World::kind().await, Driver::start(Kind::Chromium).await.unwrap());
    let origin = Origin::parse(&app.url("/")).unwrap();
    let (name, value) = ("Authorization".into(), "Bearer of-memory".into());
    let token = HeaderToken { origin: origin.clone(), name, value, source: Source::Memory };
    let state = State { headers: vec![token], created: now(), scope: vec![origin], ..State::default() };
    let more = ["--upstream", driver.url().as_str(), "--advertise", "127.0.0.1"];
    let gate = Gate::open(&state, &more).await;
    let options = json!({ "args": ["--headless", "--no-sandbox"] });
    let asked = json!({ "browserName": "chrome", "goog:chromeOptions": options });
    let client = gate.client(asked).await.unwrap();
    client.goto(&app.url("/page")).await.unwrap();
    let got = app.take();
    assert!(got.iter().any(|got| got.header("authorization") == "Bearer of-memory"), "{got:?}");
    let proxy = client.capabilities().unwrap()["proxy"]["httpProxy"].as_str().unwrap().to_owned();
    let answer = through_from("127.0.0.2", &proxy, &app.url("/stranger")).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(app.take().iter().all(|got| !got.target.contains("stranger")));
    client.close().await.unwrap();
}

/// What the grid asks for.
const KEY: &str = "us@er:planted-key";

/// Asks a proxy for a page, from another address of this machine.
async fn through_from(own: &str, proxy: &str, url: &str) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{own}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(proxy.parse().unwrap()).await.unwrap();
    let request = format!("GET {url} HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
