//! What the proxy refuses, and how it says so.

use std::time::Duration;

use handstamp::proxy::{Client, Error, Trust, full};
use hyper::Request;
use tokio::net::TcpListener;

use crate::origin::Origin;
use crate::support::{Proxy, exchange, raw, text};

#[tokio::test]
async fn a_request_to_the_proxy_itself_is_told_that_this_is_a_proxy() {
    let proxy = Proxy::start().await;
    let answer = raw(proxy.address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("this is a proxy"), "{answer}");
    assert!(answer.contains("text/plain"), "{answer}");
}

#[tokio::test]
async fn a_request_that_would_come_back_to_the_proxy_is_refused() {
    let mut proxy = Proxy::start().await;
    for host in [proxy.address.to_string(), format!("localhost:{}", proxy.address.port())] {
        let response = proxy.get(&format!("http://{host}/")).await;
        assert_eq!(response.status(), 508);
        assert_eq!(response.headers()["x-handstamp-error"], "loop");
        assert!(proxy.end().await.1.is_err());
    }
    let own = proxy.address.to_string();
    let tcp = proxy.connect(&own, "").await.unwrap();
    let request = Request::get("/").header("host", own).body(full("")).unwrap();
    assert_eq!(exchange(tcp, request).await.status(), 508);
}

#[tokio::test]
async fn shapes_that_two_servers_could_read_differently_are_refused() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    for lines in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3, 4\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Host: other.test\r\n",
    ] {
        let url = origin.url("/echo");
        let request = format!("POST {url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n0\r\n\r\n");
        let answer = raw(proxy.address, &request).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{lines} -> {answer}");
    }
    assert_eq!(origin.hits(), 0);
}

#[tokio::test]
async fn a_length_beside_chunks_is_dropped_and_the_connection_closed_after_it() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    for lines in [
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n",
    ] {
        let url = origin.url("/headers");
        let smuggled = "GET http://own.test/ HTTP/1.1\r\nHost: x\r\n\r\n";
        let request = format!("POST {url} HTTP/1.1\r\nHost: x\r\n{lines}\r\n0\r\n\r\n{smuggled}");
        let answer = raw(proxy.address, &request).await;
        assert!(answer.contains("transfer-encoding: chunked"), "{lines} -> {answer}");
        assert!(
            !answer.contains("content-length: 6\n") && !answer.contains("answered here"),
            "{lines} -> {answer}"
        );
    }
}

#[tokio::test]
async fn a_server_whose_certificate_is_not_trusted_is_told_apart() {
    let origin = Origin::tls(&["http/1.1"]).await;
    let mut proxy = Proxy::with(true, None, Client::new(&Trust::System).unwrap()).await;
    let host = origin.address.to_string();
    let tls = proxy.tls(&host, &[]).await;
    let request = Request::get("/hello?token=secret").header("host", host).body(full("")).unwrap();
    let response = exchange(tls, request).await;
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["x-handstamp-error"], "tls-not-trusted");
    let page = text(response).await;
    assert!(page.contains("not trusted") && page.contains("--ca FILE") && !page.contains("secret"), "{page}");
    assert_eq!(origin.hits(), 0);
    assert!(proxy.end().await.1.is_err());
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_told_apart() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let response = proxy.get(&origin.url("/hello").replace("http:", "https:")).await;
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["x-handstamp-error"], "tls-failed");
}

#[tokio::test]
async fn a_server_that_keeps_silent_in_the_handshake_is_a_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::with_limit(&Trust::System, Duration::from_millis(200)).unwrap();
    let proxy = Proxy::with(true, None, client).await;
    let response = proxy.get(&format!("https://{}/", silent.local_addr().unwrap())).await;
    assert_eq!(response.status(), 504);
    assert_eq!(response.headers()["x-handstamp-error"], "timeout");
}

#[tokio::test]
async fn the_client_tells_its_failures_apart_without_a_proxy() {
    let client = Client::new(&Trust::System).unwrap();
    let send = |url: &str| client.send(Request::get(url).body(full("")).unwrap());
    assert!(matches!(send("http://no..name/").await, Err(Error::Unresolved { .. })));
    assert!(matches!(send("/relative").await, Err(Error::NotAbsolute)));
    let nowhere = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = send(&format!("http://{nowhere}/")).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }) && error.to_string().contains("\nhint: "), "{error}");
}
