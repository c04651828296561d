//! Reads the beginning of a body without taking it away from whoever reads it next.

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, BodyStream, StreamBody};
use hyper::body::Frame;

use crate::proxy::{Body, BoxError, full};

/// The first bytes of a body, about `limit` at most, and a body that has them still, trailers and all.
///
/// `None` when the body breaks off before.
pub(super) async fn peek(mut body: Body, limit: usize) -> Option<(Bytes, Body)> {
    let (mut seen, mut frames) = (BytesMut::new(), Vec::new());
    while seen.len() < limit {
        let Some(frame) = body.frame().await else {
            let seen = seen.freeze();
            let has_trailers = frames.iter().any(Frame::is_trailers);
            let body = if has_trailers { again(frames, None) } else { full(seen.clone()) };
            return Some((seen, body));
        };
        let frame = frame.ok()?;
        if let Some(data) = frame.data_ref() {
            seen.extend_from_slice(data);
        }
        frames.push(frame);
    }
    Some((seen.freeze(), again(frames, Some(body))))
}

fn again(frames: Vec<Frame<Bytes>>, rest: Option<Body>) -> Body {
    let frames = stream::iter(frames.into_iter().map(Ok::<_, BoxError>));
    match rest {
        Some(rest) => StreamBody::new(frames.chain(BodyStream::new(rest))).boxed_unsync(),
        None => StreamBody::new(frames).boxed_unsync(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::{boxed, read};

    #[tokio::test]
    async fn what_was_read_is_read_again_with_the_rest() {
        let parts = ["ab", "cd", "ef"].map(|text| Ok::<_, BoxError>(Frame::data(Bytes::from(text))));
        let body = boxed(StreamBody::new(stream::iter(parts)));
        let (seen, body) = peek(body, 3).await.unwrap();
        assert_eq!(seen, "abcd");
        assert_eq!(read(body, 100).await.unwrap(), "abcdef");
    }

    #[tokio::test]
    async fn a_short_body_is_read_whole() {
        let (seen, body) = peek(full("short"), 100).await.unwrap();
        assert_eq!(seen, "short");
        assert_eq!(read(body, 100).await.unwrap(), "short");
    }
}
