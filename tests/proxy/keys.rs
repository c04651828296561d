//! A proxy that demands a key.

use handstamp::proxy::{Client, Keyed, ListenKey, Trust, full};
use hyper::Request;

use crate::origin::Origin;
use crate::support::{Proxy, exchange, text};

/// `app/alice:sesame`
const RIGHT: &str = "Basic YXBwL2FsaWNlOnNlc2FtZQ==";
/// `app/alice:other`
const WRONG: &str = "Basic YXBwL2FsaWNlOm90aGVy";

async fn keyed() -> Proxy {
    let client = Client::new(&Trust::Anything).unwrap();
    Proxy::wrapped(true, None, client, |watcher| Keyed::new(Some(ListenKey::new("sesame")), watcher)).await
}

#[tokio::test]
async fn a_plain_request_without_the_key_is_answered_with_407_and_goes_nowhere() {
    let (origin, proxy) = (Origin::plain().await, keyed().await);
    for wrong in [None, Some(WRONG)] {
        let mut request = Request::get(origin.url("/hello"));
        if let Some(wrong) = wrong {
            request = request.header("proxy-authorization", wrong);
        }
        let response = proxy.send(request.body(full("")).unwrap()).await;
        assert_eq!(response.status(), 407);
        assert_eq!(response.headers()["proxy-authenticate"], "Basic realm=\"handstamp\"");
        assert!(text(response).await.contains("hint: "));
    }
    assert_eq!(origin.hits(), 0);
    assert!(proxy.watcher.seen.lock().unwrap().is_empty());
    assert!(proxy.stop().await.is_empty(), "the handler was told the end of what it had not seen");
}

#[tokio::test]
async fn with_the_key_a_request_passes_and_the_key_stays_here() {
    let (origin, proxy) = (Origin::plain().await, keyed().await);
    let request = Request::get(origin.url("/headers")).header("proxy-authorization", RIGHT);
    let head = text(proxy.send(request.body(full("")).unwrap()).await).await;
    assert!(head.starts_with("HTTP/1.1 /headers") && !head.contains("proxy-"), "{head}");
}

#[tokio::test]
async fn a_tunnel_needs_the_key_once() {
    let (origin, proxy) = (Origin::plain().await, keyed().await);
    let host = origin.address.to_string();
    for lines in [String::new(), format!("Proxy-Authorization: {WRONG}\r\n")] {
        let refused = proxy.connect(&host, &lines).await.unwrap_err();
        assert!(refused.starts_with("HTTP/1.1 407"), "{refused}");
    }
    let tcp = proxy.connect(&host, &format!("Proxy-Authorization: {RIGHT}\r\n")).await.unwrap();
    let request = Request::get("/hello").header("host", host).body(full("")).unwrap();
    assert_eq!(text(exchange(tcp, request).await).await, "hello");
}
