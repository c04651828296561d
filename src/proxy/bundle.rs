//! A bundle of certificates for clients that take theirs from one file.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::authority::Authority;

impl Authority {
    /// The certificates that the system trusts, and the authority's own at the end, in PEM.
    ///
    /// What of the system's cannot be read is left out: through the proxy, the authority's own is all that clients see.
    #[must_use]
    pub fn bundle(&self) -> String {
        let system = rustls_native_certs::load_native_certs().certs;
        let texts = system.iter().map(|certificate| pem(certificate));
        texts.collect::<String>() + self.pem()
    }
}

/// See 2 General Considerations of RFC 7468.
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    lines + "-----END CERTIFICATE-----\n"
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};

    use super::*;

    #[test]
    fn the_bundle_can_be_read_and_ends_with_the_authority() {
        let authority = Authority::ephemeral().unwrap();
        let bundle = authority.bundle();
        let all: Vec<_> = CertificateDer::pem_slice_iter(bundle.as_bytes()).map(Result::unwrap).collect();
        let own = CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap();
        assert_eq!(all.last(), Some(&own));
        let system = rustls_native_certs::load_native_certs().certs;
        assert_eq!(all[..all.len() - 1], system);
    }
}
