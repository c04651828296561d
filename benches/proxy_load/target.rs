//! The server that everybody asks: small, fast, in this process, with and without TLS.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use anyhow::Result;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use handstamp::proxy::{Body, BoxError, boxed, full};
use http_body_util::StreamBody;
use hyper::{
    Request, Response,
    body::{Frame, Incoming},
    header::{CONTENT_LENGTH, COOKIE, HeaderValue, SET_COOKIE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// The cookie that carries the session, and the paths that the server knows.
pub(crate) const COOKIE_NAME: &str = "sid";
pub(crate) const SESSION: &str = "bench-session-0123456789";
pub(crate) const LARGE: usize = 1 << 20;
pub(crate) const STREAM: u64 = 1 << 30;

/// A running server; it ends with this value.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) plain: SocketAddr,
    pub(crate) tls: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Target {
    pub(crate) async fn open() -> Result<Self> {
        let (plain, tls) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
        let (plain_at, tls_at) = (plain.local_addr()?, tls.local_addr()?);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(plain, None));
        tasks.spawn(accept(tls, Some(acceptor()?)));
        Ok(Self { plain: plain_at, tls: tls_at, _tasks: tasks })
    }
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>) {
    let mut connections = JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        let _ = tcp.set_nodelay(true);
        let acceptor = acceptor.clone();
        connections.spawn(async move {
            match acceptor {
                None => serve(tcp).await,
                Some(acceptor) => {
                    if let Ok(tls) = acceptor.accept(tcp).await {
                        serve(tls).await;
                    }
                }
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let service = service_fn(|request| async move { Ok::<_, Infallible>(answer(&request)) });
    // Load ends by hanging up.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(io), service).await;
}

/// The first byte of each body tells whether the session was on the request.
fn answer(request: &Request<Incoming>) -> Response<Body> {
    let cookie = request.headers().get(COOKIE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let who = if cookie.contains(SESSION) { IN } else { OUT };
    match request.uri().path() {
        "/login" => {
            let mut response = Response::new(full("welcome"));
            if let Ok(value) = HeaderValue::from_str(&format!("{COOKIE_NAME}={SESSION}; Path=/")) {
                response.headers_mut().insert(SET_COOKIE, value);
            }
            response
        }
        "/large" => Response::new(full(large(who))),
        "/stream" => long(),
        _ => Response::new(full(Bytes::from_static(if who == IN { b"in  small" } else { b"out small" }))),
    }
}

fn large(who: u8) -> Bytes {
    static BODIES: std::sync::OnceLock<[Bytes; 2]> = std::sync::OnceLock::new();
    let [inside, outside] = BODIES.get_or_init(|| [IN, OUT].map(|byte| Bytes::from(vec![byte; LARGE])));
    if who == IN { inside.clone() } else { outside.clone() }
}

fn long() -> Response<Body> {
    let piece = large(OUT);
    let pieces =
        stream::iter(0..STREAM / LARGE as u64).map(move |_| Ok::<_, BoxError>(Frame::data(piece.clone())));
    let mut response = Response::new(boxed(StreamBody::new(pieces)));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(STREAM));
    response
}

fn acceptor() -> Result<TlsAcceptor> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.self_signed(&key)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

pub(crate) const IN: u8 = b'i';
const OUT: u8 = b'o';
