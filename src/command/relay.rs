//! A proxy that passes everything through, for browsers that must trust an authority that they do not know.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context as _, Result};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::proxy::{Authority, Client, PassThrough, Server};

/// A running relay; it ends with this value.
#[derive(Debug)]
pub(super) struct Relay {
    address: SocketAddr,
    _stop: DropGuard,
    _task: JoinSet<()>,
}

impl Relay {
    pub(super) async fn start(client: Client) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot open a port for the relay")?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let server = Server::new(Authority::ephemeral()?, client);
        let mut task = JoinSet::new();
        let stopped = stop.clone().cancelled_owned();
        task.spawn(async move { server.run(listener, Arc::new(PassThrough), stopped).await });
        Ok(Self { address, _stop: stop.drop_guard(), _task: task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}
