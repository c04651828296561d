//! A server that stands for every host of the world: it notes what it gets, and answers as it is told.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) method: String,
    /// The whole URL where the server was used as a proxy, else the path.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Got {
    /// A header, or an empty text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// All of it, to look for secrets in.
    pub(crate) fn text(&self) -> String {
        format!("{} {} {:?} {}", self.method, self.target, pairs(&self.headers), self.body)
    }
}

/// The server. It ends when dropped.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) address: String,
    got: Arc<Mutex<Vec<Got>>>,
    _tasks: JoinSet<()>,
}

impl World {
    /// Opens a server that answers as `answer` says.
    pub(crate) async fn open(answer: impl Fn(&Got) -> Response<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (got, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let mut tasks = JoinSet::new();
        let all = Arc::clone(&got);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (all, answer) = (Arc::clone(&all), Arc::clone(&answer));
                connections.spawn(async move {
                    let service = service_fn(|request| serve(request, &all, &*answer));
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, got, _tasks: tasks }
    }

    /// A server that says yes to everything.
    pub(crate) async fn kind() -> Self {
        Self::open(|_| Response::new("yes".to_owned())).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What has come in since the last call.
    pub(crate) fn take(&self) -> Vec<Got> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }

    /// The one request that has come in since the last call.
    #[track_caller]
    pub(crate) fn one(&self) -> Got {
        let mut all = self.take();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

async fn serve(
    request: Request<Incoming>,
    all: &Mutex<Vec<Got>>,
    answer: &(dyn Fn(&Got) -> Response<String> + Send + Sync),
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = String::from_utf8_lossy(&body.collect().await?.to_bytes()).into_owned();
    let got =
        Got { method: head.method.to_string(), target: head.uri.to_string(), headers: head.headers, body };
    let response = answer(&got);
    all.lock().unwrap().push(got);
    Ok(response.map(|text| Full::new(Bytes::from(text))))
}

/// Sends a request through a proxy and gives the whole answer as text. `lines` are header lines with their ends.
pub(crate) async fn through(proxy: &str, method: &str, url: &str, lines: &str) -> String {
    let host = url.split('/').nth(2).unwrap();
    let mut stream = TcpStream::connect(proxy).await.unwrap();
    let request = format!("{method} {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}
