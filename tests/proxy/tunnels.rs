//! CONNECT: looked into, or passed on untouched.

use handstamp::proxy::{Client, Trust, full};
use hyper::{Request, Version};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::origin::Origin;
use crate::support::{PATIENCE, Proxy, exchange, exchange2, handshake, read_head, text};

fn get(path: &str, host: &str) -> Request<handstamp::proxy::Body> {
    Request::get(path).header("host", host).body(full("")).unwrap()
}

#[tokio::test]
async fn https_to_an_ip_address_is_looked_into_with_a_certificate_for_that_address() {
    let (origin, proxy) = (Origin::tls(&["http/1.1"]).await, Proxy::start().await);
    let host = origin.address.to_string();
    let tls = proxy.tls(&host, &["http/1.1"]).await;
    let chain = tls.get_ref().1.peer_certificates().unwrap().len();
    assert_eq!(chain, 2, "leaf and authority are sent");
    let response = exchange(tls, get("/hello", &host)).await;
    assert_eq!(response.headers()["x-passed"], "yes");
    assert_eq!(text(response).await, "hello");
    let seen = proxy.watcher.seen.lock().unwrap().clone();
    assert_eq!(seen, [format!("https://{host}/hello upgrade=false -")]);
}

#[tokio::test]
async fn https_to_a_name_is_looked_into_and_the_server_is_verified_with_the_given_authority() {
    let origin = Origin::tls(&["http/1.1"]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &origin.pem).unwrap();
    let client = Client::new(&Trust::WithCa(file.path().to_owned())).unwrap();
    let proxy = Proxy::with(true, None, client).await;
    let host = format!("localhost:{}", origin.address.port());
    let tls = proxy.tls(&host, &[]).await;
    assert_eq!(text(exchange(tls, get("/hello", &host)).await).await, "hello");
}

#[tokio::test]
async fn http2_is_spoken_on_both_sides_where_both_can() {
    let (origin, proxy) = (Origin::tls(&["h2", "http/1.1"]).await, Proxy::start().await);
    let tls = proxy.tls(&origin.address.to_string(), &["h2"]).await;
    let response = exchange2(tls, Request::get(origin.url("/headers")).body(full("")).unwrap()).await;
    assert_eq!(response.version(), Version::HTTP_2);
    let head = text(response).await;
    assert!(head.starts_with("HTTP/2.0"), "{head}");
}

#[tokio::test]
async fn split_cookies_of_http2_reach_an_http1_server_as_one_header() {
    let (origin, proxy) = (Origin::tls(&["http/1.1"]).await, Proxy::start().await);
    let tls = proxy.tls(&origin.address.to_string(), &["h2"]).await;
    let request = Request::get(origin.url("/headers"))
        .header("cookie", "a=1")
        .header("cookie", "b=2")
        .body(full(""))
        .unwrap();
    let head = text(exchange2(tls, request).await).await;
    assert!(head.starts_with("HTTP/1.1 /headers\n") && head.contains("cookie: a=1; b=2\n"), "{head}");
    assert!(head.contains(&format!("host: {}\n", origin.address)), "{head}");
}

#[tokio::test]
async fn plain_http_in_a_tunnel_is_looked_into() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let host = origin.address.to_string();
    let tcp = proxy.connect(&host, "").await.unwrap();
    let response = exchange(tcp, get("/hello", &host)).await;
    assert_eq!(response.headers()["x-passed"], "yes");
}

#[tokio::test]
async fn a_tunnel_that_the_handler_does_not_want_is_passed_on_untouched() {
    let origin = Origin::tls(&["http/1.1"]).await;
    let proxy = Proxy::with(false, None, Client::new(&Trust::System).unwrap()).await;
    let host = origin.address.to_string();
    let tcp = proxy.connect(&host, "").await.unwrap();
    let tls = handshake(tcp, "127.0.0.1", &origin.pem, &[]).await.expect("the server's own certificate");
    let response = exchange(tls, get("/hello", &host)).await;
    assert!(!response.headers().contains_key("x-passed"));
    assert!(proxy.watcher.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_neither_tls_nor_http_is_passed_on_as_bytes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::start().await;
    let mut client = proxy.connect(&listener.local_addr().unwrap().to_string(), "").await.unwrap();
    client.write_all(b"\0odd").await.unwrap();
    let (mut server, _) = tokio::time::timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let mut bytes = [0; 4];
    server.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"\0odd");
    server.write_all(b"back").await.unwrap();
    client.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"back");
}

#[tokio::test]
async fn a_server_that_speaks_first_is_heard() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::start().await;
    let mut client = proxy.connect(&listener.local_addr().unwrap().to_string(), "").await.unwrap();
    let (mut server, _) = tokio::time::timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    server.write_all(b"220 ready\r\n\r\n").await.unwrap();
    assert_eq!(read_head(&mut client).await, "220 ready\r\n\r\n");
}

#[tokio::test]
async fn a_tunnel_can_be_refused_until_it_carries_credentials_which_its_requests_inherit() {
    let origin = Origin::plain().await;
    let proxy = Proxy::with(true, Some("Basic b2s="), Client::new(&Trust::System).unwrap()).await;
    let host = origin.address.to_string();
    let refused = proxy.connect(&host, "").await.unwrap_err();
    assert!(
        refused.starts_with("HTTP/1.1 407") && refused.to_lowercase().contains("proxy-authenticate: basic")
    );
    let tcp = proxy.connect(&host, "Proxy-Authorization: Basic b2s=\r\n").await.unwrap();
    let head = text(exchange(tcp, get("/headers", &host)).await).await;
    assert!(!head.contains("b2s="), "{head}");
    let seen = proxy.watcher.seen.lock().unwrap().clone();
    assert_eq!(seen, [format!("http://{host}/headers upgrade=false Basic b2s=")]);
}

#[tokio::test]
async fn a_tunnel_to_nowhere_is_answered_with_the_reason() {
    let nowhere = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let proxy = Proxy::with(false, None, Client::new(&Trust::System).unwrap()).await;
    let head = proxy.connect(&nowhere.to_string(), "").await.unwrap_err();
    assert!(head.starts_with("HTTP/1.1 502") && head.contains("x-handstamp-error: unreachable"), "{head}");
}
