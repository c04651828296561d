//! A driver that notes the very bytes of commands, answers with bytes of its own, and opens browsers when it is told to.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// What it answers to commands, with headers that nobody else writes like this.
pub(crate) const ANSWER: &str = "HTTP/1.1 200 All Right\r\nX-Odd-CASE: yes\r\ncontent-TYPE: application/json\r\nContent-Length: 29\r\n\r\n{ \"value\" :  {\"z\":1,\"a\":2e0}}";

/// The driver. It ends when dropped.
#[derive(Debug)]
pub(crate) struct RawDriver {
    pub(crate) url: String,
    got: Arc<Mutex<Vec<String>>>,
    heard: watch::Receiver<usize>,
    _tasks: JoinSet<()>,
}

impl RawDriver {
    /// A driver that opens browsers once `gate` says so.
    pub(crate) async fn start(gate: watch::Receiver<bool>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (got, mut tasks) = (Arc::new(Mutex::new(Vec::new())), JoinSet::new());
        let (sender, heard) = watch::channel(0);
        let (all, sender) = (Arc::clone(&got), Arc::new(sender));
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&all), Arc::clone(&sender), gate.clone()));
            }
        });
        Self { url, got, heard, _tasks: tasks }
    }

    /// Waits until a request has come whose text begins like this, and gives it.
    pub(crate) async fn has_got(&mut self, beginning: &str) -> String {
        let found = || self.got.lock().unwrap().iter().find(|text| text.starts_with(beginning)).cloned();
        let waiting = self.heard.wait_for(|_| found().is_some());
        tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await.expect("it comes").unwrap();
        found().unwrap()
    }
}

async fn serve(
    mut stream: TcpStream,
    got: Arc<Mutex<Vec<String>>>,
    heard: Arc<watch::Sender<usize>>,
    mut gate: watch::Receiver<bool>,
) {
    let mut bytes = Vec::new();
    loop {
        let Some(request) = take(&mut bytes) else {
            let mut some = [0; 4096];
            match stream.read(&mut some).await {
                Ok(count @ 1..) => bytes.extend_from_slice(&some[..count]),
                _ => return,
            }
            continue;
        };
        got.lock().unwrap().push(request.clone());
        heard.send_modify(|count| *count += 1);
        let answer = if request.starts_with("POST /session HTTP") {
            gate.wait_for(|is_open| *is_open).await.unwrap();
            let body = r#"{"value":{"sessionId":"raw-1","capabilities":{"browserName":"raw"}}}"#;
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        } else {
            ANSWER.to_owned()
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Takes a whole request out of what has come.
fn take(bytes: &mut Vec<u8>) -> Option<String> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (head, _) = text.split_once("\r\n\r\n")?;
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let end = head.len() + 4 + length.unwrap_or(0);
    (bytes.len() >= end)
        .then(|| String::from_utf8_lossy(&bytes.drain(..end).collect::<Vec<_>>()).into_owned())
}
