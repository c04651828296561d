//! Finds out what a request is about.

use std::{net::IpAddr, sync::Arc};

use http::{
    Method, Request, Response,
    header::{ORIGIN, UPGRADE},
    uri::PathAndQuery,
};
use hyper::body::Incoming;
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    answer::{self, failure, no_session},
    bare,
    error::Error,
    forward::{cleaned, send, strip},
    front::{Front, socket_base},
    house::House,
    opening::Opening,
    order::Order,
    relay::Command,
    users::Users,
};
use crate::proxy::{Body, below, boxed, read};

/// Answers a request that came from a machine.
pub(super) async fn answer<U: Users>(
    house: Arc<House<U>>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Response<Body> {
    if let Some(objection) = house.settings.guard.objection(peer, request.uri(), request.headers()) {
        tracing::warn!(%peer, host = ?request.headers().get("host"), origin = ?request.headers().get(ORIGIN), "a request was refused");
        return failure(403, "unknown error", &objection);
    }
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let front = Front::of(house.settings.below_base(path));
    if let Some((id, rest)) = front.session() {
        return match house.seat(id) {
            Some(seat) => {
                let (path, below) = (front.path.clone(), rest.to_owned());
                Command { house, seat, path, below }.run(request).await
            }
            None => no_session("there is no such session, or it has ended"),
        };
    }
    match (request.method(), front.path.as_str()) {
        (&Method::GET, "/session") if request.headers().contains_key(UPGRADE) => {
            bare::run(&house, front.wish, request)
        }
        (&Method::POST, "/session") => new_session(house, front, request).await,
        (&Method::GET, "/status") if house.upstream().is_none() => status(&house),
        _ => elsewhere(&house, &front, request).await,
    }
}

async fn new_session<U: Users>(
    house: Arc<House<U>>,
    front: Front,
    request: Request<Incoming>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = read(boxed(body), BODY_LIMIT).await else {
        let reason = format!("the body is longer than {BODY_LIMIT} bytes, or broke off");
        return answer::refusal(&Error::Invalid { reason });
    };
    let order = match Order::read(&body, &front.wish, &house.settings.behind) {
        Ok(order) => order,
        Err(error) => return answer::refusal(&error),
    };
    let sockets = socket_base(&head.headers, &front.prefix);
    let (sender, receiver) = oneshot::channel();
    let tasks = house.tasks.clone();
    // What was begun has to be brought to an end even when the client goes away.
    tasks.spawn(Opening { head, order, sockets }.run(house, sender));
    receiver.await.unwrap_or_else(|_| answer::refusal(&Error::Stopping))
}

fn status<U: Users>(house: &House<U>) -> Response<Body> {
    let free = house.turns.available_permits();
    let is_ready = free > 0 && !house.stop.is_cancelled();
    let message =
        if is_ready { "handstamp gateway is ready" } else { "all browsers are in use: new ones wait" };
    answer::value(
        &json!({ "ready": is_ready, "message": message, "free": free, "most": house.settings.max_sessions }),
    )
}

/// What is no matter of a session: a grid may know it.
async fn elsewhere<U: Users>(house: &House<U>, front: &Front, request: Request<Incoming>) -> Response<Body> {
    let Some(uri) = house.upstream().and_then(|base| below(base, &front.path)) else {
        return failure(404, "unknown command", "the gateway knows no such command");
    };
    let (head, body) = request.into_parts();
    let mut head = cleaned(head);
    head.uri = uri;
    match send(&house.client, Request::from_parts(head, boxed(body))).await {
        Ok(mut response) => {
            strip(response.headers_mut());
            response
        }
        Err(reason) => failure(500, "unknown error", &Error::Unreachable { reason }.to_string()),
    }
}

/// Extensions and profiles come with the command.
const BODY_LIMIT: usize = 256 * 1024 * 1024;
