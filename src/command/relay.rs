//! A proxy that passes everything through, for browsers that must trust an authority that they do not know.

use std::{net::Ipv4Addr, sync::Arc};

use anyhow::{Context as _, Result};

use crate::proxy::{Authority, Client, PassThrough, Server, Serving};

/// Starts a relay on loopback.
pub(super) async fn relay(client: Client) -> Result<Serving> {
    let server = Server::new(Authority::ephemeral()?, client);
    let serving = server.start(Ipv4Addr::LOCALHOST.into(), Arc::new(PassThrough)).await;
    serving.context("cannot open a port for the relay")
}
