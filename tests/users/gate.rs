//! A running `handstamp proxy`, and a client of it that knows nothing of sessions.

use std::{net::SocketAddr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use handstamp::proxy::Authority;
use nix::sys::signal::Signal;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use url::Url;

use crate::support::{Place, Ran, Running};

/// The proxy, which is told to stop when dropped.
#[derive(Debug)]
pub(crate) struct Gate {
    running: Running,
    address: SocketAddr,
    pem: String,
}

/// What a client asks for, and as whom.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ask<'a> {
    pub(crate) method: Option<&'a str>,
    /// `user:password` of the proxy's credentials.
    pub(crate) credentials: Option<&'a str>,
    pub(crate) headers: &'a [(&'a str, &'a str)],
}

impl<'a> Ask<'a> {
    pub(crate) fn by(credentials: &'a str) -> Self {
        Self { credentials: Some(credentials), ..Self::default() }
    }

    pub(crate) fn with(headers: &'a [(&'a str, &'a str)]) -> Self {
        Self { headers, ..Self::default() }
    }
}

impl Gate {
    /// Starts a proxy in a place with the users' passwords in its environment.
    pub(crate) async fn open(place: &Place, args: &[&str]) -> Self {
        Self::open_with(place, &[], args).await
    }

    /// As [`Gate::open`], with more in its environment.
    pub(crate) async fn open_with(place: &Place, variables: &[(&str, &str)], args: &[&str]) -> Self {
        let mut command = place.command(&[&["proxy", "--listen", "127.0.0.1:0"], args].concat());
        command.envs(super::passwords()).envs(variables.iter().copied());
        let mut running = Running::start(command);
        let said = running.has_said("Ctrl-C").await;
        let address =
            said.split("http://").nth(1).unwrap().split([',', ' ']).next().unwrap().parse().unwrap();
        let pem = Authority::load_or_create(place.path("store").as_ref()).unwrap().pem().to_owned();
        Self { running, address, pem }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client gets: status and body.
    pub(crate) async fn get(&self, url: &Url) -> (u16, String) {
        self.ask(url, Ask::default()).await
    }

    /// What a client gets who says more, in plain text or through a tunnel.
    pub(crate) async fn ask(&self, url: &Url, ask: Ask<'_>) -> (u16, String) {
        self.try_ask(url, ask).await.unwrap()
    }

    /// As [`Gate::ask`]; nothing where the proxy is gone.
    pub(crate) async fn try_ask(&self, url: &Url, ask: Ask<'_>) -> Option<(u16, String)> {
        let mut tcp = TcpStream::connect(self.address).await.ok()?;
        let shown =
            ask.credentials.map(|pair| format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(pair)));
        let shown = shown.unwrap_or_default();
        if url.scheme() == "http" {
            return exchange(tcp, url.as_str(), url, ask, &shown).await;
        }
        let target = url.authority();
        tcp.write_all(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{shown}\r\n").as_bytes())
            .await
            .ok()?;
        let head = head(&mut tcp).await?;
        if !head.starts_with("HTTP/1.1 200") {
            return Some((status(&head), head));
        }
        let tls = self.tls().connect(ServerName::try_from(url.host_str()?.to_owned()).unwrap(), tcp).await;
        exchange(tls.ok()?, url.path(), url, ask, "").await
    }

    /// Trusts the proxy's own authority alone.
    fn tls(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }

    /// Stops it, and gives what it said.
    pub(crate) async fn close(self) -> Ran {
        self.running.signal(Signal::SIGTERM);
        self.running.end().await.ends_with(0)
    }

    /// Kills it, wherever it is.
    pub(crate) fn kill(&self) {
        self.running.signal(Signal::SIGKILL);
    }

    /// Waits for the end of what was killed.
    pub(crate) async fn end(self) -> Ran {
        self.running.end().await
    }
}

/// One request and its answer, on a connection of its own.
async fn exchange(
    mut io: impl AsyncRead + AsyncWrite + Unpin,
    target: &str,
    url: &Url,
    ask: Ask<'_>,
    shown: &str,
) -> Option<(u16, String)> {
    let method = ask.method.unwrap_or("GET");
    let more: Vec<_> = ask.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let more = more.concat();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{shown}{more}\r\n",
        url.authority()
    );
    io.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    let _ = io.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((status(head), body.to_owned()))
}

async fn head(tcp: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}
