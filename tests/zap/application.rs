//! An application without browsers' work whose sessions end soon.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinSet,
};

/// A server whose sessions end soon: each login gets another.
pub(crate) struct Application {
    pub(crate) url: String,
    _tasks: JoinSet<()>,
}

impl Application {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut logins = 0;
            while let Ok((mut tcp, _)) = listener.accept().await {
                let mut request = vec![0; 8192];
                let length = tcp.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let (status, more, body) = if request.starts_with("POST /login") {
                    logins += 1;
                    (
                        "200 OK",
                        format!("Set-Cookie: sid=planted-{logins}; Path=/; HttpOnly; Max-Age=8\r\n"),
                        "in",
                    )
                } else if request.contains("sid=planted-") {
                    ("200 OK", String::new(), "hello")
                } else {
                    ("401 Unauthorized", String::new(), "who?")
                };
                let head =
                    format!("HTTP/1.1 {status}\r\n{more}Content-Length: {}\r\nConnection: close", body.len());
                tcp.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.unwrap();
            }
        });
        Self { url, _tasks: tasks }
    }
}
