//! The proxy's handler for browsers that the session was put into: it follows them, and overwrites nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use http::{HeaderMap, Request, Response};

use super::{living::Living, login::Login, rotation::Rotation};
use crate::{
    inject::{Mode, Stamp},
    proxy::{Body, Client, Exchange, Handler, Next},
    session::Shared,
    site::Scope,
};

/// Takes into the session what the application renews in a browser, and lets browsers share tokens that are good once.
#[derive(Debug)]
pub struct Followed {
    stamp: Stamp,
    scope: Scope,
    rotation: Rotation,
    open: Mutex<HashMap<u64, HeaderMap>>,
}

impl Followed {
    /// Follows browsers that have this session.
    #[must_use]
    pub fn new(shared: &Shared, scope: Scope, client: Client) -> Self {
        Self {
            stamp: Stamp::new(shared.clone(), scope.clone(), Mode::Follow),
            scope,
            rotation: Rotation::new(shared.clone(), client),
            open: Mutex::default(),
        }
    }

    /// Follows browsers that have a session which others keep alive, with its credentials where it needs some.
    #[must_use]
    pub fn of<L: Login>(living: &Living<L>, client: Client) -> Self {
        let stamp = (*living.stamp(Mode::Follow)).clone();
        Self { stamp, ..Self::new(living.shared(), living.scope(), client) }
    }
}

impl Handler for Followed {
    async fn request(&self, exchange: &Exchange, mut request: Request<Body>) -> Next {
        if !self.scope.contains(&exchange.url) {
            return Next::Forward(request);
        }
        self.stamp.put_on(&exchange.method, &exchange.url, request.headers_mut());
        let headers = request.headers().clone();
        let next = self.rotation.pass(exchange, request).await;
        match &next {
            Next::Forward(_) => {
                self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(exchange.id, headers);
            }
            Next::Answer(response) => {
                self.stamp.learn(&exchange.url, response.headers());
            }
        }
        next
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        let headers = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&exchange.id);
        if let Some(headers) = headers {
            self.stamp.note_use(&exchange.url, &headers, response.status());
            self.stamp.learn(&exchange.url, response.headers());
            self.rotation.learn(exchange, &headers, response.status());
        }
        response
    }

    fn end(&self, exchange: &Exchange, _outcome: Result<(), String>) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&exchange.id);
    }
}
