//! A proxy in the background.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::handler::Handler;
use super::server::Server;

/// A proxy that runs in the background; it ends with this value.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    stop: DropGuard,
    task: JoinSet<()>,
}

impl Serving {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it as [`Server::run`] does: exchanges under way may end first.
    pub async fn end(mut self) {
        self.stop.disarm().cancel();
        while self.task.join_next().await.is_some() {}
    }
}

impl Server {
    /// Serves whoever connects at a free port of this address, in the background.
    ///
    /// # Errors
    /// When no port is left, or the address is not of this machine.
    pub async fn start<H: Handler>(self, ip: IpAddr, handler: Arc<H>) -> io::Result<Serving> {
        self.start_at(TcpListener::bind((ip, 0)).await?, handler)
    }

    /// The same with a listener, for handlers that have to know its address.
    ///
    /// # Errors
    /// When the listener has none.
    pub fn start_at<H: Handler>(self, listener: TcpListener, handler: Arc<H>) -> io::Result<Serving> {
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let (stopped, mut task) = (stop.clone().cancelled_owned(), JoinSet::new());
        task.spawn(async move { self.run(listener, handler, stopped).await });
        Ok(Serving { address, stop: stop.drop_guard(), task })
    }
}
