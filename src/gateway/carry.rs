//! The proxy of one browser, which puts on what no browser can have.

use std::{net::SocketAddr, sync::Arc};

use http::{Request, Response};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{error::Error, users::Users, wish::Storage};
use crate::{
    keep::{Followed, Keeper, Living, Roster, Who},
    proxy::{Authority, Body, Client, Exchange, Handler, Next, Server, Tunnel},
    session::Method,
};

/// A running proxy; it ends with this value.
#[derive(Debug)]
pub(super) struct Carry {
    address: SocketAddr,
    _stop: DropGuard,
    _task: JoinSet<()>,
}

/// What it does to requests.
enum Way<R: Roster> {
    /// The browser has the session: only what it lacks is put on.
    Follow(Followed),
    /// The browser has nothing, or a script carries the session: all of it is put on.
    Force(Keeper<R>),
}

impl Carry {
    /// Starts a proxy on loopback for a browser of this session.
    pub(super) async fn start<U: Users>(
        users: &Arc<U>,
        living: &Living<U::Login>,
        storage: Storage,
        client: Client,
    ) -> Result<Self, Error> {
        let is_scripted = living.shared().read(|state| matches!(state.method, Method::Script { .. }));
        let handler = if storage == Storage::Put && !is_scripted {
            Way::Follow(Followed::of(living, client.clone()))
        } else {
            let who = Who { forced: Some(living.name()), ..Who::default() };
            Way::Force(Keeper::new(Arc::clone(users), who, client.clone()))
        };
        Self::serve(handler, client).await.map_err(|reason| Error::Proxy { reason })
    }

    async fn serve<R: Roster>(handler: Way<R>, client: Client) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let server = Server::new(Authority::ephemeral().map_err(|e| e.report())?, client);
        let stop = CancellationToken::new();
        let (stopped, mut task) = (stop.clone().cancelled_owned(), JoinSet::new());
        task.spawn(async move { server.run(listener, Arc::new(handler), stopped).await });
        Ok(Self { address, _stop: stop.drop_guard(), _task: task })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl<R: Roster> Handler for Way<R> {
    async fn connect(&self, tunnel: &Tunnel) -> Option<Response<Body>> {
        match self {
            Self::Follow(handler) => handler.connect(tunnel).await,
            Self::Force(handler) => handler.connect(tunnel).await,
        }
    }

    async fn request(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        match self {
            Self::Follow(handler) => handler.request(exchange, request).await,
            Self::Force(handler) => handler.request(exchange, request).await,
        }
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        match self {
            Self::Follow(handler) => handler.response(exchange, response).await,
            Self::Force(handler) => handler.response(exchange, response).await,
        }
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        match self {
            Self::Follow(handler) => handler.end(exchange, outcome),
            Self::Force(handler) => handler.end(exchange, outcome),
        }
    }
}
