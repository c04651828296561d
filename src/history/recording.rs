//! A handler that records what passes another one.

use http::{Request, Response};

use super::{carried::Carried, record::History};
use crate::proxy::{Body, Exchange, Handler, Next, Tunnel};

/// Records exchanges as the inner handler sends them on, and the answers as it hands them out.
#[derive(Debug)]
pub struct Recording<H> {
    inner: H,
    history: Option<History>,
}

impl<H: Handler> Recording<H> {
    /// Records what passes `inner`, which tells by [`Carried`] in a request's extensions which session it
    /// put on; without a history it does nothing.
    #[must_use]
    pub fn new(inner: H, history: Option<History>) -> Self {
        Self { inner, history }
    }
}

impl<H: Handler> Handler for Recording<H> {
    async fn connect(&self, tunnel: &Tunnel) -> Option<Response<Body>> {
        self.inner.connect(tunnel).await
    }

    fn intercept(&self, host: &str, port: u16) -> bool {
        self.inner.intercept(host, port)
    }

    async fn request(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        let Some(history) = &self.history else { return self.inner.request(exchange, request).await };
        let came = request.headers().clone();
        match self.inner.request(exchange, request).await {
            Next::Forward(request) => {
                let carried = request.extensions().get::<Carried>().map(|carried| carried.0.clone());
                Next::Forward(history.begin(exchange, request, carried))
            }
            Next::Answer(response) => {
                let mut request = Request::new(crate::proxy::empty());
                *request.headers_mut() = came;
                drop(history.begin(exchange, request, None));
                Next::Answer(history.answered(exchange, response))
            }
        }
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        let response = self.inner.response(exchange, response).await;
        match &self.history {
            Some(history) => history.answered(exchange, response),
            None => response,
        }
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        if let Some(history) = &self.history {
            history.end(exchange, &outcome);
        }
        self.inner.end(exchange, outcome);
    }
}
