//! A web server that answers by path, with and without TLS, and counts what it is asked.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use handstamp::proxy::{Body, BoxError, boxed, empty, full};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite, copy, split};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// How many bytes `/big` sends.
pub(crate) const BIG: usize = 64 * 1024 * 1024;

pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    /// How many requests came in.
    pub(crate) hits: Arc<AtomicUsize>,
    /// How many bytes of `/big` were asked for so far.
    pub(crate) produced: Arc<AtomicUsize>,
    /// Lets `/events` send its second event and end.
    pub(crate) release: Arc<Notify>,
    /// The certificate of a server with TLS.
    pub(crate) pem: String,
    _tasks: JoinSet<()>,
}

impl Origin {
    pub(crate) async fn plain() -> Self {
        Self::start(None, String::new()).await
    }

    pub(crate) async fn tls(protocols: &[&str]) -> Self {
        Self::tls_with(protocols, WebPkiClientVerifier::no_client_auth()).await
    }

    /// A server that talks to clients only whose certificate is this one, in PEM, or signed with it.
    pub(crate) async fn tls_for(client: &str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(client.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        Self::tls_with(&["h2", "http/1.1"], verifier).await
    }

    async fn tls_with(protocols: &[&str], verifier: Arc<dyn ClientCertVerifier>) -> Self {
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
        Self::start(Some(TlsAcceptor::from(Arc::new(config))), certificate.pem()).await
    }

    async fn start(acceptor: Option<TlsAcceptor>, pem: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site::default();
        let (hits, produced, release) = (site.hits.clone(), site.produced.clone(), site.release.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, site) = (acceptor.clone(), site.clone());
                connections.spawn(async move {
                    match acceptor {
                        None => site.serve(tcp).await,
                        Some(acceptor) => {
                            if let Ok(tls) = acceptor.accept(tcp).await {
                                site.serve(tls).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, hits, produced, release, pem, _tasks: tasks }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let scheme = if self.pem.is_empty() { "http" } else { "https" };
        format!("{scheme}://{}{path}", self.address)
    }

    pub(crate) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

#[derive(Clone, Default)]
struct Site {
    hits: Arc<AtomicUsize>,
    produced: Arc<AtomicUsize>,
    release: Arc<Notify>,
}

impl Site {
    async fn serve(self, io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let service = service_fn(move |request| {
            let site = self.clone();
            async move { Ok::<_, Infallible>(site.answer(request).await) }
        });
        let _ = Builder::new(TokioExecutor::new())
            .serve_connection_with_upgrades(TokioIo::new(io), service)
            .await;
    }

    async fn answer(self, mut request: Request<Incoming>) -> Response<Body> {
        self.hits.fetch_add(1, Ordering::SeqCst);
        match request.uri().path() {
            "/hello" => Response::builder()
                .header("keep-alive", "timeout=5")
                .header("x-Mixed-Case", "kept")
                .body(full("hello"))
                .unwrap(),
            "/echo" => echo(request),
            "/headers" => Response::new(full(head(&request))),
            "/nothing" => status(StatusCode::NO_CONTENT),
            "/unchanged" => status(StatusCode::NOT_MODIFIED),
            "/never" => std::future::pending().await,
            "/events" => self.events(),
            "/big" => self.big(),
            "/length" => {
                let mut length = 0;
                while let Some(Ok(frame)) = request.body_mut().frame().await {
                    length += frame.data_ref().map_or(0, Bytes::len);
                }
                Response::new(full(length.to_string()))
            }
            "/refuses" => {
                let frame = request.body_mut().frame().await;
                Response::new(full(format!("first {}", frame.is_some())))
            }
            "/trailers" => {
                let mut trailers = hyper::HeaderMap::new();
                trailers.insert("x-sum", "42".parse().unwrap());
                let frames =
                    [Ok::<_, BoxError>(Frame::data(Bytes::from("body"))), Ok(Frame::trailers(trailers))];
                let body = boxed(StreamBody::new(stream::iter(frames)));
                Response::builder().header("trailer", "x-sum").body(body).unwrap()
            }
            "/socket" => socket(request),
            _ => status(StatusCode::NOT_FOUND),
        }
    }

    fn events(&self) -> Response<Body> {
        let first = stream::once(async { "data: one\n\n" });
        let release = self.release.clone();
        let second = stream::once(async move {
            release.notified().await;
            "data: two\n\n"
        });
        let frames = first.chain(second).map(|text| Ok::<_, BoxError>(Frame::data(Bytes::from(text))));
        Response::builder()
            .header("content-type", "text/event-stream")
            .body(boxed(StreamBody::new(frames)))
            .unwrap()
    }

    fn big(&self) -> Response<Body> {
        let piece = Bytes::from(vec![7; 64 * 1024]);
        let produced = self.produced.clone();
        let frames = stream::iter(0..BIG / piece.len()).map(move |_| {
            produced.fetch_add(piece.len(), Ordering::SeqCst);
            Ok::<_, BoxError>(Frame::data(piece.clone()))
        });
        Response::new(boxed(StreamBody::new(frames)))
    }
}

/// Sends the body back, and announces the trailers that were announced.
fn echo(request: Request<Incoming>) -> Response<Body> {
    let announced = request.headers().get("trailer").cloned();
    let mut response = Response::new(boxed(request.into_body()));
    if let Some(announced) = announced {
        response.headers_mut().insert("trailer", announced);
    }
    response
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(empty());
    *response.status_mut() = status;
    response
}

/// The head of a request as text: version, URI, one header a line.
fn head(request: &Request<Incoming>) -> String {
    let mut text = format!("{:?} {}\n", request.version(), request.uri());
    for (name, value) in request.headers() {
        writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
    }
    text
}

/// Grants a WebSocket with the first sub-protocol and the extensions that were offered, then sends all bytes back.
fn socket(mut request: Request<Incoming>) -> Response<Body> {
    let header = |name: &str| request.headers().get(name).cloned().unwrap();
    let protocol = header("sec-websocket-protocol").to_str().unwrap().split(',').next().unwrap().to_owned();
    let response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-accept", "for you")
        .header("sec-websocket-protocol", protocol)
        .header("sec-websocket-extensions", header("sec-websocket-extensions"))
        .body(empty())
        .unwrap();
    let upgrade = hyper::upgrade::on(&mut request);
    // A test's own server may leave this task to the runtime, which ends with the test.
    tokio::spawn(async move {
        let (mut read, mut write) = split(TokioIo::new(upgrade.await.unwrap()));
        let _ = tokio::time::timeout(Duration::from_secs(30), copy(&mut read, &mut write)).await;
    });
    response
}
