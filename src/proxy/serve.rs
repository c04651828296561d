//! Speaks HTTP with a client, on a bare connection or inside a tunnel.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::debug;

use super::body::Body;
use super::extended::is_extended;
use super::handler::Handler;
use super::line::{Core, Crew, Line};
use super::link::{HEAD_LIMIT, HEADERS_LIMIT};
use super::{connect, pass};

/// Serves one client until it goes away, or until the server stops and the exchange under way has ended.
pub(super) async fn serve<H, I>(core: Arc<Core<H>>, line: Line, io: I)
where
    H: Handler,
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stop = core.crew.stop.clone();
    let builder = builder(&core.crew);
    let line = Arc::new(line);
    let service = service_fn(move |request| {
        let (core, line) = (Arc::clone(&core), Arc::clone(&line));
        async move { Ok::<_, Infallible>(answer(core, line, request).await) }
    });
    let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(io), service));
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        debug!(%error, "connection of a client ended badly");
    }
}

fn builder(crew: &Crew) -> Builder<Crew> {
    let mut builder = Builder::new(crew.clone());
    builder
        .http1()
        .preserve_header_case(true)
        .max_headers(HEADERS_LIMIT)
        // Clients keep connections idle for as long as they like.
        .header_read_timeout(None)
        .http2()
        .timer(TokioTimer::new())
        .enable_connect_protocol()
        .max_header_list_size(HEAD_LIMIT);
    builder
}

async fn answer<H: Handler>(
    core: Arc<Core<H>>,
    line: Arc<Line>,
    request: Request<Incoming>,
) -> Response<Body> {
    if request.method() == Method::CONNECT && !is_extended(&request) {
        connect::answer(&core, &line, request).await
    } else {
        pass::answer(&core, &line, request).await
    }
}
