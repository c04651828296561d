//! Clients that ask before they send their body.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{PATIENCE, Proxy, read_head};

struct Pair {
    proxy: Proxy,
    client: TcpStream,
    server: TcpStream,
    /// The head that the server got.
    head: String,
}

/// A client that has asked, and a server that has not answered yet.
async fn asked() -> Pair {
    let (proxy, listener) = (Proxy::start().await, TcpListener::bind("127.0.0.1:0").await.unwrap());
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    let url = format!("http://{}/upload", listener.local_addr().unwrap());
    let head = format!("POST {url} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    client.write_all(head.as_bytes()).await.unwrap();
    let (mut server, _) = tokio::time::timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let head = read_head(&mut server).await;
    Pair { proxy, client, server, head }
}

async fn rest(tcp: &mut TcpStream) -> String {
    let mut rest = String::new();
    tokio::time::timeout(PATIENCE, tcp.read_to_string(&mut rest)).await.expect("not closed").unwrap();
    rest
}

#[tokio::test]
async fn the_servers_100_is_passed_on_and_then_the_body() {
    let mut pair = asked().await;
    assert!(pair.head.to_lowercase().contains("expect: 100-continue\r\n"), "{}", pair.head);
    pair.server.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.unwrap();
    assert!(read_head(&mut pair.client).await.starts_with("HTTP/1.1 100"));
    pair.client.write_all(b"body").await.unwrap();
    let mut body = [0; 4];
    pair.server.read_exact(&mut body).await.unwrap();
    assert_eq!(&body, b"body");
    pair.server.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    assert!(read_head(&mut pair.client).await.starts_with("HTTP/1.1 200"));
    assert_eq!(pair.proxy.end().await.1, Ok(()));
}

#[tokio::test]
async fn a_refusal_reaches_the_client_instead_of_100_and_no_body_is_sent() {
    for status in ["401 Unauthorized", "417 Expectation Failed"] {
        let mut pair = asked().await;
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nno");
        pair.server.write_all(answer.as_bytes()).await.unwrap();
        let answer = rest(&mut pair.client).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")) && answer.ends_with("no"), "{answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
        assert_eq!(rest(&mut pair.server).await, "", "the server got a body that it had refused");
        assert_eq!(pair.proxy.end().await.1, Ok(()));
        assert!(pair.proxy.stop().await.is_empty());
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_100_gets_the_body_after_a_moment() {
    let mut pair = asked().await;
    assert!(read_head(&mut pair.client).await.starts_with("HTTP/1.1 100"));
    pair.client.write_all(b"body").await.unwrap();
    let mut body = [0; 4];
    pair.server.read_exact(&mut body).await.unwrap();
    assert_eq!(&body, b"body");
}
