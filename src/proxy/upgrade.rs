//! Relays the bytes of a connection that has left HTTP, such as a WebSocket.

use std::io;

use hyper::header::{HeaderValue, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tracing::Instrument as _;

use super::body::{Body, empty};
use super::ending::Ending;
use super::handler::Handler;
use super::headers::put_upgrade;
use super::line::Crew;

/// The server's side of an upgrade that it has granted.
pub(super) struct Server {
    connection: OnUpgrade,
    protocol: HeaderValue,
}

impl Server {
    /// Takes the connection out of the server's 101, whose headers must still be whole.
    pub(super) fn of(response: &mut Response<Body>) -> Self {
        let protocol = response.headers().get(UPGRADE).cloned();
        Self {
            connection: hyper::upgrade::on(response),
            protocol: protocol.unwrap_or(HeaderValue::from_static("websocket")),
        }
    }
}

/// Grants the upgrade with the server's own answer, and relays bytes once both sides have changed over.
pub(super) fn accept<H: Handler>(
    crew: &Crew,
    client: OnUpgrade,
    server: Server,
    response: Response<Body>,
    ending: Ending<H>,
) -> Response<Body> {
    let (mut head, _) = response.into_parts();
    put_upgrade(&mut head.headers, server.protocol);
    debug_assert_eq!(head.status, StatusCode::SWITCHING_PROTOCOLS);
    let relaying = async move {
        let outcome = relay(client, server.connection).await;
        ending.finish(outcome.map_err(|e| format!("the upgraded connection broke off: {e}")));
    };
    crew.spawn(relaying.in_current_span());
    Response::from_parts(head, empty())
}

async fn relay(client: OnUpgrade, server: OnUpgrade) -> io::Result<()> {
    let (client, server) = tokio::try_join!(client, server).map_err(io::Error::other)?;
    match copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(server)).await {
        // Many peers close TLS without saying so; what they had to say has been said.
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(()),
    }
}
