//! A running gateway, the session that its browsers get, and clients for it.

use std::{
    thread,
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder, error::NewSessionError};
use handstamp::{
    session::{Cookie, Item, State},
    site::Origin,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::support::{Place, Running, Site};

/// The command, listening on a port of its own.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) running: Running,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    // Last: it checks that nothing is left.
    pub(crate) place: Place,
}

impl Gate {
    /// Starts a gateway for one session.
    pub(crate) async fn open(state: &State, more: &[&str]) -> Self {
        let place = Place::new();
        let file = place.session("session.json", state);
        let args = [&["gateway", "--listen", "127.0.0.1:0", "--session", &file, "-v"], more].concat();
        Self::start(place, &args).await
    }

    /// Starts a gateway in a place that was made ready.
    pub(crate) async fn start(place: Place, args: &[&str]) -> Self {
        let mut running = place.start(args);
        let said = running.has_said(if args.contains(&"--json") { "listening" } else { "Ctrl-C" }).await;
        let behind = said.split("127.0.0.1:").nth(1).unwrap();
        let port: String = behind.chars().take_while(char::is_ascii_digit).collect();
        Self { address: format!("127.0.0.1:{port}"), running, place }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Checks that nothing but the gateway runs any more, which may take the system a moment.
    #[track_caller]
    pub(crate) fn has_no_browsers(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        let others = || {
            let mut all = self.place.leftovers();
            all.retain(|left| !left.contains("handstamp gateway"));
            all
        };
        while !others().is_empty() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(others(), [""; 0], "something was left behind");
    }

    /// Sends a command and gives the status, and the answer's value.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let text = ask(&self.address, method, path, "", &body.to_string()).await;
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        let body = text.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str::<Value>(body).unwrap()["value"].take())
    }

    /// Opens a session with these capabilities always matched, and gives its identifier and what was granted.
    pub(crate) async fn session(&self, path: &str, always: Value) -> (String, Value) {
        let body = json!({ "capabilities": { "alwaysMatch": always } });
        let (status, mut value) = self.ask("POST", &format!("{path}/session"), &body).await;
        assert_eq!(status, 200, "{value}");
        (value["sessionId"].as_str().unwrap().to_owned(), value["capabilities"].take())
    }

    /// Opens a browser as a client does that knows nothing of handstamp.
    pub(crate) async fn client(&self, capabilities: Value) -> Result<Client, NewSessionError> {
        let Value::Object(capabilities) = capabilities else { panic!("no object") };
        connect(&self.url("/"), capabilities).await
    }
}

/// Sends a request over a connection of its own and gives the whole answer. `lines` are header lines with their ends.
pub(crate) async fn ask(address: &str, method: &str, path: &str, lines: &str, body: &str) -> String {
    let mut stream = begin(address, method, path, lines, body).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Sends a request and does not wait for the answer.
pub(crate) async fn begin(address: &str, method: &str, path: &str, lines: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let host = if lines.contains("Host:") { String::new() } else { format!("Host: {address}\r\n") };
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\n{host}Connection: close\r\nContent-Length: {length}\r\n{lines}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

pub(crate) async fn connect(url: &str, capabilities: Map<String, Value>) -> Result<Client, NewSessionError> {
    ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(url).await
}

/// A session at the first origin of a site, and nowhere else.
pub(crate) fn session_at(site: &Site) -> State {
    let mut state = State::default();
    state.cookies.push(cookie("seen", "own-cookie"));
    state.cookies.push(Cookie { http_only: true, ..cookie("hidden", "own-hidden") });
    let storage = state.origin_mut(&Origin::of(&site.page("/")).unwrap());
    storage.local_storage.push(Item::new("token", "own-local".to_owned()));
    storage.session_storage.push(Item::new("tab", "own-session".to_owned()));
    state
}

fn cookie(name: &str, value: &str) -> Cookie {
    Cookie {
        name: name.into(),
        value: value.into(),
        domain: "127.0.0.1".into(),
        host_only: true,
        path: "/".into(),
        ..Cookie::default()
    }
}

/// Checks that a document's first script saw the session.
#[track_caller]
pub(crate) fn is_logged_in(saw: &Value) {
    assert_eq!(saw["local"], json!({ "token": "own-local" }), "{saw}");
    assert_eq!(saw["session"], json!({ "tab": "own-session" }), "{saw}");
    assert_eq!(saw["cookie"], "seen=own-cookie", "{saw}");
}

/// Checks that it saw nothing of it.
#[track_caller]
pub(crate) fn is_stranger(saw: &Value) {
    assert_eq!(
        (&saw["local"], &saw["session"], &saw["cookie"]),
        (&json!({}), &json!({}), &json!("")),
        "{saw}"
    );
}
