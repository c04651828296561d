//! The proxy's own certificate authority, which signs a certificate for each host that is looked into.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData as _,
};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use tracing::warn;

use super::error::Error;
use super::leaf::{Leaves, serial};

/// A certificate authority; clones share the certificates that they made.
#[derive(Clone)]
pub struct Authority {
    pem: Arc<str>,
    spki: Arc<str>,
    leaves: Arc<Leaves>,
}

impl Authority {
    /// The authority kept in `dir` as `ca.pem` and `ca.key`, made anew when neither is there, or when it has
    /// expired: nobody trusts it any more, and the log says so.
    ///
    /// Fails when a file cannot be read or written, when the two do not belong together, or when the
    /// authority is not valid yet.
    pub fn load_or_create(dir: &Path) -> Result<Self, Error> {
        let files = Files::of(dir);
        if !files.are_both_there()? {
            let _alone = files.lock()?;
            // Another process may have made one while this one waited.
            if files.are_both_missing()? {
                files.write(&Made::new()?)?;
            }
        }
        match files.read()? {
            (_, Age::Expired) => files.renew(),
            (authority, _) => Ok(authority),
        }
    }

    /// An authority that lives in memory only.
    pub fn ephemeral() -> Result<Self, Error> {
        let made = Made::new()?;
        Self::assemble(made.pem, made.der, made.key).map_err(|e| uncertified(&e))
    }

    /// The authority's certificate in PEM, for those who are to trust it.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The base64 SHA-256 of the authority's public key, as Chromium's
    /// `--ignore-certificate-errors-spki-list` takes it.
    #[must_use]
    pub fn spki_sha256_base64(&self) -> &str {
        &self.spki
    }

    /// The TLS settings of a server that is taken for `host`, a name or an IP address without brackets.
    pub(super) fn config(&self, host: &str) -> Result<Arc<ServerConfig>, Error> {
        self.leaves.config(host)
    }

    fn assemble(pem: String, der: CertificateDer<'static>, key: KeyPair) -> Result<Self, rcgen::Error> {
        let spki = STANDARD.encode(Sha256::digest(key.subject_public_key_info()));
        let issuer = Issuer::from_ca_cert_der(&der, key)?;
        Ok(Self { pem: pem.into(), spki: spki.into(), leaves: Arc::new(Leaves::new(issuer, der)?) })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("spki", &self.spki).finish_non_exhaustive()
    }
}

struct Made {
    key: KeyPair,
    der: CertificateDer<'static>,
    pem: String,
}

impl Made {
    fn new() -> Result<Self, Error> {
        Self::sign().map_err(|e| uncertified(&e))
    }

    fn sign() -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        let now = OffsetDateTime::now_utc();
        params.not_before = now - Duration::days(1);
        params.not_after = now + VALIDITY;
        params.serial_number = Some(serial());
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // A name of its own keeps browsers from confusing two authorities of the same name.
        let id: u32 = rand::random();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, format!("handstamp CA {id:08x}"));
        params.distinguished_name.push(DnType::OrganizationName, "handstamp");
        let certificate = params.self_signed(&key)?;
        Ok(Self { der: certificate.der().clone(), pem: certificate.pem(), key })
    }
}

/// Whether clients may still trust an authority.
enum Age {
    Valid,
    Expired,
}

struct Files {
    dir: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), certificate: dir.join("ca.pem"), key: dir.join("ca.key") }
    }

    fn are_both_there(&self) -> Result<bool, Error> {
        Ok(is_there(&self.certificate)? && is_there(&self.key)?)
    }

    fn are_both_missing(&self) -> Result<bool, Error> {
        Ok(!is_there(&self.certificate)? && !is_there(&self.key)?)
    }

    /// Keeps other processes out until the file is dropped.
    fn lock(&self) -> Result<File, Error> {
        fs::create_dir_all(&self.dir).map_err(|e| unusable(&self.dir, e))?;
        let lock = self.dir.join("ca.lock");
        let guard = File::create(&lock).map_err(|e| unusable(&lock, e))?;
        guard.lock().map_err(|e| unusable(&lock, e))?;
        Ok(guard)
    }

    /// Puts a new authority in the place of one that has expired.
    fn renew(&self) -> Result<Authority, Error> {
        let _alone = self.lock()?;
        if let (authority, Age::Valid) = self.read()? {
            return Ok(authority);
        }
        self.write(&Made::new()?)?;
        warn!(
            "the proxy's certificate authority had expired; there is a new one, and clients must trust `{}` from now on",
            self.certificate.display()
        );
        Ok(self.read()?.0)
    }

    fn read(&self) -> Result<(Authority, Age), Error> {
        let key = KeyPair::from_pem(&read_text(&self.key)?)
            .map_err(|e| damaged(&self.key, format!("it holds no private key ({e})")))?;
        let pem = read_text(&self.certificate)?;
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|e| damaged(&self.certificate, format!("it holds no certificate ({e})")))?;
        let public = key.subject_public_key_info();
        if !der.windows(public.len()).any(|part| part == public) {
            return Err(damaged(&self.key, "it is not the key of `ca.pem`".to_owned()));
        }
        let age = self.age(&der)?;
        let authority =
            Authority::assemble(pem, der, key).map_err(|e| damaged(&self.certificate, e.to_string()))?;
        Ok((authority, age))
    }

    fn age(&self, der: &[u8]) -> Result<Age, Error> {
        let (_, certificate) = x509_parser::parse_x509_certificate(der)
            .map_err(|_| damaged(&self.certificate, "it holds no certificate".to_owned()))?;
        let (validity, now) = (certificate.validity(), OffsetDateTime::now_utc().unix_timestamp());
        if validity.not_before.timestamp() > now {
            return Err(Error::AuthorityEarly { path: self.certificate.clone() });
        }
        Ok(if validity.not_after.timestamp() <= now { Age::Expired } else { Age::Valid })
    }

    fn write(&self, made: &Made) -> Result<(), Error> {
        self.put(&self.key, made.key.serialize_pem().as_bytes(), 0o600)?;
        self.put(&self.certificate, made.pem.as_bytes(), 0o644)
    }

    fn put(&self, path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
        let failed = |e| unusable(path, e);
        let mut file = tempfile::NamedTempFile::new_in(&self.dir).map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        set_mode(file.as_file(), mode).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|e| failed(e.error))?;
        Ok(())
    }
}

fn is_there(path: &Path) -> Result<bool, Error> {
    path.try_exists().map_err(|e| unusable(path, e))
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

fn read_text(path: &Path) -> Result<String, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Err(damaged(path, "it is missing".to_owned())),
        Err(e) if e.kind() == io::ErrorKind::InvalidData => Err(damaged(path, "it is not text".to_owned())),
        Err(e) => Err(unusable(path, e)),
    }
}

fn unusable(path: &Path, error: io::Error) -> Error {
    Error::AuthorityFile { path: path.to_owned(), source: Arc::new(error) }
}

fn damaged(path: &Path, reason: String) -> Error {
    Error::AuthorityDamaged { path: path.to_owned(), reason }
}

fn uncertified(error: &rcgen::Error) -> Error {
    Error::Certificate { host: "the authority".to_owned(), source: Arc::new(error.clone()) }
}

const VALIDITY: Duration = Duration::days(3650);
