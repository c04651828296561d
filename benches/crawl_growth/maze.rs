//! The application that is crawled: one page that makes as many views as it is asked for.

use std::convert::Infallible;

use anyhow::Result;
use handstamp::proxy::{Body, full};
use http::{Request, Response, header::CONTENT_TYPE};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinSet};
use url::Url;

/// A running application; it ends with this value.
#[derive(Debug)]
pub(crate) struct Maze {
    pub(crate) url: Url,
    _tasks: JoinSet<()>,
}

impl Maze {
    pub(crate) async fn open(views: usize) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = Url::parse(&format!("http://{}/?views={views}", listener.local_addr()?))?;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener));
        Ok(Self { url, _tasks: tasks })
    }
}

async fn accept(listener: TcpListener) {
    let mut connections = JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        let _ = tcp.set_nodelay(true);
        connections.spawn(async move {
            let service = service_fn(|request| async move { Ok::<_, Infallible>(answer(&request)) });
            // Browsers end by hanging up.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(tcp), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

fn answer(request: &Request<Incoming>) -> Response<Body> {
    let (kind, body) = match request.uri().path() {
        "/" => ("text/html", include_str!("maze.html")),
        path if path.starts_with("/api/") => ("application/json", r#"{"loaded":true}"#),
        _ => ("text/plain", ""),
    };
    let mut response = Response::new(full(body));
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}
