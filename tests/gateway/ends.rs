//! How sessions end: queues, clients that vanish, idleness, drivers that fail, and the end of the gateway.

use std::sync::atomic::{AtomicBool, Ordering};

use handstamp::session::{Cookie, State};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt as _, sync::watch};

use super::{
    raw::RawDriver,
    stage::{Gate, begin},
    support::{FakeDriver, Reply},
};

#[tokio::test(flavor = "multi_thread")]
async fn new_sessions_wait_for_their_turn_in_order() {
    let driver = FakeDriver::start(|_| None).await;
    let gate = Gate::open(&cookie(), &["--upstream", &driver.url(), "--max-sessions", "1"]).await;
    let (first, _) = gate.session("", json!({})).await;
    let body = json!({ "capabilities": {} }).to_string();
    let mut waiting = Vec::new();
    for name in ["second", "third"] {
        let body = body.replace("{}", &format!("{{\"alwaysMatch\":{{\"test:name\":\"{name}\"}}}}"));
        waiting.push(begin(&gate.address, "POST", "/session", "", &body).await);
        // What came first is looked at first; the answer to something else shows that it was.
        gate.ask("GET", "/session/none/url", &Value::Null).await;
    }
    assert_eq!(driver.count("POST", "session"), 1);
    let mut open = first;
    for mut stream in waiting {
        gate.ask("DELETE", &format!("/session/{open}"), &Value::Null).await;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let value: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        open = value["value"]["sessionId"].as_str().unwrap().to_owned();
    }
    gate.ask("DELETE", &format!("/session/{open}"), &Value::Null).await;
    let news = driver.calls().into_iter().filter(|c| c.is("POST", "session"));
    let order: Vec<_> = news.map(|c| c.body["capabilities"]["firstMatch"][0]["test:name"].clone()).collect();
    assert_eq!(order, [json!(null), json!("second"), json!("third")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_too_long_is_told() {
    let driver = FakeDriver::start(|_| None).await;
    let more = ["--upstream", &driver.url(), "--max-sessions", "1", "--queue-timeout", "1s"];
    let gate = Gate::open(&cookie(), &more).await;
    let (id, _) = gate.session("", json!({})).await;
    let (status, value) = gate.ask("POST", "/session", &json!({ "capabilities": {} })).await;
    assert_eq!((status, &value["error"]), (500, &json!("session not created")), "{value}");
    assert!(value["message"].as_str().unwrap().contains("--max-sessions"), "{value}");
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
    let (id, _) = gate.session("", json!({})).await;
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_vanishes_before_its_answer_leaves_no_browser() {
    let (open, gate_of_driver) = watch::channel(false);
    let mut driver = RawDriver::start(gate_of_driver).await;
    let gate = Gate::open(&cookie(), &["--upstream", &driver.url, "--max-sessions", "1"]).await;
    let body = json!({ "capabilities": {} }).to_string();
    let client = begin(&gate.address, "POST", "/session", "", &body).await;
    driver.has_got("POST /session ").await;
    drop(client);
    open.send_replace(true);
    driver.has_got("DELETE /session/raw-1 ").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_vanishes_while_the_session_is_put_in_leaves_no_browser() {
    let mut driver = FakeDriver::start(|call| (call.path == "goog/cdp/execute").then_some(Reply::Hang)).await;
    let gate = Gate::open(&cookie(), &["--upstream", &driver.url()]).await;
    let body = json!({ "capabilities": {} }).to_string();
    let client = begin(&gate.address, "POST", "/session", "", &body).await;
    driver.has_got("POST", "goog/cdp/execute").await;
    drop(client);
    driver.has_got("DELETE", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_nobody_uses_is_ended() {
    let mut driver = FakeDriver::start(|_| None).await;
    let mut gate = Gate::open(&cookie(), &["--upstream", &driver.url(), "--idle-timeout", "1s"]).await;
    let (id, _) = gate.session("", json!({})).await;
    gate.running.has_said("nobody used it any more").await;
    driver.has_got("DELETE", "").await;
    let (status, value) = gate.ask("GET", &format!("/session/{id}/url"), &Value::Null).await;
    assert_eq!((status, &value["error"]), (404, &json!("invalid session id")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_driver_does_not_end_is_ended_all_the_same() {
    static FAILED: AtomicBool = AtomicBool::new(false);
    let mut driver = FakeDriver::start(|call| {
        let fails = call.is("DELETE", "") && !FAILED.swap(true, Ordering::Relaxed);
        fails.then_some(Reply::Error(500, "unknown error", "not now"))
    })
    .await;
    let mut gate =
        Gate::open(&cookie(), &["--upstream", &driver.url(), "--max-sessions", "1", "--json"]).await;
    let (id, _) = gate.session("", json!({})).await;
    let (status, value) = gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
    assert_eq!(
        (status, &value["message"]),
        (500, &json!("not now")),
        "the client hears the driver's own words"
    );
    gate.running.has_said("\"event\":\"ended\"").await;
    assert_eq!(driver.count("DELETE", ""), 2, "it was tried again");
    let (id, _) = gate.session("", json!({})).await;
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
    driver.has_got("DELETE", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_last_window_and_a_session_that_the_driver_lost_end_it() {
    let driver = FakeDriver::start(|call| match (call.method.as_str(), call.path.as_str()) {
        ("DELETE", "window") => Some(Reply::Value(json!([]))),
        ("GET", "url") => Some(Reply::Error(404, "invalid session id", "the browser has crashed")),
        ("GET", "element/x/text") => Some(Reply::Error(404, "no such element", "not there")),
        _ => None,
    })
    .await;
    let mut gate = Gate::open(&cookie(), &["--upstream", &driver.url()]).await;
    let (id, _) = gate.session("", json!({})).await;
    for _ in 0..2 {
        let (_, value) = gate.ask("GET", &format!("/session/{id}/element/x/text"), &Value::Null).await;
        assert_eq!(value["error"], "no such element", "nothing ends by that");
    }
    let (_, value) = gate.ask("GET", &format!("/session/{id}/url"), &Value::Null).await;
    assert_eq!(value["message"], "the browser has crashed");
    gate.running.has_said("the driver or the browser died").await;
    let (id, _) = gate.session("", json!({})).await;
    let (_, value) = gate.ask("DELETE", &format!("/session/{id}/window"), &Value::Null).await;
    assert_eq!(value, json!([]));
    gate.running.has_said("its client ended it").await;
    // To this driver the session is still there.
    gate.ask("DELETE", &format!("/session/{id}"), &Value::Null).await;
    driver.forget();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_gateway_ends_all_its_browsers() {
    let driver = FakeDriver::start(|_| None).await;
    let gate = Gate::open(&cookie(), &["--upstream", &driver.url()]).await;
    for _ in 0..3 {
        gate.session("", json!({})).await;
    }
    gate.running.signal(Signal::SIGINT);
    gate.running.end().await.ends_with(0).says("the gateway is being ended");
    assert_eq!(driver.count("DELETE", ""), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_that_dies_is_told_as_an_error_of_the_standard() {
    let driver = FakeDriver::start(|call| (call.path == "url").then_some(Reply::Die)).await;
    let gate = Gate::open(&cookie(), &["--upstream", &driver.url()]).await;
    let (id, _) = gate.session("", json!({})).await;
    let (status, value) = gate.ask("GET", &format!("/session/{id}/url"), &Value::Null).await;
    assert_eq!((status, &value["error"]), (500, &json!("unknown error")), "{value}");
    let (status, value) = gate.ask("POST", "/session", &json!({ "capabilities": {} })).await;
    assert_eq!((status, &value["error"]), (500, &json!("session not created")), "{value}");
    assert!(value["message"].as_str().unwrap().contains("hint: "), "{value}");
}

fn cookie() -> State {
    let mut state = State::default();
    state.cookies.push(Cookie {
        name: "sid".into(),
        value: "own-cookie".into(),
        domain: "app.test".into(),
        host_only: true,
        path: "/".into(),
        ..Cookie::default()
    });
    state
}
