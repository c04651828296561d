//! Copies the beginning of a body while it streams past.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::body::{Body, BoxError, boxed, is_spent};

/// What was copied of a body.
#[derive(Clone, PartialEq, Eq)]
pub struct Captured {
    /// The first bytes of the body, at most the limit.
    pub bytes: Bytes,
    /// How many bytes passed, those that were not copied included.
    pub length: u64,
    /// Whether bytes are missing: the body was longer than the limit, or broke off.
    pub truncated: bool,
}

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captured")
            .field("bytes", &self.bytes.len())
            .field("length", &self.length)
            .field("truncated", &self.truncated)
            .finish()
    }
}

/// Copies up to `limit` bytes of `body` while it streams, and hands them to `done` exactly once: at its end,
/// or when it is dropped.
///
/// `done` is called before [`Handler::end`](super::Handler::end) of the same exchange.
pub fn tee(body: Body, limit: usize, done: impl FnOnce(Captured) + Send + 'static) -> Body {
    boxed(Tee { body, limit, copy: BytesMut::new(), length: 0, truncated: false, done: Some(done) })
}

struct Tee<F: FnOnce(Captured)> {
    body: Body,
    limit: usize,
    copy: BytesMut,
    length: u64,
    truncated: bool,
    done: Option<F>,
}

impl<F: FnOnce(Captured)> Tee<F> {
    fn copy(&mut self, data: &Bytes) {
        self.length += data.len() as u64;
        let room = self.limit - self.copy.len();
        self.truncated |= data.len() > room;
        self.copy.extend_from_slice(&data[..data.len().min(room)]);
    }

    fn finish(&mut self) {
        if let Some(done) = self.done.take() {
            done(Captured {
                bytes: self.copy.split().freeze(),
                length: self.length,
                truncated: self.truncated,
            });
        }
    }
}

// `done` is never pinned.
impl<F: FnOnce(Captured)> Unpin for Tee<F> {}

impl<F: FnOnce(Captured)> HttpBody for Tee<F> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.copy(data);
                }
                if is_spent(&self.body) {
                    self.finish();
                }
            }
            Some(Err(_)) => {
                self.truncated = true;
                self.finish();
            }
            None => self.finish(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<F: FnOnce(Captured)> Drop for Tee<F> {
    fn drop(&mut self) {
        self.truncated |= !is_spent(&self.body);
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use http_body_util::BodyExt as _;

    use super::super::body::{full, read};
    use super::*;

    type Seen = Arc<Mutex<Vec<(Bytes, bool)>>>;

    fn watched(body: Body, limit: usize) -> (Body, Seen) {
        let seen = Seen::default();
        let copy = Arc::clone(&seen);
        let done = move |c: Captured| copy.lock().unwrap().push((c.bytes, c.truncated));
        (tee(body, limit, done), seen)
    }

    #[tokio::test]
    async fn a_whole_body_is_copied_and_told_once() {
        let (body, seen) = watched(full("hello"), 5);
        assert_eq!(read(body, 100).await.unwrap(), "hello");
        assert_eq!(*seen.lock().unwrap(), [(Bytes::from("hello"), false)]);
    }

    #[tokio::test]
    async fn a_long_body_passes_whole_and_is_copied_up_to_the_limit() {
        let (body, seen) = watched(full("hello"), 2);
        assert_eq!(read(body, 100).await.unwrap(), "hello");
        assert_eq!(*seen.lock().unwrap(), [(Bytes::from("he"), true)]);
    }

    #[tokio::test]
    async fn a_body_that_is_dropped_unread_is_told_as_truncated() {
        let (body, seen) = watched(full("hello"), 5);
        drop(body);
        assert_eq!(*seen.lock().unwrap(), [(Bytes::new(), true)]);
    }

    #[tokio::test]
    async fn a_body_that_is_dropped_after_its_last_byte_is_whole() {
        let (mut body, seen) = watched(full("hello"), 5);
        body.frame().await;
        drop(body);
        assert_eq!(*seen.lock().unwrap(), [(Bytes::from("hello"), false)]);
    }
}
