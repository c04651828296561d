//! Relays the bytes of a socket between a client and a driver.

use http::{
    Request, Response, StatusCode,
    header::{CONNECTION, HeaderValue, UPGRADE},
};
use hyper::{body::Incoming, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tracing::debug;

use super::{
    answer::failure,
    forward::{cleaned, send},
    relay::Command,
    users::Users,
};
use crate::proxy::{Body, below, empty};

/// Opens the driver's socket, and lets the client have it.
pub(super) async fn run<U: Users>(command: &Command<U>, mut request: Request<Incoming>) -> Response<Body> {
    let client = hyper::upgrade::on(&mut request);
    let seat = &command.seat;
    let behind = seat.sockets.behind(&command.below).and_then(|url| url.as_str().parse().ok());
    let Some(uri) = behind.or_else(|| below(&seat.base, &command.path)) else {
        return failure(404, "unknown command", "there is no such socket");
    };
    let (head, _) = request.into_parts();
    let mut head = cleaned(head);
    head.uri = uri;
    let mut response = match send(&command.house.client, Request::from_parts(head, empty())).await {
        Ok(response) => response,
        Err(reason) => {
            return failure(500, "unknown error", &format!("the socket did not open: {reason}"));
        }
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return response;
    }
    let driver = hyper::upgrade::on(&mut response);
    let (busy, over) = (seat.activity.begin(), seat.over.clone());
    command.house.tasks.spawn(async move {
        let _busy = busy;
        over.run_until_cancelled(pass(client, driver)).await;
    });
    let (mut head, _) = response.into_parts();
    head.headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    head.headers.entry(UPGRADE).or_insert(HeaderValue::from_static("websocket"));
    Response::from_parts(head, empty())
}

async fn pass(client: OnUpgrade, driver: OnUpgrade) {
    let (client, driver) = match tokio::try_join!(client, driver) {
        Ok(both) => both,
        Err(error) => {
            debug!(%error, "a socket did not change over");
            return;
        }
    };
    if let Err(error) = copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(driver)).await {
        debug!(%error, "a socket broke off");
    }
}
