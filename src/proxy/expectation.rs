//! Lets the server decide whether a client that said `Expect: 100-continue` is to send its body.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use hyper::header::{CONNECTION, EXPECT, HeaderValue};
use hyper::http::request;
use hyper::{Request, Response, StatusCode, Version};
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::body::{Body, BoxError, boxed};

/// What is known of an expectation; clones share it. It travels in the extensions of its request.
#[derive(Clone, Default)]
pub(super) struct Expectation {
    /// The body may be sent.
    go: CancellationToken,
    /// The server has answered without it.
    refused: CancellationToken,
    /// That answer has ended.
    over: CancellationToken,
}

impl Expectation {
    /// Whether a request waits to be told; HTTP/2 clients do not, and no other expectation is known. See RFC 9110, 10.1.1.
    pub(super) fn of(head: &request::Parts) -> Option<Self> {
        let is_asked = head.headers.get(EXPECT)?.as_bytes().eq_ignore_ascii_case(b"100-continue");
        (is_asked && head.version == Version::HTTP_11).then(Self::default)
    }

    /// Keeps the body back until the server asks for it, or keeps silent for a moment: old ones do not know 100.
    pub(super) fn hold(&self, body: Body) -> Body {
        let (go, refused) = (self.go.clone(), self.refused.clone());
        let verdict = async move {
            tokio::select! {
                biased;
                () = go.cancelled() => Verdict::Send,
                () = refused.cancelled() => Verdict::Keep,
                () = sleep(SILENCE) => Verdict::Send,
            }
        };
        let over = self.over.clone();
        let length = body.size_hint();
        boxed(Held { stage: Stage::Waiting(Box::pin(verdict), Some(body)), over, length })
    }

    /// Hears from the connection that the server asks for the body.
    pub(super) fn listen(&self, request: &mut Request<Body>) {
        let go = self.go.clone();
        hyper::ext::on_informational(request, move |answer| {
            if answer.status() == StatusCode::CONTINUE {
                go.cancel();
            }
        });
        request.extensions_mut().insert(self.clone());
    }

    /// The body is not waited for: the connection to the server knows no 100.
    pub(super) fn release(&self) {
        self.go.cancel();
    }

    /// Takes note of the server's final answer. When the body was not asked for it never will be, and the
    /// client must not take what it sends next for a part of it.
    pub(super) fn answered(&self, response: Response<Body>) -> Response<Body> {
        self.refused.cancel();
        let (mut head, body) = response.into_parts();
        if !self.go.is_cancelled() {
            head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let body = boxed(Last { body, _over: self.over.clone().drop_guard() });
        Response::from_parts(head, body)
    }
}

enum Verdict {
    Send,
    Keep,
}

enum Stage {
    Waiting(Pin<Box<dyn Future<Output = Verdict> + Send>>, Option<Body>),
    Sending(Body),
    /// hyper takes an error for the end of the whole connection, which is right as soon as the answer is over.
    Refused(Pin<Box<dyn Future<Output = ()> + Send>>),
}

struct Held {
    stage: Stage,
    over: CancellationToken,
    length: SizeHint,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            self.stage = match &mut self.stage {
                Stage::Sending(body) => return Pin::new(body).poll_frame(cx),
                Stage::Refused(over) => {
                    ready!(over.as_mut().poll(cx));
                    return Poll::Ready(Some(Err("the server did not want the body".into())));
                }
                Stage::Waiting(verdict, body) => match (ready!(verdict.as_mut().poll(cx)), body.take()) {
                    (Verdict::Send, Some(body)) => Stage::Sending(body),
                    _ => Stage::Refused(Box::pin(self.over.clone().cancelled_owned())),
                },
            };
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.stage, Stage::Sending(body) if body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.stage {
            Stage::Sending(body) => body.size_hint(),
            _ => self.length,
        }
    }
}

/// A body that tells when it is dropped.
struct Last {
    body: Body,
    _over: DropGuard,
}

impl HttpBody for Last {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

const SILENCE: Duration = Duration::from_secs(1);
