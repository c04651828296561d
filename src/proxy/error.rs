//! What can go wrong in the proxy, its authority and its client.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;

/// An error of this room; cheap to clone, since several may wait for one connection.
///
/// `target` is always a host and port, never a whole URL, so that no error text carries a token.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name system knows no address for the host.
    #[error(
        "the name `{host}` cannot be resolved\nhint: check its spelling, the name server and the hosts file"
    )]
    Unresolved {
        /// The host as it was asked for.
        host: String,
        /// What the resolver said.
        source: Arc<io::Error>,
    },
    /// No address of the host accepted a connection.
    #[error("`{target}` cannot be reached\nhint: check that the application runs and listens there")]
    Unreachable {
        /// Host and port.
        target: String,
        /// What the last attempt said.
        source: Arc<io::Error>,
    },
    /// Connecting, the TLS handshake included, took too long.
    #[error("`{target}` did not answer within {} s", limit.as_secs_f32())]
    Timeout {
        /// Host and port.
        target: String,
        /// The limit that ran out.
        limit: Duration,
    },
    /// The certificate of the target is not trusted.
    #[error(
        "the certificate of `{target}` is not trusted\nhint: name the authority that signed it with `--ca FILE`, or trust anything with `--insecure`"
    )]
    Untrusted {
        /// Host and port.
        target: String,
        /// Why it is not trusted.
        source: Arc<rustls::Error>,
    },
    /// The TLS handshake failed for another reason than trust.
    #[error("the TLS handshake with `{target}` failed\nhint: check that this port speaks TLS 1.2 or 1.3")]
    Handshake {
        /// Host and port.
        target: String,
        /// What the handshake said.
        source: Arc<io::Error>,
    },
    /// The connection was there, and the exchange broke off before the answer's head was read.
    #[error("the exchange with `{target}` broke off")]
    Broken {
        /// Host and port.
        target: String,
        /// What the connection said.
        source: Arc<dyn StdError + Send + Sync>,
    },
    /// The request is aimed at the proxy itself.
    #[error("`{target}` is this proxy itself, the request would go round in circles")]
    Loop {
        /// Host and port.
        target: String,
    },
    /// The address of the upstream proxy cannot be used; it is not repeated, since a password may stand in it.
    #[error(
        "the address of the upstream proxy cannot be used: {reason}\nhint: write `http://HOST:PORT`, or `http://USER:PASSWORD@HOST:PORT`"
    )]
    UpstreamAddress {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The address of a server cannot be used; it is not repeated, since a password may stand in it.
    #[error(
        "the address cannot be used: {reason}\nhint: write `http://HOST:PORT`, or `https://USER:PASSWORD@HOST/PATH`"
    )]
    RemoteAddress {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No port of this machine is left for a way to a server.
    #[error("no port can be opened on loopback")]
    NoWay {
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The upstream proxy itself cannot be reached.
    #[error(
        "the upstream proxy `{upstream}` cannot be reached\nhint: check that it runs and listens there, or leave out `--upstream`"
    )]
    UpstreamUnreachable {
        /// Host and port of the upstream proxy.
        upstream: String,
        /// What connecting to it said.
        source: Arc<Error>,
    },
    /// The upstream proxy answered in the place of the target.
    #[error(
        "the upstream proxy `{upstream}` refused the way to `{target}` with status {}\nhint: {}",
        status.as_u16(), upstream_hint(*status)
    )]
    UpstreamRefused {
        /// Host and port of the upstream proxy.
        upstream: String,
        /// Host and port of the target.
        target: String,
        /// The status of its answer.
        status: StatusCode,
    },
    /// What listens at the address of the upstream proxy is none.
    #[error(
        "the upstream proxy `{upstream}` did not answer as an HTTP proxy does\nhint: check that the port is that of its proxy, not of its user interface"
    )]
    UpstreamSpeech {
        /// Host and port of the upstream proxy.
        upstream: String,
    },
    /// The server wants to see a client certificate, or another one.
    #[error(
        "`{target}` asks for a client certificate\nhint: give one that it accepts with `--client-cert FILE` and `--client-key FILE`"
    )]
    IdentityWanted {
        /// Host and port.
        target: String,
        /// What the server said.
        source: Arc<rustls::Error>,
    },
    /// A file of a client certificate cannot be read.
    #[error("the file `{}` of the client certificate cannot be read\nhint: check its name, who owns it and its permissions", path.display())]
    IdentityFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A file of a client certificate does not hold what it should.
    #[error(
        "the file `{}` cannot be used: {reason}\nhint: give the certificate and its key in PEM; from PKCS #12 make it with `openssl pkcs12 -in FILE -nodes -out client.pem`",
        path.display()
    )]
    IdentityUnfit {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The request has no absolute `http` or `https` URL.
    #[error("the request has no absolute http or https URL")]
    NotAbsolute,
    /// A file of the authority cannot be read or written.
    #[error("the authority's file `{}` cannot be used\nhint: check who owns it and its permissions", path.display())]
    AuthorityFile {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A file of the authority does not hold what it should.
    #[error(
        "the authority's file `{}` is damaged: {reason}\nhint: restore it, or remove `ca.pem` and `ca.key` to get a new authority, which must then be trusted anew",
        path.display()
    )]
    AuthorityDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The authority is valid from some time in the future on.
    #[error(
        "the authority in `{}` is not valid yet\nhint: check the clock of this machine",
        path.display()
    )]
    AuthorityEarly {
        /// The file of its certificate.
        path: PathBuf,
    },
    /// A certificate could not be made for a host.
    #[error("no certificate can be made for `{host}`")]
    Certificate {
        /// The host, or `the authority`.
        host: String,
        /// What the certificate library said.
        source: Arc<rcgen::Error>,
    },
    /// TLS could not be set up with the given certificates.
    #[error("TLS cannot be set up")]
    Tls(#[source] Arc<rustls::Error>),
    /// The file of trusted certificates cannot be read.
    #[error("the certificates in `{}` cannot be read\nhint: give a PEM file with one or more certificates", path.display())]
    TrustFile {
        /// The file.
        path: PathBuf,
        /// What reading it said.
        source: Arc<rustls::pki_types::pem::Error>,
    },
    /// The file of trusted certificates holds none that can be used.
    #[error("`{}` holds no certificate that can be trusted\nhint: give a PEM file with one or more certificates", path.display())]
    TrustEmpty {
        /// The file.
        path: PathBuf,
    },
}

impl Error {
    /// The word for a server whose certificate nobody vouches for.
    pub const UNTRUSTED: &str = "tls-not-trusted";

    /// The reason as one word for machines, as in the header `x-handstamp-error`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unresolved { .. } => "name-not-resolved",
            Self::Unreachable { .. } => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::Untrusted { .. } => Self::UNTRUSTED,
            Self::Handshake { .. } => "tls-failed",
            Self::Broken { .. } => "broken-off",
            Self::Loop { .. } => "loop",
            Self::UpstreamAddress { .. } => "upstream-address",
            Self::RemoteAddress { .. } => "address",
            Self::NoWay { .. } => "no-port",
            Self::UpstreamUnreachable { .. } => "upstream-unreachable",
            Self::UpstreamRefused { .. } => "upstream-refused",
            Self::UpstreamSpeech { .. } => "upstream-no-proxy",
            Self::IdentityWanted { .. } => "client-certificate-wanted",
            Self::IdentityFile { .. } | Self::IdentityUnfit { .. } => "client-certificate",
            Self::NotAbsolute => "not-absolute",
            Self::AuthorityFile { .. }
            | Self::AuthorityDamaged { .. }
            | Self::AuthorityEarly { .. }
            | Self::Certificate { .. } => "authority",
            Self::Tls(_) | Self::TrustFile { .. } | Self::TrustEmpty { .. } => "trust",
        }
    }

    /// The status with which the proxy answers a client whose exchange ended in this error.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Loop { .. } => StatusCode::LOOP_DETECTED,
            Self::NotAbsolute => StatusCode::BAD_REQUEST,
            _ => StatusCode::BAD_GATEWAY,
        }
    }

    /// The whole text: this error, each of its causes on a line of its own, and the hint last.
    #[must_use]
    pub fn report(&self) -> String {
        let text = self.to_string();
        let (mut report, hint) = match text.split_once("\nhint: ") {
            Some((text, hint)) => (text.to_owned(), Some(hint)),
            None => (text.clone(), None),
        };
        let mut cause = self.source();
        while let Some(error) = cause {
            report.push_str("\ncause: ");
            report.push_str(&error.to_string());
            cause = error.source();
        }
        if let Some(hint) = hint {
            report.push_str("\nhint: ");
            report.push_str(hint);
        }
        report
    }
}

fn upstream_hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            "name its user and password: `--upstream http://USER:PASSWORD@HOST:PORT`, or the same in HANDSTAMP_UPSTREAM"
        }
        StatusCode::FORBIDDEN => "allow the target in the upstream proxy",
        _ => "its own log tells why; check that it can reach the target",
    }
}
