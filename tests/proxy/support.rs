//! Starts a proxy whose handler counts, and clients that use it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use handstamp::proxy::{Authority, Body, Client, Exchange, Handler, Next, Server, Trust, Tunnel, full, read};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// No test waits longer than this for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) type End = (Exchange, Result<(), String>);

/// Lets everything pass, tells each end, and answers `http://own.test/` itself.
pub(crate) struct Watcher {
    pub(crate) intercepts: bool,
    pub(crate) credentials: Option<&'static str>,
    ends: mpsc::UnboundedSender<End>,
    pub(crate) seen: Mutex<Vec<String>>,
}

impl Handler for Watcher {
    async fn connect(&self, tunnel: &Tunnel) -> Option<Response<Body>> {
        let wanted = self.credentials?;
        if tunnel.credentials.as_ref().is_some_and(|c| c == wanted) {
            return None;
        }
        let refusal = Response::builder().status(407).header("proxy-authenticate", "Basic realm=\"x\"");
        Some(refusal.body(full("")).unwrap())
    }

    fn intercept(&self, _host: &str, _port: u16) -> bool {
        self.intercepts
    }

    async fn request(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        let credentials = exchange.credentials.as_ref().map_or("-", |c| c.to_str().unwrap());
        self.seen
            .lock()
            .unwrap()
            .push(format!("{} upgrade={} {credentials}", exchange.url, exchange.upgrade));
        if exchange.url.host_str() == Some("own.test") {
            return Next::Answer(Response::new(full("answered here")));
        }
        Next::Forward(request)
    }

    async fn response(&self, _exchange: &Exchange, mut response: Response<Body>) -> Response<Body> {
        response.headers_mut().insert("x-passed", "yes".parse().unwrap());
        response
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        let _ = self.ends.send((exchange.clone(), outcome));
    }
}

/// The watcher, as others may wrap it.
pub(crate) struct Shared(Arc<Watcher>);

impl Handler for Shared {
    async fn connect(&self, tunnel: &Tunnel) -> Option<Response<Body>> {
        self.0.connect(tunnel).await
    }

    fn intercept(&self, host: &str, port: u16) -> bool {
        self.0.intercept(host, port)
    }

    async fn request(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        self.0.request(exchange, request).await
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        self.0.response(exchange, response).await
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        self.0.end(exchange, outcome);
    }
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    pub(crate) authority: Authority,
    pub(crate) watcher: Arc<Watcher>,
    ends: mpsc::UnboundedReceiver<End>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        Self::with(true, None, Client::new(&Trust::Anything).unwrap()).await
    }

    pub(crate) async fn with(intercepts: bool, credentials: Option<&'static str>, client: Client) -> Self {
        Self::wrapped(intercepts, credentials, client, |watcher| watcher).await
    }

    /// A proxy whose handler stands around the watcher.
    pub(crate) async fn wrapped<H: Handler>(
        intercepts: bool,
        credentials: Option<&'static str>,
        client: Client,
        wrap: impl FnOnce(Shared) -> H,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::run(listener, intercepts, credentials, client, wrap)
    }

    /// A proxy that listens here.
    pub(crate) fn on(listener: TcpListener, client: Client) -> Self {
        Self::run(listener, true, None, client, |watcher| watcher)
    }

    fn run<H: Handler>(
        listener: TcpListener,
        intercepts: bool,
        credentials: Option<&'static str>,
        client: Client,
        wrap: impl FnOnce(Shared) -> H,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let authority = Authority::ephemeral().unwrap();
        let (sender, ends) = mpsc::unbounded_channel();
        let watcher = Arc::new(Watcher { intercepts, credentials, ends: sender, seen: Mutex::default() });
        let (stop, stopped) = oneshot::channel::<()>();
        let server = Server::new(authority.clone(), client);
        let handler = Arc::new(wrap(Shared(watcher.clone())));
        let running = tokio::spawn(async move {
            server.run(listener, handler, async { drop(stopped.await) }).await;
        });
        Self { address, authority, watcher, ends, stop: Some(stop), running }
    }

    /// The next end that the handler is told.
    pub(crate) async fn end(&mut self) -> End {
        tokio::time::timeout(PATIENCE, self.ends.recv()).await.expect("no end was told").unwrap()
    }

    /// Stops the proxy and returns the ends that were told and not yet asked for.
    pub(crate) async fn stop(mut self) -> Vec<End> {
        drop(self.stop.take());
        tokio::time::timeout(PATIENCE, &mut self.running).await.expect("the proxy did not stop").unwrap();
        let mut rest = Vec::new();
        while let Ok(end) = self.ends.try_recv() {
            rest.push(end);
        }
        rest
    }

    /// Sends one request in absolute form over a connection of its own.
    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        exchange(TcpStream::connect(self.address).await.unwrap(), request).await
    }

    pub(crate) async fn get(&self, url: &str) -> Response<Body> {
        self.send(Request::get(url).body(full("")).unwrap()).await
    }

    /// Opens a tunnel, with extra header lines.
    pub(crate) async fn connect(&self, target: &str, lines: &str) -> Result<TcpStream, String> {
        let mut tcp = TcpStream::connect(self.address).await.unwrap();
        tcp.write_all(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{lines}\r\n").as_bytes())
            .await
            .unwrap();
        let head = read_head(&mut tcp).await;
        if head.starts_with("HTTP/1.1 200") { Ok(tcp) } else { Err(head) }
    }

    /// Opens a tunnel and speaks TLS in it, trusting the proxy's authority alone.
    pub(crate) async fn tls(&self, target: &str, protocols: &[&str]) -> TlsStream<TcpStream> {
        let tcp = self.connect(target, "").await.unwrap();
        let host = target.rsplit_once(':').unwrap().0;
        handshake(tcp, host, self.authority.pem(), protocols).await.unwrap()
    }
}

pub(crate) async fn handshake(
    tcp: TcpStream,
    host: &str,
    trusted: &str,
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await
}

/// One HTTP/1.1 exchange on a stream.
pub(crate) async fn exchange(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> Response<Body> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    let response = tokio::time::timeout(PATIENCE, sender.send_request(request)).await.expect("no answer");
    response.unwrap().map(handstamp::proxy::boxed)
}

/// One HTTP/2 exchange on a stream.
pub(crate) async fn exchange2(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> Response<Body> {
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    let response = tokio::time::timeout(PATIENCE, sender.send_request(request)).await.expect("no answer");
    response.unwrap().map(handstamp::proxy::boxed)
}

pub(crate) async fn text(response: Response<Body>) -> String {
    let bytes: Bytes = read(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Reads up to and with the empty line that ends a head.
pub(crate) async fn read_head(io: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = tokio::time::timeout(PATIENCE, io.read_u8()).await.expect("no head");
        head.push(byte.unwrap_or_else(|e| panic!("{e} after {:?}", String::from_utf8_lossy(&head))));
    }
    String::from_utf8(head).unwrap()
}

/// Sends these bytes to the proxy and reads until it closes.
pub(crate) async fn raw(address: SocketAddr, bytes: &str) -> String {
    let mut tcp = TcpStream::connect(address).await.unwrap();
    tcp.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, tcp.read_to_string(&mut answer)).await.expect("not closed").unwrap();
    answer
}
