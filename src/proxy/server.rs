//! Accepts connections until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tracing::{Instrument as _, debug, debug_span, warn};

use super::authority::Authority;
use super::client::Client;
use super::handler::Handler;
use super::line::{Core, Inside, Line};
use super::serve::serve;

/// How long exchanges under way may take to end once the server is told to stop.
pub const STOP_LIMIT: Duration = Duration::from_secs(2);

/// An intercepting proxy.
#[derive(Debug)]
pub struct Server {
    authority: Authority,
    client: Client,
    role: Role,
}

/// What clients take a server for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A proxy: requests name their servers.
    Proxy,
    /// The server itself.
    Origin,
}

impl Server {
    /// A proxy that signs with this authority and reaches servers through this client.
    #[must_use]
    pub fn new(authority: Authority, client: Client) -> Self {
        Self { authority, client, role: Role::Proxy }
    }

    /// Takes requests that are meant for itself, and no others; the handler answers them or says where they go.
    #[must_use]
    pub fn as_origin(self) -> Self {
        Self { role: Role::Origin, ..self }
    }

    /// Serves whoever connects until `shutdown` is ready, then lets exchanges under way end within
    /// [`STOP_LIMIT`] and drops the rest.
    ///
    /// When the returned future is dropped, all connections are.
    pub async fn run<H: Handler>(
        self,
        listener: TcpListener,
        handler: Arc<H>,
        shutdown: impl Future<Output = ()>,
    ) {
        let own = listener.local_addr();
        match &own {
            Ok(own) => self.client.dialer.avoid(*own),
            Err(error) => {
                warn!(%error, "the proxy's own address is unknown, requests to itself are not refused");
            }
        }
        let meant = own.ok().filter(|_| self.role == Role::Origin);
        let core = Arc::new(Core::new(handler, self.client, self.authority));
        let crew = core.crew.clone();
        let _kill = crew.kill.clone().drop_guard();
        tokio::select! {
            () = accept(&core, &listener, meant) => {}
            () = shutdown => {}
        }
        drop(listener);
        crew.stop.cancel();
        crew.tasks.close();
        if timeout(STOP_LIMIT, crew.tasks.wait()).await.is_err() {
            debug!(connections = crew.tasks.len(), "dropping connections that did not end in time");
            crew.kill.cancel();
            crew.tasks.wait().await;
        }
    }
}

/// `meant` is the address that requests are for, where they do not name one themselves.
async fn accept<H: Handler>(core: &Arc<Core<H>>, listener: &TcpListener, meant: Option<SocketAddr>) {
    loop {
        match listener.accept().await {
            Ok((tcp, client)) => {
                // Without it small writes are only slower.
                let _ = tcp.set_nodelay(true);
                let line = Line { client, tunnel: meant.map(|own| Inside::of(own, client)) };
                let span = debug_span!("connection", %client);
                core.crew.spawn(serve(Arc::clone(core), line, tcp).instrument(span));
            }
            Err(error) if is_of_one_connection(&error) => {
                debug!(%error, "a connection went away before it was accepted");
            }
            Err(error) => {
                warn!(%error, "cannot accept connections, trying again in a moment");
                sleep(PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

const PAUSE: Duration = Duration::from_millis(100);
