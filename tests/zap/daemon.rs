//! A real ZAP in a home of its own, which ends with the test.

use std::{net::SocketAddr, path::PathBuf, process::Stdio, time::Duration};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time,
};
use url::form_urlencoded;

pub(crate) const KEY: &str = "planted-api-key";

/// The daemon; it is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Zap {
    _child: Child,
    _home: TempDir,
    address: SocketAddr,
    url: String,
}

impl Zap {
    /// Starts it on a free port of loopback, where it asks nobody for anything.
    pub(crate) async fn start() -> Self {
        let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/zap");
        assert!(target.join("lib/ready").exists(), "run tests/zap/setup.sh first");
        let home = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        // These replace single classes of the libraries.
        let paths = ["classes", "lib/zap-2.17.0.jar", "lib/network-0.25.0.jar", "lib/*"];
        let paths = paths.map(|path| target.join(path).to_str().unwrap().to_owned()).join(":");
        let mut command = Command::new("java");
        command.args(["-Djava.awt.headless=true", "-Xmx512m", "-cp", &paths, "Start", "-daemon", "-silent"]);
        command.args(["-host", "127.0.0.1", "-port", &free.port().to_string()]);
        command.arg("-dir").arg(home.path()).arg("-installdir").arg(target.join("install"));
        command.args(["-config", &format!("api.key={KEY}")]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let started = async {
            let mut said = Vec::new();
            while let Some(line) = lines.next_line().await.unwrap() {
                if line == "ZAP has started" {
                    return;
                }
                said.push(line);
            }
            panic!("ZAP has ended:\n{}", said.join("\n"));
        };
        time::timeout(START, started).await.expect("ZAP starts");
        // Nobody reads on, and a full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { _child: child, _home: home, address: free, url: format!("http://{free}") }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes a call of the API.
    pub(crate) async fn call(&self, call: &str, form: &[(&str, &str)]) -> Value {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut tcp = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "GET /JSON/{call}/?{query} HTTP/1.1\r\nHost: {}\r\nX-ZAP-API-Key: {KEY}\r\nConnection: close\r\n\r\n",
            self.address
        );
        tcp.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await.unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{call}: {answer}"))
    }

    /// What its views tell of a context and of all sites.
    pub(crate) async fn views(&self, context: &str) -> Vec<Value> {
        let mut all = vec![
            self.call("context/view/context", &[("contextName", "shop")]).await,
            self.call("users/view/usersList", &[("contextId", context)]).await,
            self.call("script/view/globalVars", &[]).await,
        ];
        let sites = self.call("httpSessions/view/sites", &[]).await;
        for site in sites["sites"].as_array().unwrap() {
            let form = [("site", site.as_str().unwrap())];
            let sessions = self.call("httpSessions/view/sessions", &form).await;
            // It counts the messages of each session, too.
            let named = sessions["sessions"].as_array().unwrap().iter().map(|s| s["session"][1].clone());
            all.extend(named);
            all.push(self.call("httpSessions/view/sessionTokens", &form).await);
            all.push(self.call("httpSessions/view/activeSession", &form).await);
        }
        all
    }
}

/// The head of a request.
pub(crate) async fn head(tcp: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match tcp.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// How long ZAP may take to start: a certificate authority is made first.
const START: Duration = Duration::from_secs(180);
