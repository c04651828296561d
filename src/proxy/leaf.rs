//! Certificates for single hosts, made when they are first asked for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};

use super::error::Error;

/// The TLS settings per host, bounded in number; one key serves them all.
pub(super) struct Leaves {
    issuer: Issuer<'static, KeyPair>,
    authority: CertificateDer<'static>,
    key: KeyPair,
    made: Mutex<Made>,
}

#[derive(Default)]
struct Made {
    configs: HashMap<String, Arc<ServerConfig>>,
    order: VecDeque<String>,
}

impl Leaves {
    pub(super) fn new(
        issuer: Issuer<'static, KeyPair>,
        authority: CertificateDer<'static>,
    ) -> Result<Self, rcgen::Error> {
        Ok(Self { issuer, authority, key: KeyPair::generate()?, made: Mutex::default() })
    }

    pub(super) fn config(&self, host: &str) -> Result<Arc<ServerConfig>, Error> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = made.configs.get(host) {
            return Ok(Arc::clone(config));
        }
        let certificate =
            self.sign(host).map_err(|e| Error::Certificate { host: host.to_owned(), source: Arc::new(e) })?;
        let config = Arc::new(self.serve(certificate).map_err(|e| Error::Tls(Arc::new(e)))?);
        made.keep(host, Arc::clone(&config));
        Ok(config)
    }

    fn sign(&self, host: &str) -> Result<CertificateDer<'static>, rcgen::Error> {
        let mut params = CertificateParams::new(vec![host.to_owned()])?;
        let now = OffsetDateTime::now_utc();
        params.not_before = now - Duration::days(1);
        params.not_after = now + VALIDITY;
        params.serial_number = Some(serial());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.distinguished_name = rcgen::DistinguishedName::new();
        // A common name has at most 64 characters (RFC 5280, A.1); the alternative name alone counts anyway.
        let name: String = host.chars().take(64).collect();
        params.distinguished_name.push(DnType::CommonName, name);
        Ok(params.signed_by(&self.key, &self.issuer)?.der().clone())
    }

    fn serve(&self, certificate: CertificateDer<'static>) -> Result<ServerConfig, rustls::Error> {
        let chain = vec![certificate, self.authority.clone()];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

impl Made {
    fn keep(&mut self, host: &str, config: Arc<ServerConfig>) {
        if self.order.len() >= KEPT_MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.configs.remove(&oldest);
        }
        self.order.push_back(host.to_owned());
        self.configs.insert(host.to_owned(), config);
    }
}

/// A positive random serial number of 16 bytes: Firefox refuses two certificates of one issuer with the same.
pub(super) fn serial() -> SerialNumber {
    let mut bytes: [u8; 16] = rand::random();
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

/// Browsers refuse certificates that are valid for 398 days or more.
const VALIDITY: Duration = Duration::days(365);
const KEPT_MOST: usize = 1000;
