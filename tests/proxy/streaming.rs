//! Bodies stream: nothing waits for their end, nothing holds them whole.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use handstamp::proxy::{BoxError, boxed};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::Request;
use hyper::body::Frame;

use crate::origin::{BIG, Origin};
use crate::support::{PATIENCE, Proxy, text};

#[tokio::test]
async fn an_event_arrives_before_the_stream_of_events_ends() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let mut body = proxy.get(&origin.url("/events")).await.into_body();
    let first = tokio::time::timeout(PATIENCE, body.frame()).await.expect("held back").unwrap().unwrap();
    assert_eq!(first.into_data().unwrap(), "data: one\n\n");
    origin.release.notify_one();
    assert_eq!(body.collect().await.unwrap().to_bytes(), "data: two\n\n");
}

#[tokio::test]
async fn a_large_answer_is_fetched_no_faster_than_it_is_read() {
    let (origin, mut proxy) = (Origin::plain().await, Proxy::start().await);
    let mut body = proxy.get(&origin.url("/big")).await.into_body();
    let mut length = body.frame().await.unwrap().unwrap().into_data().unwrap().len();
    let mut produced = 0;
    while produced != origin.produced.load(Ordering::SeqCst) {
        produced = origin.produced.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(produced < BIG / 2, "{produced} bytes were taken from the server while nobody read them");
    while let Some(frame) = body.frame().await {
        length += frame.unwrap().into_data().unwrap().len();
    }
    assert_eq!(length, BIG);
    assert_eq!(proxy.end().await.1, Ok(()));
}

#[tokio::test]
async fn a_large_upload_streams() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let piece = Bytes::from(vec![1; 64 * 1024]);
    let frames = stream::repeat(piece.clone())
        .take(BIG / piece.len())
        .map(|piece| Ok::<_, BoxError>(Frame::data(piece)));
    let body = boxed(StreamBody::new(frames));
    let response = proxy.send(Request::post(origin.url("/length")).body(body).unwrap()).await;
    assert_eq!(text(response).await, BIG.to_string());
}

#[tokio::test]
async fn an_upload_reaches_the_server_before_its_end() {
    let (origin, proxy) = (Origin::plain().await, Proxy::start().await);
    let first = stream::once(async { Ok::<_, BoxError>(Frame::data(Bytes::from("first"))) });
    let body = boxed(StreamBody::new(first.chain(stream::pending())));
    let response = proxy.send(Request::post(origin.url("/refuses")).body(body).unwrap()).await;
    assert_eq!(response.status(), 200);
}
