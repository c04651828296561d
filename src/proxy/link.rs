//! One connection to a server that speaks HTTP, of either version.

use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper::header::{EXPECT, HOST, HeaderValue, PROXY_AUTHORIZATION};
use hyper::{Request, Response, Uri, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, Span, debug};

use super::body::Body;
use super::dial::Stream;
use super::expectation::Expectation;
use super::target::Target;

/// The largest head of an HTTP/2 message in bytes; sessions carry large cookies.
pub(super) const HEAD_LIMIT: u32 = 256 * 1024;

/// The most header lines of an HTTP/1 message.
pub(super) const HEADERS_LIMIT: usize = 256;

/// The sending end of a connection.
pub(super) enum Link {
    /// One exchange at a time.
    Http1(http1::SendRequest<Body>, Form),
    /// Many exchanges at a time; clones share the connection.
    Http2(http2::SendRequest<Body>),
}

/// How requests name their target.
#[derive(Clone)]
pub(super) enum Form {
    /// By path, as servers want it.
    Origin,
    /// By whole URL, as proxies want it, with credentials for the proxy.
    Absolute(Option<HeaderValue>),
}

/// Why a request was not answered, and the request when none of it was sent.
pub(super) type Unsent = TrySendError<Request<Body>>;

impl Link {
    /// Speaks HTTP on a fresh connection, which `tasks` drives from now on.
    pub(super) async fn open(stream: Stream, form: Form, tasks: &TaskTracker) -> hyper::Result<Self> {
        if stream.is_http2() {
            Self::http2(stream, tasks).await
        } else {
            Self::http1(stream, form, tasks).await
        }
    }

    async fn http1(stream: Stream, form: Form, tasks: &TaskTracker) -> hyper::Result<Self> {
        let (sender, connection) = http1::Builder::new()
            .preserve_header_case(true)
            .max_headers(HEADERS_LIMIT)
            .handshake(TokioIo::new(stream))
            .await?;
        drive(tasks, connection.with_upgrades());
        Ok(Self::Http1(sender, form))
    }

    async fn http2(stream: Stream, tasks: &TaskTracker) -> hyper::Result<Self> {
        let (sender, connection) = http2::Builder::new(Tracked(tasks.clone()))
            .timer(TokioTimer::new())
            .max_header_list_size(HEAD_LIMIT)
            .handshake(TokioIo::new(stream))
            .await?;
        drive(tasks, connection);
        Ok(Self::Http2(sender))
    }

    /// Sends a request whose URI is absolute, in the form that this version of HTTP wants.
    pub(super) async fn send(
        &mut self,
        target: &Target,
        mut request: Request<Body>,
    ) -> Result<Response<Incoming>, Unsent> {
        *request.version_mut() = Version::HTTP_11;
        match self {
            Self::Http1(sender, form) => {
                put_form(target, form, &mut request);
                sender.try_send_request(request).await
            }
            Self::Http2(sender) => {
                request.headers_mut().remove(HOST);
                request.headers_mut().remove(EXPECT);
                if let Some(expectation) = request.extensions().get::<Expectation>() {
                    expectation.release();
                }
                sender.try_send_request(request).await
            }
        }
    }

    /// Whether the other side is known to be gone.
    pub(super) fn is_closed(&self) -> bool {
        match self {
            Self::Http1(sender, _) => sender.is_closed(),
            Self::Http2(sender) => sender.is_closed(),
        }
    }
}

/// Spawns what hyper wants spawned where it can be awaited.
#[derive(Clone)]
pub(super) struct Tracked(pub(super) TaskTracker);

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future.instrument(Span::current()));
    }
}

fn drive(tasks: &TaskTracker, connection: impl Future<Output = hyper::Result<()>> + Send + 'static) {
    let driving = async move {
        if let Err(error) = connection.await {
            debug!(%error, "connection to a server ended badly");
        }
    };
    tasks.spawn(driving.instrument(Span::current()));
}

fn put_form(target: &Target, form: &Form, request: &mut Request<Body>) {
    if let Ok(host) = HeaderValue::from_str(&target.authority()) {
        request.headers_mut().insert(HOST, host);
    }
    match form {
        Form::Origin => {
            let path = request.uri().path_and_query().cloned();
            *request.uri_mut() = path.map_or_else(|| Uri::from_static("/"), Uri::from);
        }
        Form::Absolute(credentials) => {
            request.headers_mut().remove(PROXY_AUTHORIZATION);
            if let Some(credentials) = credentials {
                request.headers_mut().insert(PROXY_AUTHORIZATION, credentials.clone());
            }
        }
    }
}
