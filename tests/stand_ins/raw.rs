//! A request whose every part can be told: from which address it comes, which host and origin it names.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpSocket,
};

/// A request for the status of a driver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) from: [u8; 4],
    pub(crate) to: [u8; 4],
    pub(crate) port: u16,
    pub(crate) host: Option<&'a str>,
    pub(crate) origin: Option<&'a str>,
}

impl Asked<'_> {
    /// One that comes from this machine and names nobody.
    pub(crate) fn at(port: u16) -> Self {
        Self { from: [127, 0, 0, 1], to: [127, 0, 0, 1], port, host: None, origin: None }
    }
}

/// The status of the answer, and the whole of it.
pub(crate) async fn answer_to(asked: &Asked<'_>) -> (u16, String) {
    let (from, to) = (SocketAddr::from((asked.from, 0)), SocketAddr::from((asked.to, asked.port)));
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(from).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    let host = asked.host.map_or_else(|| to.to_string(), |host| format!("{host}:{}", asked.port));
    let origin = asked.origin.map(|origin| format!("Origin: {origin}\r\n")).unwrap_or_default();
    let request = format!("GET /status HTTP/1.1\r\nHost: {host}\r\n{origin}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    (text.split(' ').nth(1).unwrap().parse().unwrap(), text)
}
