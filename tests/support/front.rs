//! TLS and a password in front of a driver, as grids have them.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use super::{
    driver::{FakeDriver, listener},
    served::acceptor,
};

/// What is behind: the port of the commands, and that of the sockets.
pub(crate) type Ports = (u16, u16);

/// The front. It notes the heads of the first requests.
pub(crate) struct Front {
    pub(crate) port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Front {
    /// Opens it; whoever does not show this user name and password is refused: `USER:PASSWORD`.
    pub(crate) fn open(
        listener: TcpListener,
        acceptor: TlsAcceptor,
        ports: Ports,
        key: Option<&str>,
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (noted, mut tasks) = (Arc::clone(&heads), JoinSet::new());
        let key = key.map(|key| format!("Basic {}", STANDARD.encode(key)));
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, noted, key) = (acceptor.clone(), Arc::clone(&noted), key.clone());
                connections.spawn(serve(stream, tls, noted, (ports, key)));
            }
        });
        Self { port, heads, _tasks: tasks }
    }

    /// The heads so far, which are forgotten.
    pub(crate) fn heads(&self) -> Vec<String> {
        std::mem::take(&mut *self.heads.lock().unwrap())
    }
}

/// A grid behind TLS whose sockets are at another host; it has none itself.
pub(crate) struct Apart {
    pub(crate) driver: FakeDriver,
    pub(crate) hub: Front,
    pub(crate) third: Front,
    /// The certificate of both.
    pub(crate) pem: String,
}

impl Apart {
    /// Opens it with what the grid asks for; the other host asks for what the address of its sockets has, if anything:
    /// `USER:PASSWORD`.
    pub(crate) async fn open(key: &str, third_key: Option<&str>) -> Self {
        let (tls, pem) = acceptor();
        let [hub, third] = [listener().await, listener().await];
        let user = third_key.map(|key| format!("{key}@")).unwrap_or_default();
        let told = format!("wss://{user}localhost:{}/devtools", third.local_addr().unwrap().port());
        let driver = FakeDriver::with_bidi_at(told, |_| None).await;
        let third = Front::open(third, tls.clone(), driver.ports(), third_key);
        // Nothing listens on port 1.
        let hub = Front::open(hub, tls, (driver.ports().0, 1), Some(key));
        Self { driver, hub, third, pem }
    }
}

async fn serve(
    tcp: TcpStream,
    tls: TlsAcceptor,
    heads: Arc<Mutex<Vec<String>>>,
    (ports, key): (Ports, Option<String>),
) {
    let Ok(mut client) = tls.accept(tcp).await else { return };
    let mut first = vec![0; 16 * 1024];
    let Ok(count @ 1..) = client.read(&mut first).await else { return };
    let head = String::from_utf8_lossy(&first[..count]).into_owned();
    let is_socket = head.to_ascii_lowercase().contains("upgrade: websocket");
    let is_refused = key.is_some_and(|key| !head.contains(&key));
    heads.lock().unwrap().push(head);
    if is_refused {
        let _ = client.write_all(REFUSAL).await;
        return;
    }
    let port = if is_socket { ports.1 } else { ports.0 };
    let Ok(driver) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let (mut from, mut to) = driver.into_split();
    if to.write_all(&first[..count]).await.is_err() {
        return;
    }
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let _ = tokio::join!(copy(&mut from_client, &mut to), copy(&mut from, &mut to_client));
}

const REFUSAL: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"grid\"\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\n<no/>";
