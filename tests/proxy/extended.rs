//! WebSockets that are opened inside HTTP/2.

use handstamp::proxy::empty;
use hyper::client::conn::http2;
use hyper::ext::Protocol;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::origin::Origin;
use crate::support::{PATIENCE, Proxy};

async fn open(proxy: &Proxy, url: &str, protocol: &'static str) -> Response<hyper::body::Incoming> {
    let host = url.split('/').nth(2).unwrap();
    let tls = proxy.tls(host, &["h2"]).await;
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(tls)).await.unwrap();
    // The connection is driven until the runtime ends with the test.
    tokio::spawn(connection);
    // Whether the other side knows it is told by its settings, which come first.
    let first = Request::get(format!("https://{host}/hello")).body(empty()).unwrap();
    sender.send_request(first).await.unwrap();
    let request = Request::builder()
        .method(Method::CONNECT)
        .uri(url)
        .extension(Protocol::from_static(protocol))
        .header("sec-websocket-version", "13")
        .header("sec-websocket-protocol", "graphql-transport-ws, other")
        .header("sec-websocket-extensions", "permessage-deflate")
        .body(empty())
        .unwrap();
    tokio::time::timeout(PATIENCE, sender.send_request(request)).await.expect("no answer").unwrap()
}

#[tokio::test]
async fn a_socket_inside_http2_reaches_a_server_that_knows_http_1_alone() {
    let (origin, mut proxy) = (Origin::tls(&["http/1.1"]).await, Proxy::start().await);
    let mut response = open(&proxy, &origin.url("/socket"), "websocket").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
    assert_eq!(response.headers()["x-passed"], "yes");
    assert!(!response.headers().contains_key("sec-websocket-accept"));
    let mut socket = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
    socket.write_all(b"ping").await.unwrap();
    let mut back = [0; 4];
    socket.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"ping");
    socket.shutdown().await.unwrap();
    assert_eq!(proxy.end().await.1, Ok(()));
    let (exchange, outcome) = proxy.end().await;
    assert_eq!((exchange.method, exchange.upgrade, outcome), (Method::GET, true, Ok(())));
}

#[tokio::test]
async fn a_socket_that_the_server_refuses_and_one_that_it_takes_for_a_page_are_not_opened() {
    let (origin, proxy) = (Origin::tls(&["http/1.1"]).await, Proxy::start().await);
    assert_eq!(open(&proxy, &origin.url("/missing"), "websocket").await.status(), 404);
    assert_eq!(open(&proxy, &origin.url("/hello"), "websocket").await.status(), 502);
    assert_eq!(open(&proxy, &origin.url("/socket"), "connect-ip").await.status(), 501);
}
