//! Answers CONNECT: refuses it, passes its bytes on, or looks into it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use hyper::body::Incoming;
use hyper::header::PROXY_AUTHORIZATION;
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::{Instrument as _, debug, debug_span};

use super::answer::{failure, page};
use super::body::{Body, empty};
use super::exchange::Tunnel;
use super::first::{Prefixed, Speech, listen};
use super::handler::Handler;
use super::line::{Core, Inside, Line};
use super::serve::serve;
use super::settings::CONNECT_LIMIT;
use super::target::{Target, bare_host};

/// Answers a CONNECT and leaves what follows to a task.
pub(super) async fn answer<H: Handler>(
    core: &Arc<Core<H>>,
    line: &Line,
    mut request: Request<Incoming>,
) -> Response<Body> {
    let Some(tunnel) = asked(line, &request) else {
        return page(
            StatusCode::BAD_REQUEST,
            "bad-connect",
            "CONNECT needs a host and a port, outside of a tunnel",
        );
    };
    if let Some(refusal) = core.handler.connect(&tunnel).await {
        return refusal;
    }
    let span = debug_span!("tunnel", host = %tunnel.host, port = tunnel.port);
    let client = hyper::upgrade::on(&mut request);
    if core.handler.intercept(&tunnel.host, tunnel.port) {
        core.crew.spawn(intercept(Arc::clone(core), tunnel, client).instrument(span));
    } else {
        match core.client.tcp(&target(&tunnel)).await {
            Ok(server) => core.crew.spawn(pass_on(client, server).instrument(span)),
            Err(error) => return failure(&error),
        }
    }
    Response::new(empty())
}

fn asked(line: &Line, request: &Request<Incoming>) -> Option<Tunnel> {
    let authority = request.uri().authority()?;
    let port = authority.port_u16()?;
    let host = bare_host(authority);
    let credentials = request.headers().get(PROXY_AUTHORIZATION).cloned();
    (line.tunnel.is_none() && !host.is_empty()).then_some(Tunnel {
        host,
        port,
        client: line.client,
        credentials,
    })
}

fn target(tunnel: &Tunnel) -> Target {
    Target { secure: false, host: tunnel.host.clone(), port: tunnel.port }
}

/// Boxed, because what it serves may, by its type, come back here.
fn intercept<H: Handler>(
    core: Arc<Core<H>>,
    tunnel: Tunnel,
    client: OnUpgrade,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        if let Err(error) = look_into(core, tunnel, client).await {
            debug!(%error, "tunnel ended badly");
        }
    })
}

async fn look_into<H: Handler>(core: Arc<Core<H>>, tunnel: Tunnel, client: OnUpgrade) -> io::Result<()> {
    let mut client = TokioIo::new(client.await.map_err(io::Error::other)?);
    let mut seen = BytesMut::new();
    let heard = tokio::select! {
        heard = hear(&core, &tunnel, &mut client, &mut seen) => heard?,
        () = core.crew.stop.cancelled() => return Ok(()),
    };
    debug!(speech = ?heard.speech, "tunnel opened");
    let mut client = Prefixed::new(seen, client);
    let from = tunnel.client;
    match heard.speech {
        Speech::Tls => {
            let tls = unwrap_tls(&core, &tunnel, client).await?;
            serve(core, Line { client: from, tunnel: Some(Inside { tunnel, secure: true }) }, tls).await;
        }
        Speech::Http => {
            serve(core, Line { client: from, tunnel: Some(Inside { tunnel, secure: false }) }, client).await;
        }
        Speech::Other => {
            let mut server = match heard.server {
                Some(server) => server,
                None => core.client.tcp(&target(&tunnel)).await.map_err(io::Error::other)?,
            };
            copy_bidirectional(&mut client, &mut server).await?;
        }
    }
    Ok(())
}

struct Heard {
    speech: Speech,
    server: Option<TcpStream>,
}

/// Listens to the client; when it keeps silent, connects to the server to see whether that one speaks first.
async fn hear<H: Handler>(
    core: &Core<H>,
    tunnel: &Tunnel,
    client: &mut (impl AsyncRead + Unpin),
    seen: &mut BytesMut,
) -> io::Result<Heard> {
    if let Ok(speech) = timeout(SILENCE, listen(client, seen)).await {
        return Ok(Heard { speech: speech?, server: None });
    }
    let Ok(server) = core.client.tcp(&target(tunnel)).await else {
        return Ok(Heard { speech: listen(client, seen).await?, server: None });
    };
    tokio::select! {
        biased;
        speech = listen(client, seen) => Ok(Heard { speech: speech?, server: Some(server) }),
        ready = server.readable() => ready.map(|()| Heard { speech: Speech::Other, server: Some(server) }),
    }
}

/// Takes the server's place in a TLS handshake, under the name that the client expects.
async fn unwrap_tls<H, I>(core: &Core<H>, tunnel: &Tunnel, io: I) -> io::Result<TlsStream<I>>
where
    H: Handler,
    I: AsyncRead + AsyncWrite + Unpin,
{
    let handshake = async {
        let start = LazyConfigAcceptor::new(Acceptor::default(), io).await?;
        let name = start.client_hello().server_name().map(str::to_ascii_lowercase);
        let config =
            core.authority.config(name.as_deref().unwrap_or(&tunnel.host)).map_err(io::Error::other)?;
        start.into_stream(config).await
    };
    timeout(CONNECT_LIMIT, handshake).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn pass_on(client: OnUpgrade, mut server: TcpStream) {
    let Ok(client) = client.await else { return };
    if let Err(error) = copy_bidirectional(&mut TokioIo::new(client), &mut server).await {
        debug!(%error, "tunnel ended badly");
    }
}

/// How long a client may keep silent in a tunnel before the server is asked.
const SILENCE: Duration = Duration::from_secs(1);
