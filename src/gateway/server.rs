//! Accepts clients until it is told to stop, and ends all browsers then.

use std::{convert::Infallible, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use futures_util::future::join_all;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{event::Reason, house::House, route, settings::Settings, users::Users};
use crate::proxy::{Client, is_far};

/// A WebDriver endpoint whose browsers are logged in.
#[derive(Debug)]
pub struct Gateway<U> {
    users: Arc<U>,
    settings: Settings,
    client: Client,
}

impl<U: Users> Gateway<U> {
    /// A gateway for these users, which speaks to drivers through this client.
    #[must_use]
    pub fn new(users: Arc<U>, settings: Settings, client: Client) -> Self {
        Self { users, settings, client }
    }

    /// Serves whoever connects until `shutdown` is ready; all browsers have ended when this returns.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        self.run_all(vec![listener], shutdown).await;
    }

    /// The same at several addresses, for example at both that `localhost` has.
    pub async fn run_all(self, listeners: Vec<TcpListener>, shutdown: impl Future<Output = ()>) {
        let is_open = listeners.iter().any(is_far);
        let house = Arc::new(House::new(self.users, self.settings, self.client, is_open));
        let kill = CancellationToken::new();
        let _kill = kill.clone().drop_guard();
        tokio::select! {
            _ = join_all(listeners.iter().map(|listener| accept(&house, listener, &kill))) => {}
            () = shutdown => {}
        }
        drop(listeners);
        house.stop.cancel();
        house.end_all(Reason::Stopped).await;
        house.tasks.close();
        if timeout(STOP_LIMIT, house.tasks.wait()).await.is_err() {
            debug!(tasks = house.tasks.len(), "dropping what did not end in time");
            kill.cancel();
            let _ = timeout(PAUSE, house.tasks.wait()).await;
        }
    }
}

async fn accept<U: Users>(house: &Arc<House<U>>, listener: &TcpListener, kill: &CancellationToken) {
    loop {
        match listener.accept().await {
            Ok((tcp, peer)) => {
                // Without it small answers are only slower.
                let _ = tcp.set_nodelay(true);
                let (house, kill) = (Arc::clone(house), kill.clone());
                house.tasks.clone().spawn(async move {
                    kill.run_until_cancelled(serve(house, tcp, peer.ip())).await;
                });
            }
            Err(error) => {
                warn!(%error, "cannot accept a connection, trying again in a moment");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn serve<U: Users>(house: Arc<House<U>>, tcp: TcpStream, peer: IpAddr) {
    let stop = house.stop.clone();
    let service = service_fn(move |request| {
        let house = Arc::clone(&house);
        async move { Ok::<_, Infallible>(route::answer(house, peer, request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.preserve_header_case(true).auto_date_header(false).max_headers(HEADERS_MOST);
    let connection = builder.serve_connection(TokioIo::new(tcp), service).with_upgrades();
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        debug!(%error, "the connection of a client ended badly");
    }
}

const PAUSE: Duration = Duration::from_millis(100);
const STOP_LIMIT: Duration = Duration::from_secs(5);
const HEADERS_MOST: usize = 256;
