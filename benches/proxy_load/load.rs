//! Load: connections that ask again as soon as they are answered, and a stopwatch for each answer.
//!
//! Written here because wrk speaks to no proxy in TLS, and because a generator that does no more than count
//! the bytes of an answer leaves the two cores to those who are measured.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};
use tokio_rustls::TlsConnector;

/// What is asked, and through whom.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    pub(crate) target: SocketAddr,
    pub(crate) proxy: Option<SocketAddr>,
    pub(crate) tls: bool,
    pub(crate) path: &'static str,
}

trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How long each answer took, in order of length.
    pub(crate) times: Vec<Duration>,
    pub(crate) took: Duration,
    /// The first byte of the first body.
    pub(crate) first: u8,
}

impl Course {
    /// Asks over many connections for some time.
    pub(crate) async fn run(&self, connections: usize, length: Duration) -> Result<Tally> {
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            // Connections, tunnels and handshakes are there before the clock runs.
            let (course, io) = (self.clone(), self.connect().await?);
            tasks.spawn(async move { course.ask(io, Instant::now() + length).await });
        }
        let begun = Instant::now();
        let mut tally = Tally::default();
        while let Some(done) = tasks.join_next().await {
            let (times, first) = done??;
            tally.times.extend(times);
            tally.first = first;
        }
        tally.took = begun.elapsed();
        tally.times.sort_unstable();
        Ok(tally)
    }

    /// Asks once, and returns how many bytes of body came and the first of them.
    pub(crate) async fn once(&self) -> Result<(u64, u8)> {
        let mut io = self.connect().await?;
        io.write_all(self.request().as_bytes()).await?;
        Answer::default().read(&mut io).await
    }

    async fn ask(&self, mut io: Box<dyn Io>, end: Instant) -> Result<(Vec<Duration>, u8)> {
        let (request, mut answer) = (self.request(), Answer::default());
        let (mut times, mut first) = (Vec::with_capacity(1 << 14), 0);
        while Instant::now() < end {
            let asked = Instant::now();
            io.write_all(request.as_bytes()).await?;
            (_, first) = answer.read(&mut io).await?;
            times.push(asked.elapsed());
        }
        Ok((times, first))
    }

    fn request(&self) -> String {
        let place =
            if self.proxy.is_some() && !self.tls { format!("http://{}", self.target) } else { String::new() };
        format!("GET {place}{} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\n\r\n", self.path, self.target)
    }

    async fn connect(&self) -> Result<Box<dyn Io>> {
        let mut tcp = TcpStream::connect(self.proxy.unwrap_or(self.target)).await?;
        tcp.set_nodelay(true)?;
        if !self.tls {
            return Ok(Box::new(tcp));
        }
        if self.proxy.is_some() {
            let connect = format!("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", self.target);
            tcp.write_all(connect.as_bytes()).await?;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(tcp.read_u8().await?);
            }
            ensure!(head[9..].starts_with(b"200"), "no tunnel: {}", String::from_utf8_lossy(&head));
        }
        let name = ServerName::from(self.target.ip());
        Ok(Box::new(TlsConnector::from(trusting()?).connect(name, tcp).await?))
    }
}

/// Reads answers whose length is told.
struct Answer {
    buffer: Vec<u8>,
}

impl Default for Answer {
    fn default() -> Self {
        Self { buffer: vec![0; 256 * 1024] }
    }
}

impl Answer {
    async fn read(&mut self, io: &mut Box<dyn Io>) -> Result<(u64, u8)> {
        let mut filled = 0;
        let head = loop {
            let count = io.read(&mut self.buffer[filled..]).await?;
            ensure!(count > 0, "the connection was closed before an answer");
            filled += count;
            if let Some(at) = self.buffer[..filled].windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let length = length(&self.buffer[..head])?;
        let mut come = (filled - head) as u64;
        let mut first = if filled > head { self.buffer[head] } else { 0 };
        while come < length {
            let count = io.read(&mut self.buffer).await?;
            ensure!(count > 0, "the connection was closed within an answer");
            if first == 0 {
                first = self.buffer[0];
            }
            come += count as u64;
        }
        Ok((come, first))
    }
}

fn length(head: &[u8]) -> Result<u64> {
    let text = std::str::from_utf8(head)?;
    if !text.starts_with("HTTP/1.1 200") {
        bail!("answered with {}", text.lines().next().unwrap_or_default());
    }
    let line = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim())
    });
    Ok(line.context("an answer without length")?.parse()?)
}

fn trusting() -> Result<Arc<ClientConfig>> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
