//! Certificates with which the client shows servers who it is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::error::Error;
use super::host::HostPattern;

/// A client certificate with its key, and the hosts that it is shown to when they ask for one.
#[derive(Clone)]
pub struct Identity {
    hosts: HostPattern,
    key: Arc<SingleCertAndKey>,
}

impl Identity {
    /// Reads a chain of certificates, the client's own first, and its private key, both in PEM; without a
    /// file for the key it stands in the first one.
    ///
    /// Fails when a file cannot be read, holds neither, or when the two do not belong together; no error
    /// repeats what stands in them.
    pub fn read(hosts: HostPattern, certificate: &Path, key: Option<&Path>) -> Result<Self, Error> {
        let chain = chain(certificate)?;
        let key_file = key.unwrap_or(certificate);
        let key = PrivateKeyDer::from_pem_slice(&bytes(key_file)?)
            .map_err(|_| unfit(key_file, "it holds no private key in PEM that is not encrypted"))?;
        let key = CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|e| match e {
            rustls::Error::InconsistentKeys(_) => {
                unfit(key_file, "it is not the key of the client certificate")
            }
            rustls::Error::InvalidCertificate(_) => unfit(certificate, "its certificate is damaged"),
            _ => unfit(key_file, "its private key is damaged or of an unknown kind"),
        })?;
        Ok(Self { hosts, key: Arc::new(SingleCertAndKey::from(key)) })
    }

    /// Whether it is meant for this host.
    pub(super) fn is_for(&self, host: &str) -> bool {
        self.hosts.matches(host)
    }

    pub(super) fn resolver(&self) -> Arc<dyn ResolvesClientCert> {
        Arc::clone(&self.key) as Arc<dyn ResolvesClientCert>
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let bytes = bytes(path)?;
    // The files of PKCS #12 and DER begin with a sequence.
    if bytes.first() == Some(&0x30) {
        return Err(unfit(path, "it is not PEM, but binary, as files of PKCS #12 are"));
    }
    let chain = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(unfit(path, "it holds no certificate in PEM")),
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|e| Error::IdentityFile { path: path.to_owned(), source: Arc::new(e) })
}

fn unfit(path: &Path, reason: &'static str) -> Error {
    Error::IdentityUnfit { path: PathBuf::from(path), reason }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn read(certificate: &str, key: Option<&str>) -> Result<Identity, Error> {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let key = key.map(|text| path("key.pem", text));
        Identity::read(HostPattern::every(), &path("cert.pem", certificate), key.as_deref())
    }

    fn pair() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["anna".to_owned()]).unwrap().self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    #[test]
    fn certificate_and_key_are_read_from_two_files_or_one() {
        let (certificate, key) = pair();
        assert!(read(&certificate, Some(&key)).is_ok());
        assert!(read(&format!("{certificate}{key}"), None).is_ok());
    }

    #[test]
    fn what_does_not_fit_is_told_by_file_and_never_by_content() {
        let ((certificate, key), (_, foreign)) = (pair(), pair());
        let (half, body) = (&key[..key.len() / 2], &key[40..60]);
        for (certificate, key, said) in [
            (certificate.as_str(), Some(foreign.as_str()), "key.pem` cannot be used: it is not the key"),
            (&certificate, Some(half), "key.pem` cannot be used: it holds no private key"),
            (&certificate, None, "cert.pem` cannot be used: it holds no private key"),
            (&key, Some(&key), "cert.pem` cannot be used: it holds no certificate"),
            ("0\u{3}x", Some(&key), "PKCS #12"),
        ] {
            let error = read(certificate, key).unwrap_err().to_string();
            assert!(error.contains(said) && error.contains("\nhint: ") && !error.contains(body), "{error}");
        }
        let missing = Identity::read(HostPattern::every(), Path::new("/nowhere/c.pem"), None).unwrap_err();
        assert!(matches!(missing, Error::IdentityFile { .. }));
    }
}
