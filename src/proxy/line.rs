//! What all connections of a server share, and what is known of a single one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, Span};

use super::authority::Authority;
use super::client::Client;
use super::exchange::Tunnel;

/// What all connections of a running server share.
pub(super) struct Core<H> {
    pub(super) handler: Arc<H>,
    pub(super) client: Client,
    pub(super) authority: Authority,
    pub(super) crew: Crew,
    ids: AtomicU64,
}

impl<H> Core<H> {
    pub(super) fn new(handler: Arc<H>, client: Client, authority: Authority) -> Self {
        Self { handler, client, authority, crew: Crew::default(), ids: AtomicU64::new(1) }
    }

    /// The number of the next exchange.
    pub(super) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }
}

/// The tasks of a server: each ends by itself, or is dropped when `kill` is called.
#[derive(Clone, Default)]
pub(super) struct Crew {
    pub(super) tasks: TaskTracker,
    /// Asks for an end: nothing new is begun.
    pub(super) stop: CancellationToken,
    /// Drops what is still under way.
    pub(super) kill: CancellationToken,
}

impl Crew {
    pub(super) fn spawn(&self, work: impl Future<Output: Send> + Send + 'static) {
        let kill = self.kill.clone();
        let task = async move {
            let _ = kill.run_until_cancelled(work).await;
        };
        self.tasks.spawn(task.instrument(Span::current()));
    }
}

impl<F> hyper::rt::Executor<F> for Crew
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.spawn(future);
    }
}

/// One connection from a client, or what was found inside a tunnel of it.
pub(super) struct Line {
    /// The address of the client's end.
    pub(super) client: SocketAddr,
    /// The tunnel, when the requests come through one.
    pub(super) tunnel: Option<Inside>,
}

/// A tunnel that is looked into.
pub(super) struct Inside {
    /// What the CONNECT asked for.
    pub(super) tunnel: Tunnel,
    /// Whether TLS was spoken in it.
    pub(super) secure: bool,
}

impl Inside {
    /// What comes in at an address of this machine, and is meant for that.
    pub(super) fn of(own: SocketAddr, client: SocketAddr) -> Self {
        let tunnel = Tunnel { host: own.ip().to_string(), port: own.port(), client, credentials: None };
        Self { tunnel, secure: false }
    }
}
