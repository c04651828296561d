//! How a client reaches servers.

use std::time::Duration;

use super::identity::Identity;
use super::trust::Trust;
use super::upstream::Upstream;

/// How long connecting may take, the name and the TLS handshake included.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// What a [`Client`](super::Client) is made of.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Whom to trust to be the server that a URL names.
    pub trust: Trust,
    /// How long connecting may take, the name, the upstream proxy and the TLS handshake included.
    pub connect_limit: Duration,
    /// The proxy that everything goes through.
    pub upstream: Option<Upstream>,
    /// Client certificates; the first one that is meant for a host is shown to it.
    pub identities: Vec<Identity>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self { trust: Trust::default(), connect_limit: CONNECT_LIMIT, upstream: None, identities: Vec::new() }
    }
}
