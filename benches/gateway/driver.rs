//! A driver that answers at once.

use std::convert::Infallible;

use anyhow::Result;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinSet};

/// The driver. It ends when dropped.
#[derive(Debug)]
pub(crate) struct Instant {
    pub(crate) url: String,
    _task: JoinSet<()>,
}

impl Instant {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                connections.spawn(async move {
                    let connection =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
                    let _ = connection.await;
                });
            }
        });
        Ok(Self { url, _task: task })
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = if request.method() == Method::POST {
        r#"{"value":{"sessionId":"one","capabilities":{"browserName":"none"}}}"#
    } else {
        r#"{"value":"about:blank"}"#
    };
    Ok(Response::new(Full::new(Bytes::from_static(body.as_bytes()))))
}
