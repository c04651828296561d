//! Each exchange ends exactly once, and so does the proxy.

use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::origin::Origin;
use crate::support::{Proxy, text};

#[tokio::test]
async fn an_exchange_that_went_well_ends_once() {
    let (origin, mut proxy) = (Origin::plain().await, Proxy::start().await);
    assert_eq!(text(proxy.get(&origin.url("/hello")).await).await, "hello");
    let (exchange, outcome) = proxy.end().await;
    assert_eq!((exchange.id, exchange.url.path(), outcome), (1, "/hello", Ok(())));
    assert!(proxy.stop().await.is_empty());
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_ends_the_exchange_once() {
    let (origin, mut proxy) = (Origin::plain().await, Proxy::start().await);
    let mut tcp = TcpStream::connect(proxy.address).await.unwrap();
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", origin.url("/never"));
    tcp.write_all(request.as_bytes()).await.unwrap();
    while origin.hits() == 0 {
        tokio::task::yield_now().await;
    }
    drop(tcp);
    let outcome = proxy.end().await.1;
    assert!(outcome.as_ref().is_err_and(|e| e.contains("client went away")), "{outcome:?}");
    assert!(proxy.stop().await.is_empty());
}

#[tokio::test]
async fn a_client_that_leaves_within_the_answer_ends_the_exchange_once() {
    let (origin, mut proxy) = (Origin::plain().await, Proxy::start().await);
    let mut body = proxy.get(&origin.url("/big")).await.into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    let outcome = proxy.end().await.1;
    assert!(outcome.as_ref().is_err_and(|e| e.contains("client went away")), "{outcome:?}");
    assert!(proxy.stop().await.is_empty());
}

#[tokio::test]
async fn a_server_that_breaks_off_ends_the_exchange_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut proxy = Proxy::start().await;
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let breaking = async {
        let (mut tcp, _) = listener.accept().await.unwrap();
        crate::support::read_head(&mut tcp).await;
        tcp.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").await.unwrap();
    };
    let (response, ()) = tokio::join!(proxy.get(&url), breaking);
    assert!(response.into_body().collect().await.is_err());
    let outcome = proxy.end().await.1;
    assert!(outcome.as_ref().is_err_and(|e| e.contains("broke off")), "{outcome:?}");
    assert!(proxy.stop().await.is_empty());
}

#[tokio::test]
async fn a_server_that_refuses_the_connection_ends_the_exchange_once() {
    let nowhere = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut proxy = Proxy::start().await;
    let response = proxy.get(&format!("http://{nowhere}/?token=secret")).await;
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["x-handstamp-error"], "unreachable");
    let page = text(response).await;
    assert!(
        page.contains(&nowhere.to_string()) && page.contains("hint: ") && !page.contains("secret"),
        "{page}"
    );
    assert!(proxy.end().await.1.is_err());
    assert!(proxy.stop().await.is_empty());
}

#[tokio::test]
async fn an_idle_proxy_stops_at_once_although_clients_are_connected() {
    let (origin, mut proxy) = (Origin::plain().await, Proxy::start().await);
    let _silent = TcpStream::connect(proxy.address).await.unwrap();
    let _tunnel = proxy.connect(&origin.address.to_string(), "").await.unwrap();
    text(proxy.get(&origin.url("/hello")).await).await;
    assert_eq!(proxy.end().await.1, Ok(()));
    let begun = Instant::now();
    proxy.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_exchange_under_way_may_end_while_the_proxy_stops() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let mut body = proxy.get(&origin.url("/events")).await.into_body();
    body.frame().await.unwrap().unwrap();
    let reading = async {
        origin.release.notify_one();
        body.collect().await.unwrap().to_bytes()
    };
    let (ends, rest) = tokio::join!(proxy.stop(), reading);
    assert_eq!(rest, "data: two\n\n");
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].1, Ok(()));
}

#[tokio::test]
async fn an_exchange_that_does_not_end_is_dropped_when_the_proxy_stops() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let mut body = proxy.get(&origin.url("/events")).await.into_body();
    body.frame().await.unwrap().unwrap();
    let begun = Instant::now();
    let ends = proxy.stop().await;
    assert!(begun.elapsed() >= handstamp::proxy::STOP_LIMIT);
    assert_eq!(ends.len(), 1);
    assert!(ends[0].1.is_err());
}
