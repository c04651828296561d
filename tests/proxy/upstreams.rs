//! Everything goes through another proxy, and what that one does wrong is told as its doing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use handstamp::proxy::{Client, ClientSettings, Trust, Upstream, full};
use hyper::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::origin::Origin;
use crate::support::{PATIENCE, Proxy, exchange, read_head, text};

/// `zap:sesame`
const CREDENTIALS: &str = "Basic emFwOnNlc2FtZQ==";

fn through(address: impl std::fmt::Display, authority: Option<&Path>) -> Client {
    let mut upstream: Upstream = format!("http://zap:sesame@{address}").parse().unwrap();
    if let Some(authority) = authority {
        upstream = upstream.trusting(authority.to_owned());
    }
    let settings = ClientSettings {
        upstream: Some(upstream),
        connect_limit: Duration::from_secs(2),
        ..ClientSettings::default()
    };
    Client::with(settings).unwrap()
}

/// A proxy in front of another one, whose authority it trusts.
async fn chain(intercepts: bool) -> (Proxy, Proxy) {
    let upstream = Proxy::with(intercepts, Some(CREDENTIALS), Client::new(&Trust::Anything).unwrap()).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), upstream.authority.pem()).unwrap();
    let proxy = Proxy::with(true, None, through(upstream.address, Some(file.path()))).await;
    (proxy, upstream)
}

/// A proxy whose upstream is a listener that answers each head with these bytes.
async fn answering(bytes: &'static str) -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::with(true, None, through(listener.local_addr().unwrap(), None)).await;
    // A test's own server may leave this task to the runtime, which ends with the test.
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            read_head(&mut tcp).await;
            tcp.write_all(bytes.as_bytes()).await.unwrap();
        }
    });
    proxy
}

#[tokio::test]
async fn a_plain_request_goes_to_the_upstream_proxy_with_its_credentials_which_stay_there() {
    let ((proxy, upstream), origin) = (chain(true).await, Origin::plain().await);
    let request = Request::get(origin.url("/headers")).header("proxy-authorization", "Basic b3duOmtleQ==");
    let head = text(proxy.send(request.body(full("")).unwrap()).await).await;
    assert!(head.starts_with("HTTP/1.1 /headers") && !head.contains("proxy-"), "{head}");
    let seen = upstream.watcher.seen.lock().unwrap().clone();
    assert_eq!(seen, [format!("{} upgrade=false {CREDENTIALS}", origin.url("/headers"))]);
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_of_the_upstream_proxy_whose_authority_is_trusted() {
    let ((proxy, upstream), origin) = (chain(true).await, Origin::tls(&["h2", "http/1.1"]).await);
    let head = text(proxy.get(&origin.url("/headers")).await).await;
    assert!(head.contains("/headers\n") && !head.contains("proxy-"), "{head}");
    let seen = upstream.watcher.seen.lock().unwrap().clone();
    assert_eq!(seen, [format!("{} upgrade=false {CREDENTIALS}", origin.url("/headers"))]);
}

#[tokio::test]
async fn an_upstream_proxy_whose_authority_is_unknown_is_not_trusted() {
    let upstream = Proxy::with(true, None, Client::new(&Trust::Anything).unwrap()).await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let proxy = Proxy::with(true, None, through(upstream.address, None)).await;
    let response = proxy.get(&origin.url("/hello")).await;
    assert_eq!(response.headers()["x-handstamp-error"], "tls-not-trusted");
    assert_eq!(origin.hits(), 0);
}

#[tokio::test]
async fn a_socket_without_tls_goes_through_a_tunnel_of_the_upstream_proxy() {
    let ((proxy, upstream), origin) = (chain(true).await, Origin::plain().await);
    let mut tcp = TcpStream::connect(proxy.address).await.unwrap();
    let handshake = format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Extensions: b\r\n\r\n",
        origin.url("/socket")
    );
    tcp.write_all(handshake.as_bytes()).await.unwrap();
    assert!(read_head(&mut tcp).await.starts_with("HTTP/1.1 101"));
    tcp.write_all(b"ping").await.unwrap();
    let mut back = [0; 4];
    tcp.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"ping");
    let seen = upstream.watcher.seen.lock().unwrap().clone();
    assert_eq!(seen, [format!("{} upgrade=true {CREDENTIALS}", origin.url("/socket"))]);
}

#[tokio::test]
async fn bytes_that_the_server_sends_right_behind_the_upstream_proxys_answer_are_not_lost() {
    let proxy = answering("HTTP/1.1 200 Connection established\r\n\r\n220 ready\r\n\r\n").await;
    let mut tcp = proxy.connect("mail.test:25", "").await.unwrap();
    assert_eq!(read_head(&mut tcp).await, "220 ready\r\n\r\n");
}

#[tokio::test]
async fn a_refusal_by_the_upstream_proxy_is_told_as_its_own() {
    for (answer, hint) in [
        ("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", "USER:PASSWORD@"),
        ("HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n", "its own log"),
        ("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "allow the target"),
    ] {
        let mut proxy = answering(answer).await;
        let response = proxy.get("https://shop.test/?token=planted").await;
        assert_eq!(response.status(), 502);
        assert_eq!(response.headers()["x-handstamp-error"], "upstream-refused");
        assert!(!response.headers().contains_key("proxy-authenticate"));
        let page = text(response).await;
        assert!(page.contains("upstream proxy") && page.contains("shop.test:443"), "{page}");
        assert!(page.contains(hint) && !page.contains("planted") && !page.contains("sesame"), "{page}");
        assert!(proxy.end().await.1.is_err());
    }
    let plain = answering("HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n").await;
    let response = plain.get("http://shop.test/").await;
    assert_eq!(response.headers()["x-handstamp-error"], "upstream-refused");
}

#[tokio::test]
async fn a_tunnel_that_is_not_looked_into_is_refused_with_the_upstream_proxys_reason() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = through(listener.local_addr().unwrap(), None);
    let proxy = Proxy::with(false, None, client).await;
    let refusing = async {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let head = read_head(&mut tcp).await;
        tcp.write_all(b"HTTP/1.0 403 No\r\n\r\n").await.unwrap();
        head
    };
    let (refused, asked) = tokio::join!(proxy.connect("shop.test:443", ""), refusing);
    assert!(refused.unwrap_err().contains("x-handstamp-error: upstream-refused"));
    assert!(asked.starts_with("CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n"), "{asked}");
    assert!(asked.contains(&format!("Proxy-Authorization: {CREDENTIALS}\r\n")), "{asked}");
}

#[tokio::test]
async fn an_upstream_that_is_no_proxy_is_told_apart() {
    let proxy = answering("SSH-2.0-x\r\n\r\n").await;
    let response = proxy.get("https://shop.test/").await;
    assert_eq!(response.headers()["x-handstamp-error"], "upstream-no-proxy");
}

#[tokio::test]
async fn an_upstream_proxy_that_is_not_there_is_told_apart_from_the_target() {
    let nowhere = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let proxy = Proxy::with(true, None, through(nowhere, None)).await;
    for url in ["http://shop.test/", "https://shop.test/"] {
        let response = proxy.get(url).await;
        assert_eq!(response.status(), 502);
        assert_eq!(response.headers()["x-handstamp-error"], "upstream-unreachable");
        let page = text(response).await;
        assert!(page.contains(&nowhere.to_string()) && page.contains("hint: "), "{page}");
    }
}

#[tokio::test]
async fn the_proxy_as_its_own_upstream_or_as_a_target_behind_one_is_a_loop() {
    let (proxy, upstream) = chain(true).await;
    let port = proxy.address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("https://0.0.0.0:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
    ] {
        let response = tokio::time::timeout(PATIENCE, proxy.get(&url)).await.unwrap();
        assert_eq!(response.status(), 508, "{url}");
    }
    assert!(upstream.watcher.seen.lock().unwrap().is_empty());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap();
    let running = Proxy::on(listener, through(own, None));
    let tcp = TcpStream::connect(own).await.unwrap();
    let request = Request::get("http://shop.test/").body(full("")).unwrap();
    assert_eq!(exchange(tcp, request).await.status(), 508);
    drop(running);
}
