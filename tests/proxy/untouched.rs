//! Hosts that pass by the handler.

use handstamp::proxy::{Client, Trust, Untouched, full};
use hyper::Request;

use crate::origin::Origin;
use crate::support::{Proxy, exchange, handshake, text};

async fn passing(host: &str) -> Proxy {
    let hosts = vec![host.parse().unwrap()];
    let client = Client::new(&Trust::Anything).unwrap();
    Proxy::wrapped(true, None, client, |watcher| Untouched::new(hosts, watcher)).await
}

#[tokio::test]
async fn a_host_that_passes_shows_its_own_certificate_and_nobody_sees_its_requests() {
    let (origin, proxy) = (Origin::tls(&["http/1.1"]).await, passing("127.0.0.1").await);
    let tcp = proxy.connect(&origin.address.to_string(), "").await.unwrap();
    let tls = handshake(tcp, "127.0.0.1", &origin.pem, &[]).await.expect("the server's own certificate");
    let request = Request::get("/hello").header("host", "127.0.0.1").body(full("")).unwrap();
    assert_eq!(text(exchange(tls, request).await).await, "hello");
    assert!(proxy.watcher.seen.lock().unwrap().is_empty());
    assert!(proxy.stop().await.is_empty());
}

#[tokio::test]
async fn a_plain_request_to_a_host_that_passes_is_not_seen_either_and_one_to_another_host_is() {
    let (origin, proxy) = (Origin::plain().await, passing("127.0.0.1").await);
    let response = proxy.get(&origin.url("/hello")).await;
    assert!(!response.headers().contains_key("x-passed"));
    assert_eq!(text(response).await, "hello");
    assert!(proxy.watcher.seen.lock().unwrap().is_empty());
    let other = proxy.get(&origin.url("/hello").replace("127.0.0.1", "localhost")).await;
    assert_eq!(other.headers()["x-passed"], "yes");
}
