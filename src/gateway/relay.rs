//! Passes a command on to the driver, and the answer back, byte for byte.

use std::sync::Arc;

use http::{Method, Request, Response, StatusCode, header::UPGRADE};
use hyper::body::Incoming;
use serde_json::Value;
use tracing::debug;

use super::{
    answer::{INVALID_SESSION, failure, no_session},
    event::Reason,
    forward::{cleaned, send, strip},
    house::House,
    seat::Seat,
    upgrade,
    users::Users,
};
use crate::proxy::{Body, below, boxed, full, read};

/// A command to one browser.
#[derive(Debug)]
pub(super) struct Command<U> {
    pub(super) house: Arc<House<U>>,
    pub(super) seat: Arc<Seat>,
    /// The path as the driver knows it, query included.
    pub(super) path: String,
    /// What stands behind the session in it.
    pub(super) below: String,
}

impl<U: Users> Command<U> {
    /// Answers it.
    pub(super) async fn run(self, request: Request<Incoming>) -> Response<Body> {
        if request.headers().contains_key(UPGRADE) {
            return upgrade::run(&self, request).await;
        }
        if request.method() != Method::DELETE || !matches!(self.below.as_str(), "" | "/") {
            return self.pass(request).await;
        }
        // The session ends, whatever the driver says and whether or not the client waits for it.
        let (tasks, house, id) = (self.house.tasks.clone(), Arc::clone(&self.house), self.seat.id.clone());
        let (sender, receiver) = tokio::sync::oneshot::channel();
        tasks.spawn(async move {
            let response = self.pass(request).await;
            let is_deleted = response.status().is_success() || response.status() == StatusCode::NOT_FOUND;
            let _ = sender.send(response);
            house.end(&id, if is_deleted { Reason::Deleted } else { Reason::Died }).await;
        });
        receiver.await.unwrap_or_else(|_| no_session(OVER))
    }

    async fn pass(&self, request: Request<Incoming>) -> Response<Body> {
        let _busy = self.seat.activity.begin();
        let (head, body) = request.into_parts();
        let mut head = cleaned(head);
        let method = head.method.clone();
        let Some(uri) = below(&self.seat.base, &self.path) else {
            return failure(404, "unknown command", "the path is none of the WebDriver standard");
        };
        head.uri = uri;
        match send(&self.house.client, Request::from_parts(head, boxed(body))).await {
            Ok(mut response) => {
                strip(response.headers_mut());
                self.watched(&method, response).await
            }
            Err(reason) => self.lost(&reason).await,
        }
    }

    /// Looks for what ends the session: its last window was closed, or the driver knows it no more.
    async fn watched(&self, method: &Method, response: Response<Body>) -> Response<Body> {
        let closes = *method == Method::DELETE && self.below == "/window";
        if !closes && response.status() != StatusCode::NOT_FOUND {
            return response;
        }
        let (head, body) = response.into_parts();
        let Ok(bytes) = read(body, LOOK_LIMIT).await else { return self.lost("the answer broke off").await };
        let value = serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
        let reason = match &value["value"] {
            Value::Array(left) if closes && left.is_empty() => Some(Reason::Deleted),
            told if told["error"] == INVALID_SESSION => Some(Reason::Died),
            _ => None,
        };
        if let Some(reason) = reason {
            self.end(reason);
        }
        Response::from_parts(head, full(bytes))
    }

    /// Tells the client that there was no answer. A driver of our own that takes no connection any more is dead.
    async fn lost(&self, reason: &str) -> Response<Body> {
        debug!(id = self.seat.id, reason, "a command was not answered");
        if self.seat.over.is_cancelled() {
            return no_session(OVER);
        }
        if self.seat.is_own && !self.seat.is_listening().await {
            self.end(Reason::Died);
            return no_session(DIED);
        }
        failure(500, "unknown error", &format!("the driver did not answer: {reason}"))
    }

    fn end(&self, reason: Reason) {
        let (house, id) = (Arc::clone(&self.house), self.seat.id.clone());
        self.house.tasks.spawn(async move { house.end(&id, reason).await });
    }
}

const OVER: &str = "the session has ended";
const DIED: &str = "the driver of this session has died, and the session with it\nhint: open a new session";
/// Errors of drivers are short, pictures come with another status.
const LOOK_LIMIT: usize = 16 * 1024 * 1024;
