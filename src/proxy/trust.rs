//! Which server certificates the client trusts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tracing::warn;

use super::error::Error;

/// Whom the client trusts to be the server that a URL names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Trust {
    /// The certificates that the system trusts, or those in `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    #[default]
    System,
    /// Those of the system, and the certificates of this PEM file.
    WithCa(PathBuf),
    /// Any certificate, valid or not: for targets whose identity does not matter.
    Anything,
}

impl Trust {
    /// The TLS settings that follow, still without ALPN; those who trust anybody at all trust `more` too.
    pub(super) fn config(&self, more: Option<&Path>) -> Result<ClientConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|e| Error::Tls(Arc::new(e)))?;
        let own = match self {
            Self::WithCa(path) => Some(path.as_path()),
            _ => None,
        };
        let files = [own, more].into_iter().flatten();
        let config = match self {
            Self::System | Self::WithCa(_) => {
                builder.with_root_certificates(files.into_iter().try_fold(system(), with_file)?)
            }
            Self::Anything => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone(provider)))
            }
        };
        Ok(config.with_no_client_auth())
    }
}

fn system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        warn!(%error, "some of the system's certificates cannot be read");
    }
    roots.add_parsable_certificates(found.certs);
    roots
}

fn with_file(mut roots: RootCertStore, path: &Path) -> Result<RootCertStore, Error> {
    let unreadable = |e| Error::TrustFile { path: path.to_owned(), source: Arc::new(e) };
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(unreadable)?;
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        return Err(Error::TrustEmpty { path: path.to_owned() });
    }
    Ok(roots)
}

#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

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
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused_with_a_hint() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Trust::WithCa(file.path().to_owned()).config(None).unwrap_err();
        assert!(matches!(error, Error::TrustEmpty { .. }), "{error:?}");
        assert!(error.to_string().contains("\nhint: "));
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        let error = Trust::WithCa("/nowhere/ca.pem".into()).config(None).unwrap_err();
        assert!(matches!(error, Error::TrustFile { .. }), "{error:?}");
    }
}
