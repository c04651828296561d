//! What becomes of commands: capabilities, users, sockets, and bytes that stay as they are.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{SinkExt as _, StreamExt as _};
use handstamp::{
    session::{Cookie, HeaderToken, Item, Source, State, Store},
    site::Origin,
};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_tungstenite::{connect_async, tungstenite::Message};

use super::{
    raw::{ANSWER, RawDriver},
    stage::{Gate, ask},
    support::{FakeDriver, Place, Reply},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_driver_is_asked_for_bidi_and_hears_nothing_of_the_gateway_s_own_capability() {
    let driver = FakeDriver::with_bidi(|_| None).await;
    let gate = Gate::open(&cookies(), &["--upstream", &driver.url()]).await;
    let asked = json!({ "browserName": "chrome", "handstamp:options": { "proxy": false } });
    let (id, granted) = gate.session("", asked).await;
    assert!(granted.get("webSocketUrl").is_none(), "nobody asked for it: {granted}");
    assert_eq!((&granted["browserName"], &granted["setWindowRect"]), (&json!("fake"), &json!(true)));
    let sent = &driver.calls()[0].body["capabilities"]["firstMatch"][0];
    assert_eq!((&sent["webSocketUrl"], &sent["browserName"]), (&json!(true), &json!("chrome")), "{sent}");
    assert!(!sent.to_string().contains("handstamp"), "{sent}");
    assert_eq!(driver.count("BIDI", "storage.setCookie"), 1, "before the client had its answer");
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_clients_can_use_the_bidi_socket_of_one_session() {
    let driver = FakeDriver::with_bidi(|_| None).await;
    let gate = Gate::open(&cookies(), &["--upstream", &driver.url()]).await;
    let (id, granted) = gate.session("/wd/hub", json!({ "webSocketUrl": true })).await;
    let address = format!("ws://{}/wd/hub/session/{id}/se/bidi", gate.address);
    assert_eq!(granted["webSocketUrl"], address);
    let mut sockets = Vec::new();
    for name in ["first.own", "second.own"] {
        let (mut socket, _) = connect_async(&address).await.unwrap();
        socket
            .send(Message::text(json!({ "id": 7, "method": name, "params": {} }).to_string()))
            .await
            .unwrap();
        let answer: Value =
            serde_json::from_str(&socket.next().await.unwrap().unwrap().into_text().unwrap()).unwrap();
        assert_eq!((&answer["id"], driver.count("BIDI", name)), (&json!(7), 1));
        sockets.push(socket);
    }
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
    for mut socket in sockets {
        assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))), "it ends with the session");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_without_bidi_is_asked_again_without_it() {
    let driver = FakeDriver::start(|call| {
        let asks = call.is("POST", "session") && call.body.to_string().contains("webSocketUrl");
        asks.then_some(Reply::Text(500, "<html>Illegal key values seen in w3c capabilities"))
    })
    .await;
    let gate = Gate::open(&cookies(), &["--upstream", &driver.url()]).await;
    let (id, _) = gate.session("", json!({ "browserName": "chrome" })).await;
    assert_eq!(driver.count("POST", "session"), 2);
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_first_match_has_its_own_user_and_the_first_that_can_be_opened_is_taken() {
    let driver = FakeDriver::start(|call| {
        let is_firefox =
            call.body.pointer("/capabilities/firstMatch/0/browserName") == Some(&json!("firefox"));
        is_firefox.then_some(Reply::Error(500, "session not created", "no such browser"))
    })
    .await;
    let place = Place::new();
    for name in ["anna", "ben"] {
        store(&place, name, name);
    }
    let mut gate =
        Gate::start(place, &["gateway", "--listen", "127.0.0.1:0", "--upstream", &driver.url()]).await;
    let as_user = |browser: &str, name: &str| json!({ "browserName": browser, "handstamp:options": { "session": name } });
    let first = json!([as_user("firefox", "anna"), as_user("chrome", "ben"), as_user("edge", "anna")]);
    let (status, value) =
        gate.ask("POST", "/session", &json!({ "capabilities": { "firstMatch": first } })).await;
    assert_eq!((status, driver.count("POST", "session")), (200, 2), "{value}");
    gate.running.has_said("as `ben`").await;
    let set: Vec<_> =
        driver.calls().iter().filter(|c| c.path == "goog/cdp/execute").map(|c| c.body.to_string()).collect();
    assert!(set.iter().any(|body| body.contains("cookie-of-ben")), "{set:?}");
    assert!(set.iter().all(|body| !body.contains("cookie-of-anna")), "{set:?}");
    gate.ask("DELETE", &format!("/session/{}", value["sessionId"].as_str().unwrap()), &Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_may_name_whose_session_it_is() {
    let driver = FakeDriver::start(|_| None).await;
    let place = Place::new();
    store(&place, "shop/anna", "anna");
    let mut gate =
        Gate::start(place, &["gateway", "--listen", "127.0.0.1:0", "--upstream", &driver.url()]).await;
    let (id, _) = gate.session("/as/shop/anna/wd/hub", json!({})).await;
    gate.running.has_said("as `shop/anna`").await;
    gate.ask("DELETE", &format!("/as/shop/anna/wd/hub/session/{id}"), &Value::Null).await;
    for (path, told) in [("/as/nobody", "no user `nobody`"), ("", "no session was named")] {
        let (status, value) =
            gate.ask("POST", &format!("{path}/session"), &json!({ "capabilities": {} })).await;
        assert_eq!((status, &value["error"]), (500, &json!("session not created")));
        let message = value["message"].as_str().unwrap();
        assert!(message.contains(told) && message.contains("hint: "), "{message}");
    }
    assert_eq!(driver.count("POST", "session"), 1, "no browser was opened for nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_answers_keep_their_bytes() {
    let (_open, gate_of_driver) = watch::channel(true);
    let mut driver = RawDriver::start(gate_of_driver).await;
    let gate = Gate::open(&State::default(), &["--upstream", &driver.url]).await;
    let (id, _) = gate.session("", json!({ "handstamp:options": { "storage": false } })).await;
    let body = "{\"script\" : \"return 1\",\n \"args\":[ 1.0, \"\\u00e4\", \"ä\" ] }";
    let path = format!("/session/{id}/execute/sync?a=%7e&b");
    let answer = ask(&gate.address, "POST", &path, "X-My-ODD: Yes\r\n", body).await;
    assert!(ANSWER.ends_with(answer.split_once("\r\n\r\n").unwrap().1), "{answer}");
    assert!(answer.contains("X-Odd-CASE: yes\r\ncontent-TYPE: application/json\r\n"), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("\r\ndate: "), "nothing is added: {answer}");
    let got = driver.has_got(&format!("POST {path} ")).await;
    assert!(got.ends_with(body) && got.contains("X-My-ODD: Yes\r\n"), "{got}");
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_others_and_names_that_lead_here_are_refused() {
    let driver = FakeDriver::start(|_| None).await;
    let gate =
        Gate::open(&cookies(), &["--upstream", &driver.url(), "--allow-origin", "http://tools.test"]).await;
    let asked = json!({ "capabilities": {} }).to_string();
    for lines in ["Origin: http://evil.example\r\n", "Origin: null\r\n", "Host: rebound.example:4444\r\n"] {
        let answer = ask(&gate.address, "POST", "/session", lines, &asked).await;
        assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("hint: "), "{lines}: {answer}");
    }
    assert!(driver.calls().is_empty(), "{:?}", driver.calls());
    let answer = ask(&gate.address, "GET", "/status", "Origin: http://tools.test\r\n", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_cannot_be_given_the_session_is_ended_and_the_client_is_told_why() {
    let mut driver = FakeDriver::start(|call| {
        (call.path == "goog/cdp/execute").then_some(Reply::Error(500, "unknown error", "no such thing"))
    })
    .await;
    let mut state = cookies();
    state
        .origin_mut(&Origin::parse("http://app.test").unwrap())
        .local_storage
        .push(Item::new("t", "secret-of-storage".to_owned()));
    let gate = Gate::open(&state, &["--upstream", &driver.url()]).await;
    let (status, value) = gate.ask("POST", "/session", &json!({ "capabilities": {} })).await;
    assert_eq!((status, &value["error"]), (500, &json!("session not created")), "{value}");
    let message = value["message"].as_str().unwrap();
    assert!(
        message.contains("could not be put into the browser: ") && !message.contains("secret"),
        "{message}"
    );
    driver.has_got("DELETE", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_does_not_reach_the_proxy_that_its_session_needs_is_ended() {
    let mut driver = FakeDriver::start(|call| {
        let shows = call.is("POST", "execute/sync") && call.body.to_string().contains(".invalid/");
        shows.then_some(Reply::Error(500, "javascript error", "TypeError: Failed to fetch"))
    })
    .await;
    // An address that leads here, and that is not loopback.
    let gate = Gate::open(&of_memory(), &["--upstream", &driver.url().replace("127.0.0.1", "0.0.0.0")]).await;
    let (status, value) = gate.ask("POST", "/session", &json!({ "capabilities": {} })).await;
    let message = value["message"].as_str().unwrap();
    assert!(
        status == 500 && message.contains("does not reach the gateway's proxy at 127.0.0.1:"),
        "{message}"
    );
    assert!(message.contains("--advertise") && message.contains("`\"proxy\": false`"), "{message}");
    driver.has_got("DELETE", "").await;
    let (id, _) = gate.session("", json!({ "handstamp:options": { "proxy": false } })).await;
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_that_nobody_finds_is_not_asked_for_a_browser_that_needs_a_proxy() {
    let gate = Gate::open(&of_memory(), &["--upstream", "http://grid.invalid:4444"]).await;
    let (status, value) = gate.ask("POST", "/session", &json!({ "capabilities": {} })).await;
    let message = value["message"].as_str().unwrap();
    assert!(status == 500 && message.contains("does not reach the gateway's proxy\nhint: "), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_sessions_at_once_do_not_mix() {
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    let driver = FakeDriver::start(|call| {
        (call.path == "title").then(|| Reply::Value(json!(SEEN.fetch_add(1, Ordering::Relaxed))))
    })
    .await;
    let gate = Gate::open(&cookies(), &["--upstream", &driver.url()]).await;
    let opened = futures_util::future::join_all((0..4).map(|_| gate.session("", json!({})))).await;
    let ids: std::collections::HashSet<_> = opened.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids.len(), 4);
    for id in &ids {
        assert_eq!(gate.ask("GET", &format!("/session/{id}/title"), &Value::Null).await.0, 200);
        gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
        let (status, value) = gate.ask("GET", &format!("/session/{id}/title"), &Value::Null).await;
        assert_eq!((status, &value["error"]), (404, &json!("invalid session id")));
    }
    assert_eq!(SEEN.load(Ordering::Relaxed), 4);
}

/// A session that needs nothing but a cookie.
fn cookies() -> State {
    named("own")
}

/// A session of a cookie, and of a header that no browser can have.
fn of_memory() -> State {
    let origin = Origin::parse("http://app.test").unwrap();
    let (name, value) = ("Authorization".into(), "Bearer of-memory".into());
    State { headers: vec![HeaderToken { origin, name, value, source: Source::Memory }], ..cookies() }
}

fn named(name: &str) -> State {
    let mut state = State::default();
    state.cookies.push(Cookie {
        name: "sid".into(),
        value: format!("cookie-of-{name}").as_str().into(),
        domain: "app.test".into(),
        host_only: true,
        path: "/".into(),
        ..Cookie::default()
    });
    state
}

fn store(place: &Place, name: &str, of: &str) {
    let store = Store::open_with(place.path("store").as_ref(), None).unwrap();
    store.save(&name.parse().unwrap(), &named(of)).unwrap();
}
