//! Encrypts the sessions of a store at rest.

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
};

use super::{Error, Secret};

/// A key that sessions are encrypted with: ChaCha20-Poly1305 (RFC 8439), derived by HKDF-SHA256 (RFC 5869) from the
/// user's key and the store's salt. Each session is bound to its name.
#[derive(Clone)]
pub(super) struct Vault(Arc<LessSafeKey>);

impl Vault {
    /// Derives the key. Fails on a key that is too short to be random.
    pub(super) fn new(key: &Secret, salt: &[u8]) -> Result<Self, Error> {
        if key.expose().len() < SHORTEST {
            return Err(Error::WeakKey { shortest: SHORTEST });
        }
        let derived = Salt::new(HKDF_SHA256, salt).extract(key.expose().as_bytes());
        let unbound = derived.expand(&[b"handstamp session store"], &CHACHA20_POLY1305).map(UnboundKey::from);
        Ok(Self(Arc::new(LessSafeKey::new(unbound.map_err(|_| Error::Locked)?))))
    }

    /// Encrypts a text that stands under `name`.
    pub(super) fn seal(&self, name: &str, text: &str) -> Result<String, Error> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut bytes = text.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name), &mut bytes)
            .map_err(|_| Error::Locked)?;
        Ok(format!("{MARK}{}", BASE64.encode([&nonce[..], &bytes].concat())))
    }

    /// Decrypts what was encrypted under `name`. Fails with another key, and on anything that was changed or moved.
    pub(super) fn open(&self, name: &str, sealed: &str) -> Result<String, Error> {
        let bytes =
            sealed.strip_prefix(MARK).and_then(|text| BASE64.decode(text).ok()).ok_or(Error::Locked)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or(Error::Locked)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::Locked)?;
        let mut sealed = sealed.to_vec();
        let plain = self.0.open_in_place(nonce, Aad::from(name), &mut sealed).map_err(|_| Error::Locked)?;
        String::from_utf8(plain.to_vec()).map_err(|_| Error::Locked)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(***)")
    }
}

/// Whether a stored text is encrypted; JSON never begins so.
pub(super) fn is_sealed(text: &str) -> bool {
    text.starts_with(MARK)
}

const MARK: &str = "sealed:1:";
/// Keys have to be random: shorter ones could be guessed.
const SHORTEST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(key: &str) -> Vault {
        Vault::new(&Secret::from(key), b"salt").unwrap()
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_name_only() {
        let (own, other) = (vault(&"k".repeat(32)), vault(&"x".repeat(32)));
        let sealed = own.seal("shop/jim", "planted").unwrap();
        assert!(is_sealed(&sealed) && !sealed.contains("planted"));
        assert_eq!(own.open("shop/jim", &sealed).unwrap(), "planted");
        for wrong in [
            other.open("shop/jim", &sealed),
            own.open("shop/ann", &sealed),
            own.open("shop/jim", "sealed:1:x"),
        ] {
            assert!(matches!(wrong, Err(Error::Locked)));
        }
        assert_ne!(sealed, own.seal("shop/jim", "planted").unwrap());
    }

    #[test]
    fn a_short_key_is_refused() {
        assert!(matches!(Vault::new(&Secret::from("password"), b"salt"), Err(Error::WeakKey { .. })));
    }
}
