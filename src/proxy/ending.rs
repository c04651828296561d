//! Tells the handler exactly once that an exchange is over.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tracing::debug;

use super::body::{Body, BoxError, boxed, empty, is_spent};
use super::exchange::Exchange;
use super::handler::Handler;

/// A guard that calls [`Handler::end`] when it is finished, or with a failure when it is dropped.
pub(super) struct Ending<H: Handler> {
    handler: Arc<H>,
    exchange: Arc<Exchange>,
    over: bool,
}

impl<H: Handler> Ending<H> {
    pub(super) fn new(handler: Arc<H>, exchange: Arc<Exchange>) -> Self {
        Self { handler, exchange, over: false }
    }

    pub(super) fn finish(mut self, outcome: Result<(), String>) {
        self.tell(outcome);
    }

    /// Ties the end of the exchange to the end of this body.
    pub(super) fn watch(self, body: Body) -> Body {
        boxed(Watched { body, ending: Some(self) })
    }

    fn tell(&mut self, outcome: Result<(), String>) {
        if !std::mem::replace(&mut self.over, true) {
            debug!(id = self.exchange.id, failure = outcome.as_ref().err(), "exchange over");
            self.handler.end(&self.exchange, outcome);
        }
    }
}

impl<H: Handler> Drop for Ending<H> {
    fn drop(&mut self) {
        self.tell(Err(GONE.to_owned()));
    }
}

struct Watched<H: Handler> {
    body: Body,
    ending: Option<Ending<H>>,
}

impl<H: Handler> Watched<H> {
    fn finish(&mut self, outcome: Result<(), String>) {
        if let Some(ending) = self.ending.take() {
            ending.finish(outcome);
        }
    }
}

impl<H: Handler> HttpBody for Watched<H> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(_)) => {}
            Some(Err(error)) => self.finish(Err(format!("the answer broke off: {error}"))),
            None => self.finish(Ok(())),
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

impl<H: Handler> Drop for Watched<H> {
    fn drop(&mut self) {
        let outcome = if is_spent(&self.body) { Ok(()) } else { Err(GONE.to_owned()) };
        // The body goes first, so that a `tee` in it reports before the end.
        drop(std::mem::replace(&mut self.body, empty()));
        self.finish(outcome);
    }
}

const GONE: &str = "the client went away before the answer ended";
