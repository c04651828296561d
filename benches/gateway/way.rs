//! A client of a driver or gateway, and the gateway.

use std::{process::Stdio, time::Duration};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use handstamp::{
    browser::{Kind, find},
    session::{Cookie, Item, State, file},
    site::Origin,
};
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    task::JoinSet,
    time,
};

/// A session at one address, and a client that keeps its connection.
#[derive(Debug)]
pub(crate) struct Way {
    client: Client<HttpConnector, Full<Bytes>>,
    session: String,
}

impl Way {
    pub(crate) async fn new(url: &str, capabilities: Value) -> Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let base = format!("{}/session", url.trim_end_matches('/'));
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } }).to_string();
        let answer = send(&client, Method::POST, &base, body).await?;
        let id = answer["value"]["sessionId"].as_str().with_context(|| answer.to_string())?;
        Ok(Self { session: format!("{base}/{id}"), client })
    }

    /// One command.
    pub(crate) async fn ask(&self) -> Result<()> {
        let answer = send(&self.client, Method::GET, &format!("{}/url", self.session), String::new()).await?;
        ensure!(answer["value"].is_string(), "{answer}");
        Ok(())
    }

    pub(crate) async fn close(self) -> Result<()> {
        send(&self.client, Method::DELETE, &self.session, String::new()).await.map(drop)
    }
}

/// What both ways ask for: the same browser, with the same arguments.
pub(crate) fn capabilities(kind: Kind) -> Value {
    let binary = find(kind).browser;
    if kind == Kind::Firefox {
        let options = json!({ "binary": binary, "args": ["-headless"] });
        return json!({ "browserName": "firefox", "moz:firefoxOptions": options });
    }
    let options = json!({ "binary": binary, "args": ["--headless", "--no-sandbox"] });
    json!({ "browserName": "chrome", "goog:chromeOptions": options })
}

/// The command, with a session of a cookie and of storage. It ends when dropped.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) url: String,
    _child: Child,
    _reader: JoinSet<()>,
    _folder: TempDir,
}

impl Gate {
    pub(crate) async fn open(more: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let session = folder.path().join("session.json");
        file::write(&session, &session_of_the_bench()?)?;
        let mut child = Command::new(env!("CARGO_BIN_EXE_handstamp"))
            .args(["gateway", "--listen", "127.0.0.1:0", "--json", "--session"])
            .arg(&session)
            .args(more)
            .env("HANDSTAMP_HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let line = time::timeout(Duration::from_secs(30), lines.next_line()).await??.context("it ended")?;
        let said: Value = serde_json::from_str(&line)?;
        let address = said["address"].as_str().context("no address")?;
        // The rest must be read, or it would wait.
        let mut reader = JoinSet::new();
        reader.spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { url: format!("http://{address}"), _child: child, _reader: reader, _folder: folder })
    }
}

fn session_of_the_bench() -> Result<State> {
    let mut state = State::default();
    state.cookies.push(Cookie {
        name: "sid".into(),
        value: "of-the-bench".into(),
        domain: "127.0.0.1".into(),
        host_only: true,
        path: "/".into(),
        ..Cookie::default()
    });
    let storage = state.origin_mut(&Origin::parse("http://127.0.0.1:3999")?);
    storage.local_storage.push(Item::new("token", "of-the-bench".to_owned()));
    storage.session_storage.push(Item::new("tab", "of-the-bench".to_owned()));
    Ok(state)
}

async fn send(
    client: &Client<HttpConnector, Full<Bytes>>,
    method: Method,
    url: &str,
    body: String,
) -> Result<Value> {
    let request = Request::builder().method(method).uri(url).body(Full::new(body.into()))?;
    let answer = client.request(request).await?.into_body().collect().await?.to_bytes();
    Ok(serde_json::from_slice(&answer)?)
}
