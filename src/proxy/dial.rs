//! Opens connections to servers: names, addresses, TLS, one limit over all of it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::Error;
use super::target::Target;
use super::trust::Trust;

/// How long connecting may take, the name and the TLS handshake included.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Opens connections, and refuses those that lead back to the proxy.
#[derive(Debug)]
pub(super) struct Dialer {
    any: Arc<ClientConfig>,
    http1: Arc<ClientConfig>,
    own: Mutex<Vec<SocketAddr>>,
    limit: Duration,
}

/// Which versions of HTTP a connection may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// HTTP/2 where the server speaks it, else HTTP/1.1.
    Any,
    /// HTTP/1.1 alone, which upgrades need.
    Http1,
}

impl Dialer {
    pub(super) fn new(trust: &Trust, limit: Duration) -> Result<Self, Error> {
        let mut http1 = trust.config()?;
        let mut any = http1.clone();
        http1.alpn_protocols = vec![b"http/1.1".to_vec()];
        any.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { any: Arc::new(any), http1: Arc::new(http1), own: Mutex::default(), limit })
    }

    /// Never connects to this address, on which the proxy itself listens.
    pub(super) fn avoid(&self, own: SocketAddr) {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).push(own);
    }

    /// A connection as the target's scheme asks for it.
    pub(super) async fn open(&self, target: &Target, offer: Offer) -> Result<Stream, Error> {
        let opening = async {
            let tcp = self.connect(target).await?;
            if target.secure { self.handshake(target, tcp, offer).await } else { Ok(Stream::Plain(tcp)) }
        };
        self.limited(target, opening).await
    }

    /// A bare connection to the target's host and port.
    pub(super) async fn tcp(&self, target: &Target) -> Result<TcpStream, Error> {
        self.limited(target, self.connect(target)).await
    }

    async fn limited<T>(
        &self,
        target: &Target,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        timeout(self.limit, work)
            .await
            .unwrap_or_else(|_| Err(Error::Timeout { target: target.to_string(), limit: self.limit }))
    }

    async fn connect(&self, target: &Target) -> Result<TcpStream, Error> {
        let addresses = resolve(&target.host, target.port).await?;
        let tcp = race(addresses)
            .await
            .map_err(|e| Error::Unreachable { target: target.to_string(), source: Arc::new(e) })?;
        if self.leads_home(&tcp) {
            return Err(Error::Loop { target: target.to_string() });
        }
        // Small writes of HTTP and WebSockets must not wait for each other; without it they are only slower.
        let _ = tcp.set_nodelay(true);
        Ok(tcp)
    }

    fn leads_home(&self, tcp: &TcpStream) -> bool {
        let (Ok(peer), Ok(local)) = (tcp.peer_addr(), tcp.local_addr()) else { return false };
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.iter().any(|own| {
            let same_host = own.ip() == peer.ip()
                || own.ip().is_unspecified() && (peer.ip().is_loopback() || peer.ip() == local.ip());
            own.port() == peer.port() && same_host
        })
    }

    async fn handshake(&self, target: &Target, tcp: TcpStream, offer: Offer) -> Result<Stream, Error> {
        let failed = |e| handshake_error(target, e);
        let name = ServerName::try_from(target.host.clone())
            .map_err(|e| failed(io::Error::new(io::ErrorKind::InvalidInput, e)))?;
        let config = match offer {
            Offer::Any => &self.any,
            Offer::Http1 => &self.http1,
        };
        let tls = TlsConnector::from(Arc::clone(config)).connect(name, tcp).await.map_err(failed)?;
        Ok(Stream::Tls(Box::new(tls)))
    }
}

/// A connection to a server.
pub(super) enum Stream {
    /// Without TLS.
    Plain(TcpStream),
    /// With TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Whether the server chose HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(tls) => tls.get_ref().1.alpn_protocol() == Some(b"h2"),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
    match lookup_host((host, port)).await.map(Iterator::collect::<Vec<_>>) {
        Ok(addresses) if !addresses.is_empty() => Ok(addresses),
        // Browsers take these names for the machine itself; many resolvers do not know them. See RFC 6761, 6.3.
        _ if host == "localhost" || host.ends_with(".localhost") => Ok(vec![
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
            SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port),
        ]),
        Ok(_) => Err(unresolved(host, io::Error::other("the name has no address"))),
        Err(error) => Err(unresolved(host, error)),
    }
}

fn unresolved(host: &str, error: io::Error) -> Error {
    Error::Unresolved { host: host.to_owned(), source: Arc::new(error) }
}

/// Tries each address, the next one when the last failed or kept silent for a moment. See RFC 8305.
async fn race(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut waiting = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        attempts.extend(waiting.next().map(TcpStream::connect));
        tokio::select! {
            attempt = attempts.next() => match attempt {
                Some(Ok(tcp)) => return Ok(tcp),
                Some(Err(error)) => last = error,
                None => return Err(last),
            },
            () = sleep(HEAD_START) => {}
        }
    }
}

fn handshake_error(target: &Target, error: io::Error) -> Error {
    let target = target.to_string();
    let reason = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    match reason {
        Some(reason @ rustls::Error::InvalidCertificate(_)) => {
            Error::Untrusted { target, source: Arc::new(reason.clone()) }
        }
        _ => Error::Handshake { target, source: Arc::new(error) },
    }
}

const HEAD_START: Duration = Duration::from_millis(250);
