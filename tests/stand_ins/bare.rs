//! Browsers that are opened over a socket of BiDi, without any classic command.

use futures_util::{SinkExt as _, StreamExt as _};
use handstamp::browser::Kind;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{
    stage::{Stage, is_logged_in, is_logged_out, port},
    support::{LOGOUT, slot},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_opened_over_a_socket_alone_is_logged_in() {
    for kind in [Kind::Chromium, Kind::Firefox] {
        let _slot = slot().await;
        let stage = Stage::set().await;
        let mut driver = stage.driver(kind, &["--port=0"]);
        let mut socket = Bare::open(port(&mut driver, kind).await).await;
        assert_eq!(socket.ask("session.status", json!({})).await["result"]["ready"], true);
        let early = socket.ask("browsingContext.getTree", json!({})).await;
        assert_eq!(early["error"], "invalid session id", "{early}");
        let wrong = socket.ask("session.new", json!({ "capabilities": 7 })).await;
        assert_eq!(wrong["error"], "invalid argument", "{wrong}");
        let granted =
            socket.ask("session.new", json!({ "capabilities": { "alwaysMatch": headless(kind) } })).await;
        assert!(granted["result"]["sessionId"].is_string(), "{granted}");
        let tree = socket.ask("browsingContext.getTree", json!({})).await;
        let first = tree["result"]["contexts"][0]["context"].clone();
        socket.goes(&first, &stage, "first").await;
        is_logged_in(&stage.saw("first").await);
        let tab = socket.ask("browsingContext.create", json!({ "type": "tab" })).await;
        socket.goes(&tab["result"]["context"], &stage, "tab").await;
        is_logged_in(&stage.saw("tab").await);
        let params = json!({ "expression": LOGOUT, "target": { "context": first }, "awaitPromise": false });
        socket.ask("script.evaluate", params).await;
        socket.goes(&first, &stage, "out").await;
        is_logged_out(&stage.saw("out").await);
        let ended = socket.ask("session.end", json!({})).await;
        assert_eq!((&ended["type"], &ended["result"]), (&json!("success"), &json!({})), "{ended}");
        driver.signal(Signal::SIGTERM);
        driver.end().await.ends_with(0);
        stage.is_empty();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_of_a_client_that_vanishes_ends() {
    let _slot = slot().await;
    let stage = Stage::set().await;
    let mut driver = stage.driver(Kind::Firefox, &["--port=0"]);
    let port = port(&mut driver, Kind::Firefox).await;
    for turn in 0..2 {
        // geckodriver has one browser at a time: the second client gets one only when the first one's has ended.
        let mut socket = Bare::open(port).await;
        let asked = json!({ "capabilities": { "alwaysMatch": headless(Kind::Firefox) } });
        let mut granted = socket.ask("session.new", asked.clone()).await;
        while turn > 0 && granted["error"] == "session not created" {
            granted = socket.ask("session.new", asked.clone()).await;
        }
        assert!(granted["result"]["sessionId"].is_string(), "{granted}");
    }
    driver.signal(Signal::SIGTERM);
    driver.end().await.ends_with(0);
    stage.is_empty();
}

fn headless(kind: Kind) -> Value {
    match kind {
        Kind::Firefox => json!({ "moz:firefoxOptions": { "args": ["-headless"] } }),
        _ => json!({ "goog:chromeOptions": { "args": ["--headless=new", "--no-sandbox"] } }),
    }
}

/// A client that knows no classic command.
struct Bare {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    number: u64,
}

impl Bare {
    async fn open(port: u16) -> Self {
        let (socket, _) = connect_async(format!("ws://127.0.0.1:{port}/session")).await.unwrap();
        Self { socket, number: 0 }
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let command = json!({ "id": self.number, "method": method, "params": params });
        self.socket.send(Message::text(command.to_string())).await.unwrap();
        loop {
            let Message::Text(text) = self.socket.next().await.unwrap().unwrap() else { continue };
            let answer: Value = serde_json::from_str(&text).unwrap();
            if answer["id"] == self.number {
                return answer;
            }
        }
    }

    async fn goes(&mut self, context: &Value, stage: &Stage, who: &str) {
        let url = stage.site.page(&format!("/?who={who}"));
        let params = json!({ "context": context, "url": url.as_str(), "wait": "complete" });
        let answer = self.ask("browsingContext.navigate", params).await;
        assert_eq!(answer["type"], "success", "{answer}");
    }
}
