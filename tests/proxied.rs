//! `handstamp proxy` with its options, and `handstamp history` after it, as processes.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use std::fs;

use handstamp::{
    session::{Cookie, State},
    site::Origin,
};
use nix::sys::signal::Signal;
use serde_json::Value;
use support::{Place, Ran, Running};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

const SECRET: &str = "planted-session-value";

/// A server that answers everything alike, and sets the session's cookie anew.
struct Target {
    address: String,
    _tasks: JoinSet<()>,
}

impl Target {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Ok((mut tcp, _)) = listener.accept().await {
                let head = head(&mut tcp).await;
                let body = if head.contains(SECRET) { format!("in as {SECRET}") } else { "out".to_owned() };
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nSet-Cookie: sid={SECRET}; Path=/\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                tcp.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { address, _tasks: tasks }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn session(&self, place: &Place) -> String {
        let cookie = Cookie {
            name: "sid".into(),
            value: SECRET.into(),
            domain: "127.0.0.1".into(),
            path: "/".into(),
            host_only: true,
            ..Cookie::default()
        };
        let origin = Origin::parse(&self.url("/")).unwrap();
        place.session("s.json", &State { cookies: vec![cookie], scope: vec![origin], ..State::default() })
    }
}

async fn head(tcp: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match tcp.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

struct Proxy {
    running: Running,
    address: String,
}

impl Proxy {
    async fn start(place: &Place, args: &[&str]) -> Self {
        let mut running = place.start(&[&["proxy", "--listen", "127.0.0.1:0"], args].concat());
        let said = running.has_said("127.0.0.1:").await;
        let port: String =
            said.split("127.0.0.1:").nth(1).unwrap().chars().take_while(char::is_ascii_digit).collect();
        Self { running, address: format!("127.0.0.1:{port}") }
    }

    async fn get(&self, url: &str, lines: &str) -> String {
        let mut tcp = TcpStream::connect(&self.address).await.unwrap();
        let request = format!("GET {url} HTTP/1.1\r\nHost: x\r\n{lines}Connection: close\r\n\r\n");
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn stop(self) -> Ran {
        self.running.signal(Signal::SIGTERM);
        self.running.end().await.ends_with(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passed_the_proxy_is_listed_shown_searched_exported_and_cleared_without_secrets() {
    let (place, target) = (Place::new(), Target::open().await);
    let session = target.session(&place);
    let proxy = Proxy::start(&place, &["-s", &session]).await;
    assert!(proxy.get(&target.url("/a?token=abcdef"), "").await.contains(SECRET), "the session is on it");
    assert!(proxy.get("http://127.0.0.1:1/missing", "").await.starts_with("HTTP/1.1 502"));
    proxy.stop().await;

    let list = place.handstamp(&["history", "--json"]).await.ends_with(0).json();
    let all = list["exchanges"].as_array().unwrap();
    assert_eq!(all.len(), 2, "{list}");
    assert_eq!((all[0]["status"].as_u64(), all[0]["session"].as_str()), (Some(200), Some(session.as_str())));
    assert_eq!(all[0]["url"], target.url("/a?token=***"));
    assert!(all[1]["status"].is_null() && all[1]["error"].as_str().unwrap().contains("reached"), "{list}");
    let count = |ran: Ran| ran.ends_with(0).json()["exchanges"].as_array().unwrap().len();
    for (args, wanted) in [
        (&["--status", "2xx"][..], 1),
        (&["--search", "IN AS"], 1),
        (&["--host", "*.example.com"], 0),
        (&["--method", "get", "--since", "1h", "--limit", "1"], 1),
        (&["--session", &session], 1),
    ] {
        assert_eq!(
            count(place.handstamp(&[&["history", "--json"], args].concat()).await),
            wanted,
            "{args:?}"
        );
    }
    let shown = place.handstamp(&["history", "--show", "1"]).await.ends_with(0);
    assert!(shown.out.contains("cookie: ***") && shown.out.contains("in as ***"), "{}", shown.out);
    let file = place.path("out.har");
    place.handstamp(&["history", "--har", &file]).await.ends_with(0);
    let text = fs::read_to_string(&file).unwrap();
    let har: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(har["log"]["entries"].as_array().unwrap().len(), 2);
    let database = fs::read(place.path("store/history.db")).unwrap();
    assert!(!String::from_utf8_lossy(&database).contains(SECRET) && !text.contains(SECRET));
    assert_eq!(place.handstamp(&["history", "--clear", "--json"]).await.json()["removed"], 2);
    assert_eq!(count(place.handstamp(&["history", "--json"]).await), 0);
    place.handstamp(&["history", "--show", "1"]).await.ends_with(2).says("hint: `handstamp history`");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_kept_when_asked_for_and_nothing_is_without_a_history() {
    let (place, target) = (Place::new(), Target::open().await);
    let session = target.session(&place);
    let proxy = Proxy::start(&place, &["-s", &session, "--no-history"]).await;
    proxy.get(&target.url("/"), "").await;
    proxy.stop().await;
    place.handstamp(&["history"]).await.ends_with(0).says("nothing is in the history");
    let proxy = Proxy::start(&place, &["-s", &session, "--with-secrets"]).await;
    proxy.get(&target.url("/"), "").await;
    proxy.stop().await;
    place.handstamp(&["history", "--show", "1"]).await.ends_with(0).says(&format!("cookie: sid={SECRET}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_demanded_where_it_is_set_and_beyond_loopback_it_must_be() {
    let (place, target) = (Place::new(), Target::open().await);
    let session = target.session(&place);
    place
        .handstamp(&["proxy", "-s", &session, "--listen", "0.0.0.0:0"])
        .await
        .ends_with(2)
        .says("--key-env VAR");
    let key = place.file("key", "sesame\n");
    let proxy = Proxy::start(&place, &["-s", &session, "--key-file", &key]).await;
    assert!(proxy.get(&target.url("/"), "").await.starts_with("HTTP/1.1 407"));
    // `:sesame`
    let right = "Proxy-Authorization: Basic OnNlc2FtZQ==\r\n";
    assert!(proxy.get(&target.url("/"), right).await.contains(SECRET));
    let ran = proxy.stop().await;
    assert!(!ran.out.contains("sesame") && !ran.err.contains("sesame"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_behind_another_and_a_host_that_passes_untouched() {
    let (place, other, target) = (Place::new(), Place::new(), Target::open().await);
    let session = target.session(&place);
    let key = other.file("key", "sesame");
    let upstream = Proxy::start(&other, &["--key-file", &key]).await;
    let url = format!("http://:sesame@{}", upstream.address);
    let proxy = Proxy::start(&place, &["-s", &session, "--upstream", &url, "--pass", "localhost"]).await;
    assert!(proxy.get(&target.url("/"), "").await.contains(SECRET));
    let passed = target.url("/").replace("127.0.0.1", "localhost");
    assert!(proxy.get(&passed, "").await.ends_with("out"));
    let mine = proxy.stop().await;
    upstream.stop().await;
    assert!(!mine.out.contains("sesame") && !mine.err.contains("sesame"));
    let seen = other.handstamp(&["history", "--json"]).await.json();
    assert_eq!(seen["exchanges"].as_array().unwrap().len(), 2, "{seen}");
    assert_eq!(
        place.handstamp(&["history", "--json"]).await.json()["exchanges"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_addresses_that_cannot_be_used_are_told_at_the_start() {
    let place = Place::new();
    let junk = place.file("junk.pem", "junk");
    for (args, code, said) in [
        (&["--client-cert", &junk][..], 1, "holds no certificate"),
        (&["--client-cert", "/nowhere/c.pem"], 1, "cannot be read"),
        (&["--upstream", "socks5://p.test:1"], 2, "http://HOST:PORT"),
        (&["--upstream", "http://127.0.0.1:1", "--upstream-ca", &junk], 1, "PEM file"),
        (&["--pass", "https://shop.test/"], 2, "*.example.com"),
        (&["--history-limit", "much"], 2, "64M"),
        (&["--key-env", "HANDSTAMP_NO_SUCH_VARIABLE"], 2, "HANDSTAMP_NO_SUCH_VARIABLE"),
    ] {
        let ran = place.handstamp(&[&["proxy", "--listen", "127.0.0.1:0"], args].concat()).await;
        ran.ends_with(code).says(said);
    }
    fs::write(place.path("store/ca.key"), "junk").unwrap();
    fs::write(place.path("store/ca.pem"), "junk").unwrap();
    place.handstamp(&["proxy", "--listen", "127.0.0.1:0"]).await.ends_with(1).says("hint: restore it");
}
