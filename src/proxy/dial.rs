//! Opens connections to servers: names, addresses, TLS, one limit over all of it.

use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::Error;
use super::identity::Identity;
use super::settings::ClientSettings;
use super::target::Target;
use super::upstream::Upstream;

/// Opens connections, and refuses those that lead back to the proxy.
#[derive(Debug)]
pub(super) struct Dialer {
    /// For the hosts that an identity is meant for, and last for all others.
    tls: Vec<(Option<Identity>, Offers)>,
    upstream: Option<Upstream>,
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

/// The TLS settings for each offer.
#[derive(Debug)]
struct Offers {
    any: Arc<ClientConfig>,
    http1: Arc<ClientConfig>,
}

impl Offers {
    fn new(mut config: ClientConfig, identity: Option<&Identity>) -> Self {
        if let Some(identity) = identity {
            config.client_auth_cert_resolver = identity.resolver();
        }
        let mut any = config.clone();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        any.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self { any: Arc::new(any), http1: Arc::new(config) }
    }
}

impl Dialer {
    pub(super) fn new(settings: ClientSettings) -> Result<Self, Error> {
        let config = settings.trust.config(settings.upstream.as_ref().and_then(Upstream::authority))?;
        let identities = settings.identities.into_iter().map(Some).chain([None]);
        let tls = identities.map(|identity| {
            let offers = Offers::new(config.clone(), identity.as_ref());
            (identity, offers)
        });
        let tls = tls.collect();
        Ok(Self { tls, upstream: settings.upstream, own: Mutex::default(), limit: settings.connect_limit })
    }

    /// The upstream proxy that requests to this target are sent to as they are, in absolute form.
    pub(super) fn relays(&self, target: &Target, offer: Offer) -> Option<&Upstream> {
        self.upstream.as_ref().filter(|_| !target.secure && offer == Offer::Any)
    }

    /// Never connects to this address, on which the proxy itself listens.
    pub(super) fn avoid(&self, own: SocketAddr) {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).push(own);
    }

    /// A connection as the target's scheme asks for it.
    pub(super) async fn open(&self, target: &Target, offer: Offer) -> Result<Stream, Error> {
        let opening = async {
            let tcp = match self.relays(target, offer) {
                Some(upstream) => self.reach(upstream, target).await?,
                None => self.way(target).await?,
            };
            if target.secure { self.handshake(target, tcp, offer).await } else { Ok(Stream::Plain(tcp)) }
        };
        self.limited(target, opening).await
    }

    /// A bare connection to the target's host and port.
    pub(super) async fn tcp(&self, target: &Target) -> Result<TcpStream, Error> {
        self.limited(target, self.way(target)).await
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

    /// A connection whose other end is the target, through the upstream proxy where there is one.
    async fn way(&self, target: &Target) -> Result<TcpStream, Error> {
        let Some(upstream) = &self.upstream else { return self.connect(target).await };
        let mut tcp = self.reach(upstream, target).await?;
        upstream.open_way(&mut tcp, target).await?;
        Ok(tcp)
    }

    /// A connection to the upstream proxy, for this target.
    async fn reach(&self, upstream: &Upstream, target: &Target) -> Result<TcpStream, Error> {
        // The upstream proxy would send back what is aimed at this one, again and again.
        if self.is_own(target).await {
            return Err(Error::Loop { target: target.to_string() });
        }
        self.connect(upstream.target()).await.map_err(|error| match error {
            Error::Loop { .. } => error,
            _ => Error::UpstreamUnreachable { upstream: upstream.to_string(), source: Arc::new(error) },
        })
    }

    /// Whether a target is the proxy itself, as far as names are known here.
    async fn is_own(&self, target: &Target) -> bool {
        let own = self.own();
        if !own.iter().any(|own| own.port() == target.port) {
            return false;
        }
        let addresses = resolve(&target.host, target.port).await.unwrap_or_default();
        addresses.iter().any(|address| {
            let ip = address.ip().to_canonical();
            let is_here = |own: &SocketAddr| {
                own.ip().to_canonical() == ip
                    || ip.is_unspecified()
                    || own.ip().is_unspecified() && is_of_this_machine(ip)
            };
            own.iter().any(|own| own.port() == address.port() && is_here(own))
        })
    }

    fn own(&self) -> Vec<SocketAddr> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        // A socket for both families writes addresses of version 4 as such of version 6.
        let (peer_ip, local_ip) = (peer.ip().to_canonical(), local.ip().to_canonical());
        self.own().iter().any(|own| {
            let own_ip = own.ip().to_canonical();
            let same_host = own_ip == peer_ip
                || own_ip.is_unspecified() && (peer_ip.is_loopback() || peer_ip == local_ip);
            own.port() == peer.port() && same_host
        })
    }

    async fn handshake(&self, target: &Target, tcp: TcpStream, offer: Offer) -> Result<Stream, Error> {
        let failed = |e| handshake_error(target, e);
        let name = ServerName::try_from(target.host.clone())
            .map_err(|e| failed(io::Error::new(io::ErrorKind::InvalidInput, e)))?;
        let meant = |(identity, _): &&(Option<Identity>, Offers)| {
            identity.as_ref().is_none_or(|identity| identity.is_for(&target.host))
        };
        let (_, offers) = self.tls.iter().find(meant).expect("the last one is for all");
        let config = match offer {
            Offer::Any => &offers.any,
            Offer::Http1 => &offers.http1,
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

/// Only addresses of the machine itself can be bound.
fn is_of_this_machine(ip: IpAddr) -> bool {
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
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
        _ => match reason.and_then(|reason| identity_alert(reason)) {
            Some(alert) => Error::IdentityWanted { target, source: Arc::new(alert) },
            None => Error::Handshake { target, source: Arc::new(error) },
        },
    }
}

/// What a server says that misses a client certificate, or dislikes the one that it got.
const IDENTITY_ALERTS: [AlertDescription; 8] = [
    AlertDescription::CertificateRequired,
    AlertDescription::BadCertificate,
    AlertDescription::CertificateUnknown,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateRevoked,
    AlertDescription::UnknownCA,
    AlertDescription::AccessDenied,
    AlertDescription::DecryptError,
];

/// What the server said, if it was about the client's certificate.
///
/// HTTP/2 hands on no more than the text of what went wrong below it, so that the text must do.
pub(super) fn identity_alert(error: &(dyn StdError + 'static)) -> Option<rustls::Error> {
    let said = error.to_string();
    IDENTITY_ALERTS.into_iter().map(rustls::Error::AlertReceived).find(|alert| alert.to_string() == said)
}

const HEAD_START: Duration = Duration::from_millis(250);
