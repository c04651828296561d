//! A WebSocket passes with every word of its handshake and every byte after it.

use hyper::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::origin::Origin;
use crate::support::{Proxy, read_head};

fn handshake(target: &str, host: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: graphql-transport-ws, other\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    )
}

async fn echoes(mut io: impl AsyncRead + AsyncWrite + Unpin, handshake: String) {
    io.write_all(handshake.as_bytes()).await.unwrap();
    let head = read_head(&mut io).await.to_lowercase();
    assert!(head.starts_with("http/1.1 101"), "{head}");
    for line in [
        "upgrade: websocket",
        "connection: upgrade",
        "sec-websocket-accept: for you",
        "sec-websocket-protocol: graphql-transport-ws\r",
        "sec-websocket-extensions: permessage-deflate; client_max_window_bits",
        "x-passed: yes",
    ] {
        assert!(head.contains(line), "{line} is not in {head}");
    }
    // A text frame with its compression bit set, and a close frame: bytes to the proxy.
    let frames = [0xc1, 0x85, 1, 2, 3, 4, 0, 255, 17, 9, 200, 0x88, 0x80, 1, 2, 3, 4];
    io.write_all(&frames).await.unwrap();
    let mut back = [0; 17];
    io.read_exact(&mut back).await.unwrap();
    assert_eq!(back, frames);
    io.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_socket_in_absolute_form_is_relayed_byte_for_byte_and_ends_once() {
    let (origin, mut proxy) = (Origin::plain().await, Proxy::start().await);
    let tcp = TcpStream::connect(proxy.address).await.unwrap();
    let url = origin.url("/socket").replace("http:", "ws:");
    echoes(tcp, handshake(&url, &origin.address.to_string())).await;
    let (exchange, outcome) = proxy.end().await;
    assert!(exchange.upgrade);
    assert_eq!((exchange.url.as_str(), outcome), (origin.url("/socket").as_str(), Ok(())));
    assert!(proxy.stop().await.is_empty());
}

#[tokio::test]
async fn a_socket_through_a_tunnel_without_tls_is_relayed() {
    let (origin, mut proxy) = (Origin::plain().await, Proxy::start().await);
    let host = origin.address.to_string();
    let tcp = proxy.connect(&host, "").await.unwrap();
    echoes(tcp, handshake("/socket", &host)).await;
    assert_eq!(proxy.end().await.1, Ok(()));
}

#[tokio::test]
async fn a_socket_over_tls_is_relayed_even_when_the_server_prefers_http2() {
    let (origin, mut proxy) = (Origin::tls(&["h2", "http/1.1"]).await, Proxy::start().await);
    let host = origin.address.to_string();
    let tls = proxy.tls(&host, &["http/1.1"]).await;
    echoes(tls, handshake("/socket", &host)).await;
    let (exchange, outcome) = proxy.end().await;
    assert_eq!((exchange.url.as_str(), outcome), (origin.url("/socket").as_str(), Ok(())));
}

#[tokio::test]
async fn a_socket_that_the_server_refuses_is_refused_with_the_server_s_own_answer() {
    let (origin, mut proxy) = (Origin::plain().await, Proxy::start().await);
    let mut tcp = TcpStream::connect(proxy.address).await.unwrap();
    let host = origin.address.to_string();
    tcp.write_all(handshake(&origin.url("/missing"), &host).as_bytes()).await.unwrap();
    let head = read_head(&mut tcp).await;
    assert!(head.starts_with(&format!("HTTP/1.1 {}", StatusCode::NOT_FOUND.as_u16())), "{head}");
    assert_eq!(proxy.end().await.1, Ok(()));
}

#[tokio::test]
async fn a_wish_for_http2_in_the_clear_is_not_passed_on() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
        origin.url("/headers")
    );
    let answer = crate::support::raw(proxy.address, &request).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!answer.contains("h2c") && !answer.contains("http2-settings"), "{answer}");
}
