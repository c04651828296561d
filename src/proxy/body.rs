//! The one body type that handlers, client and server pass to each other.

use bytes::{Bytes, BytesMut};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Body as HttpBody;
use hyper::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};

/// Any error, as bodies carry it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A streaming body of a request or a response.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A body that holds these bytes.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body without bytes.
#[must_use]
pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// Any streaming body as a [`Body`].
pub fn boxed<B>(body: B) -> Body
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    body.map_err(Into::into).boxed_unsync()
}

/// Reads a body to its end, at most `limit` bytes of it.
///
/// Fails when the body is longer or breaks off.
pub async fn read(mut body: Body, limit: usize) -> Result<Bytes, BoxError> {
    // `Limited` does the same, but futures with it are not `Send` (rust-lang/rust#64552).
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Some(data) = frame?.into_data().ok() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(format!("the body is longer than {limit} bytes").into());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// Whether all bytes of the body have been taken out.
///
/// hyper drops a body as soon as the announced length is written, without asking it for its end.
pub(super) fn is_spent(body: &Body) -> bool {
    body.is_end_stream() || body.size_hint().exact() == Some(0)
}

/// Puts the `Content-Length` right after a handler may have exchanged the body.
pub(super) fn fit_length(headers: &mut HeaderMap, body: &Body) {
    if !headers.contains_key(CONTENT_LENGTH) {
        return;
    }
    match body.size_hint().exact() {
        Some(length) => headers.insert(CONTENT_LENGTH, HeaderValue::from(length)),
        None => headers.remove(CONTENT_LENGTH),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_no_longer_fits_is_mended() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(3));
        fit_length(&mut headers, &full("longer"));
        assert_eq!(headers[CONTENT_LENGTH], "6");
        fit_length(
            &mut headers,
            &boxed(http_body_util::StreamBody::new(futures_util::stream::empty::<Result<_, BoxError>>())),
        );
        assert!(!headers.contains_key(CONTENT_LENGTH));
    }

    #[tokio::test]
    async fn reading_stops_at_the_limit() {
        assert_eq!(read(full("four"), 4).await.unwrap(), "four");
        assert!(read(full("fives"), 4).await.is_err());
    }
}
