//! Requests that two servers could read as different ones: refused, or made plain before they go on.

use bytes::Bytes;
use handstamp::proxy::{Body, full};
use hyper::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::origin::Origin;
use crate::support::{PATIENCE, Proxy, exchange2, raw, text};

/// What an attacker hides behind a request.
const HIDDEN: &str = "GET http://own.test/ HTTP/1.1\r\nHost: x\r\n\r\n";

/// Whether the proxy closed without an answer to the hidden request, and with none or an error for the open one.
fn is_refused(answer: &str) -> bool {
    let is_error = answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 502");
    (answer.is_empty() || is_error) && !answer.contains("answered here")
}

#[tokio::test]
async fn lengths_that_are_no_plain_number_are_refused() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    for length in ["+3", "-1", "3,4", "3 4", "0x3", "", "3;", "99999999999999999999999"] {
        let url = origin.url("/echo");
        let request =
            format!("POST {url} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\nabc{HIDDEN}");
        let answer = raw(proxy.address, &request).await;
        assert!(is_refused(&answer), "{length}: {answer}");
    }
    assert_eq!(origin.hits(), 0);
}

#[tokio::test]
async fn a_length_that_is_told_twice_alike_goes_on_once() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        origin.url("/headers")
    );
    let answer = raw(proxy.address, &request).await;
    assert_eq!(answer.matches("content-length: 3\n").count(), 1, "{answer}");
}

#[tokio::test]
async fn bad_chunks_end_the_connection_and_nothing_behind_them_is_answered() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    for chunks in [
        "zz\r\nabc\r\n0\r\n\r\n",
        "-3\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcdef\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        " 3\r\nabc\r\n0\r\n\r\n",
    ] {
        let url = origin.url("/length");
        let head = format!("POST {url} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        let answer = raw(proxy.address, &format!("{head}{chunks}{HIDDEN}")).await;
        assert!(is_refused(&answer), "{chunks:?}: {answer}");
    }
}

#[tokio::test]
async fn a_transfer_encoding_in_http_1_0_or_in_disguise_is_refused() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    for (version, line) in [
        ("1.0", "Transfer-Encoding: chunked"),
        ("1.1", "Transfer-Encoding : chunked"),
        ("1.1", "Transfer-Encoding\t: chunked"),
        ("1.1", "Transfer-Encoding: chunked, chunked"),
        ("1.1", "Transfer-Encoding: chunked, identity"),
        ("1.1", "Transfer-Encoding: \u{b}chunked"),
        ("1.1", "Transfer-Encoding: \"chunked\""),
    ] {
        let request = format!(
            "POST {} HTTP/{version}\r\nHost: x\r\n{line}\r\n\r\n0\r\n\r\n{HIDDEN}",
            origin.url("/echo")
        );
        let answer = raw(proxy.address, &request).await;
        assert!(is_refused(&answer), "{line:?}: {answer}");
    }
    assert_eq!(origin.hits(), 0);
}

#[tokio::test]
async fn folded_lines_and_lines_without_a_name_are_refused() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    for lines in [
        "X-A: 1\r\n folded: 2\r\n",
        "X-A: 1\r\n\tfolded\r\n",
        " X-A: 1\r\n",
        ": 1\r\n",
        "X-A\r\n",
        "X-A: a\0b\r\n",
        "X-A: a\rb\r\n",
    ] {
        let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n{lines}\r\n{HIDDEN}", origin.url("/hello"));
        let answer = raw(proxy.address, &request).await;
        assert!(is_refused(&answer), "{lines:?}: {answer}");
    }
    assert_eq!(origin.hits(), 0);
}

#[tokio::test]
async fn lines_that_end_in_a_bare_line_feed_go_on_with_their_whole_ends() {
    let proxy = Proxy::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let request =
        format!("GET http://{}/ HTTP/1.1\nHost: x\nX-A: 1\nX-B: 2\n\n", listener.local_addr().unwrap());
    let mut client = tokio::net::TcpStream::connect(proxy.address).await.unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    let (mut server, _) = tokio::time::timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let head = crate::support::read_head(&mut server).await;
    assert!(head.contains("X-A: 1\r\nX-B: 2\r\n") && !head.replace("\r\n", "").contains('\n'), "{head:?}");
}

#[tokio::test]
async fn a_refusal_is_a_page_that_says_why_and_ends_the_connection() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let url = origin.url("/echo");
    let request = format!(
        "POST {url} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n{HIDDEN}"
    );
    let answer = raw(proxy.address, &request).await;
    assert!(answer.contains("connection: close") && answer.contains("the request is refused: "), "{answer}");
    assert!(is_refused(&answer), "{answer}");
}

#[tokio::test]
async fn a_whole_url_in_a_tunnel_that_names_another_place_is_refused() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let host = origin.address.to_string();
    for url in ["http://own.test/", "https://own.test/", &format!("https://{host}/"), "http://127.0.0.1/"] {
        let mut tcp = proxy.connect(&host, "").await.unwrap();
        tcp.write_all(format!("GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n{HIDDEN}").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, tcp.read_to_string(&mut answer)).await.expect("not closed").unwrap();
        assert!(is_refused(&answer) && answer.contains("names another place"), "{url}: {answer}");
    }
    assert!(proxy.watcher.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_user_name_that_looks_like_a_host_is_none() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let tricky = format!("http://own.test:80@{}/headers", origin.address);
    let request = format!("GET {tricky} HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n");
    let answer = raw(proxy.address, &request).await;
    assert!(
        answer.contains(&format!("host: {}\n", origin.address)) && !answer.contains("own.test"),
        "{answer}"
    );
    for odd in ["http://own.test\\@x/", "http:///x", "http://@/", "http:own.test"] {
        let answer =
            raw(proxy.address, &format!("GET {odd} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{odd}: {answer}");
    }
}

#[tokio::test]
async fn a_fragment_is_no_place_to_hide_a_host_in() {
    let proxy = Proxy::start().await;
    let request = "GET http://own.test#@evil.test/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(raw(proxy.address, request).await.contains("answered here"));
    assert_eq!(*proxy.watcher.seen.lock().unwrap(), ["http://own.test/ upgrade=false -"]);
}

#[tokio::test]
async fn a_tunnel_to_the_proxy_itself_by_any_of_its_names_is_refused() {
    let proxy = Proxy::start().await;
    let port = proxy.address.port();
    for host in ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.1"] {
        let own = format!("{host}:{port}");
        let outcome = match proxy.connect(&own, "").await {
            Ok(tcp) => {
                let request = Request::get("/").header("host", &own).body(full("")).unwrap();
                crate::support::exchange(tcp, request).await.status().as_u16().to_string()
            }
            Err(head) => head,
        };
        assert!(outcome.contains("508"), "{host}: {outcome}");
    }
    assert_eq!(proxy.stop().await.into_iter().filter(|(_, outcome)| outcome.is_ok()).count(), 0);
}

#[tokio::test]
async fn in_http2_the_authority_counts_and_the_host_header_does_not() {
    let (origin, proxy) = (Origin::tls(&["http/1.1"]).await, Proxy::start().await);
    let tls = proxy.tls(&origin.address.to_string(), &["h2"]).await;
    let request = Request::get(origin.url("/headers")).header("host", "own.test").body(full("")).unwrap();
    let head = text(exchange2(tls, request).await).await;
    assert!(head.contains(&format!("host: {}\n", origin.address)) && !head.contains("own.test"), "{head}");
}

#[tokio::test]
async fn in_http2_the_scheme_is_that_of_the_tunnel_and_the_path_cannot_name_a_host() {
    let (origin, proxy) = (Origin::tls(&["http/1.1"]).await, Proxy::start().await);
    let tls = proxy.tls(&origin.address.to_string(), &["h2"]).await;
    let url = origin.url("//own.test/").replace("https:", "http:");
    let response = exchange2(tls, Request::get(url).body(full("")).unwrap()).await;
    assert_eq!(response.status(), 404);
    let seen = proxy.watcher.seen.lock().unwrap().clone();
    assert_eq!(seen, [format!("{} upgrade=false -", origin.url("//own.test/"))]);
}

#[tokio::test]
async fn in_http2_a_body_of_another_length_than_told_breaks_off_and_reaches_nobody_whole() {
    let (origin, proxy) = (Origin::tls(&["http/1.1"]).await, Proxy::start().await);
    let tls = proxy.tls(&origin.address.to_string(), &["h2"]).await;
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(tls)).await.unwrap();
    let driving = tokio::spawn(connection);
    let body: Body = full(Bytes::from("abcdefghij"));
    let request = Request::post(origin.url("/length")).header("content-length", "3").body(body).unwrap();
    let outcome = tokio::time::timeout(PATIENCE, sender.send_request(request)).await.unwrap();
    assert!(outcome.is_err() || outcome.is_ok_and(|r| r.status() == 502 || r.status() == 400));
    driving.abort();
}
