//! JSON web tokens, signed with HMAC-SHA256. See RFC 7519 and RFC 2104.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::user::User;

/// Issues, checks and revokes tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    key: [u8; BLOCK],
    lifetime: i64,
    issued: u64,
    revoked: HashSet<String>,
}

impl Tokens {
    /// A mint with a key of its own, so that no token outlives the process. `lifetime` is in seconds.
    pub(crate) fn new(lifetime: i64) -> Self {
        let (left, right) = (rand::random::<[u8; 32]>(), rand::random::<[u8; 32]>());
        let mut key = [0; BLOCK];
        key[..32].copy_from_slice(&left);
        key[32..].copy_from_slice(&right);
        Self { key, lifetime, issued: 0, revoked: HashSet::new() }
    }

    /// A new token for `user`; no two are alike.
    pub(crate) fn issue(&mut self, user: &User) -> String {
        self.issued += 1;
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let payload = json!({
            "data": {"id": user.id, "email": user.email, "role": user.role.name()},
            "jti": self.issued.to_string(),
            "iat": now,
            "exp": now + self.lifetime,
        });
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS256"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(payload.to_string()));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// The id of the user that `token` belongs to, if it is genuine, in time and not revoked.
    pub(crate) fn user_id(&self, token: &str) -> Option<u64> {
        if self.revoked.contains(token) {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        if URL_SAFE_NO_PAD.decode(signature).ok()?[..] != self.sign(signed.as_bytes())[..] {
            return None;
        }
        let payload = URL_SAFE_NO_PAD.decode(signed.split_once('.')?.1).ok()?;
        let payload: Value = serde_json::from_slice(&payload).ok()?;
        let in_time = OffsetDateTime::now_utc().unix_timestamp() < payload["exp"].as_i64()?;
        payload["data"]["id"].as_u64().filter(|_| in_time)
    }

    /// Makes `token` worthless from now on.
    pub(crate) fn revoke(&mut self, token: &str) {
        self.revoked.insert(token.to_owned());
    }

    fn sign(&self, message: &[u8]) -> [u8; 32] {
        let inner =
            Sha256::new().chain_update(self.key.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
        Sha256::new().chain_update(self.key.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
    }
}

/// The block size of SHA-256 in bytes.
const BLOCK: usize = 64;
