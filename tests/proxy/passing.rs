//! Requests and answers pass, changed no more than a proxy must.

use bytes::Bytes;
use futures_util::stream;
use handstamp::proxy::{BoxError, Client, Trust, boxed, full};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::Request;
use hyper::body::Frame;

use crate::origin::Origin;
use crate::support::{Proxy, exchange, exchange2, raw, text};

#[tokio::test]
async fn a_plain_get_passes_and_the_handler_sees_both_sides() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let response = proxy.get(&origin.url("/hello?q=1")).await;
    assert_eq!(response.headers()["x-passed"], "yes");
    assert_eq!(response.headers()["x-mixed-case"], "kept");
    assert!(!response.headers().contains_key("keep-alive"), "a header of one hop was passed on");
    assert_eq!(text(response).await, "hello");
    let seen = proxy.watcher.seen.lock().unwrap().clone();
    assert_eq!(seen, [format!("{} upgrade=false -", origin.url("/hello?q=1"))]);
}

#[tokio::test]
async fn the_body_of_a_post_passes_both_ways() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let request = Request::post(origin.url("/echo")).body(full("a=1&b=2")).unwrap();
    assert_eq!(text(proxy.send(request).await).await, "a=1&b=2");
}

#[tokio::test]
async fn the_server_sees_its_own_host_and_no_header_of_the_proxy() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let request = Request::get(origin.url("/headers?x=%7e/../"))
        .header("host", "elsewhere.test")
        .header("proxy-authorization", "Basic c2VjcmV0")
        .header("proxy-connection", "keep-alive")
        .header("connection", "keep-alive, x-hop")
        .header("x-hop", "1")
        .body(full(""))
        .unwrap();
    let head = text(proxy.send(request).await).await;
    assert!(head.starts_with("HTTP/1.1 /headers?x=%7e/../\n"), "{head}");
    assert!(head.contains(&format!("host: {}\n", origin.address)), "{head}");
    for gone in ["proxy-", "x-hop", "elsewhere", "keep-alive", "via", "forwarded"] {
        assert!(!head.contains(gone), "{gone} in {head}");
    }
    let seen = proxy.watcher.seen.lock().unwrap().clone();
    assert!(seen[0].ends_with(" Basic c2VjcmV0"), "{seen:?}");
}

#[tokio::test]
async fn split_cookies_reach_an_http1_server_as_one_header() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let request = Request::get(origin.url("/headers"))
        .header("cookie", "a=1")
        .header("cookie", "b=2")
        .body(full(""))
        .unwrap();
    let head = text(proxy.send(request).await).await;
    assert!(head.contains("cookie: a=1; b=2\n"), "{head}");
}

#[tokio::test]
async fn answers_without_bodies_stay_without() {
    let (origin, mut proxy) = (Origin::plain().await, Proxy::start().await);
    let head = Request::head(origin.url("/hello")).body(full("")).unwrap();
    let response = proxy.send(head).await;
    assert_eq!(response.headers()["content-length"], "5");
    assert_eq!(text(response).await, "");
    for (path, status) in [("/nothing", 204), ("/unchanged", 304)] {
        let response = proxy.get(&origin.url(path)).await;
        assert_eq!(response.status(), status);
        assert_eq!(text(response).await, "");
    }
    for _ in 0..3 {
        assert_eq!(proxy.end().await.1, Ok(()));
    }
}

#[tokio::test]
async fn the_handler_can_answer_itself() {
    let mut proxy = Proxy::start().await;
    assert_eq!(text(proxy.get("http://own.test/x").await).await, "answered here");
    assert_eq!(proxy.end().await.1, Ok(()));
    assert!(proxy.stop().await.is_empty());
}

#[tokio::test]
async fn trailers_pass() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n",
        origin.url("/trailers")
    );
    let answer = raw(proxy.address, &request).await;
    assert!(answer.to_lowercase().contains("x-sum: 42"), "{answer}");
}

#[tokio::test]
async fn trailers_pass_in_both_directions_and_both_versions() {
    for protocol in ["h2", "http/1.1"] {
        let (origin, proxy) = (Origin::tls(&[protocol]).await, Proxy::start().await);
        let tls = proxy.tls(&origin.address.to_string(), &[protocol]).await;
        let mut trailers = hyper::HeaderMap::new();
        trailers.insert("x-sum", "7".parse().unwrap());
        let frames = [Ok::<_, BoxError>(Frame::data(Bytes::from("up"))), Ok(Frame::trailers(trailers))];
        let request = Request::post(origin.url("/echo"))
            .header("host", origin.address.to_string())
            .header("te", "trailers")
            .header("trailer", "x-sum")
            .body(boxed(StreamBody::new(stream::iter(frames))))
            .unwrap();
        let response =
            if protocol == "h2" { exchange2(tls, request).await } else { exchange(tls, request).await };
        let body = response.into_body().collect().await.unwrap();
        assert_eq!(body.trailers().map(|t| t["x-sum"].clone()), Some("7".parse().unwrap()), "{protocol}");
        assert_eq!(body.to_bytes(), "up");
    }
}

#[tokio::test]
async fn connections_to_servers_are_kept_and_a_closed_one_does_not_fail_the_next_request() {
    let origin = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = origin.local_addr().unwrap();
    let client = Client::new(&Trust::Anything).unwrap();
    let send = || client.send(Request::get(format!("http://{address}/")).body(full("")).unwrap());
    let answering = async {
        let mut connections = 0;
        loop {
            let (mut tcp, _) = origin.accept().await.unwrap();
            connections += 1;
            // Two answers on the first connection; it is closed without a word when the third request comes.
            for _ in 0..2 {
                crate::support::read_head(&mut tcp).await;
                tokio::io::AsyncWriteExt::write_all(
                    &mut tcp,
                    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                )
                .await
                .unwrap();
                if connections == 2 {
                    return connections;
                }
            }
            crate::support::read_head(&mut tcp).await;
        }
    };
    let asking = async {
        for _ in 0..3 {
            assert_eq!(text(send().await.unwrap()).await, "ok");
            // A task gives the connection back; let it run before the next request.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        }
    };
    let (connections, ()) = tokio::join!(answering, asking);
    assert_eq!(connections, 2);
}
