//! The sample shop as a process of its own.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use handstamp::proxy::{Client, Trust, empty, read};
use http::Request;
use serde_json::Value;
use url::Url;

/// A running shop, which ends when dropped.
#[derive(Debug)]
pub(crate) struct Shop {
    child: Child,
    pub(crate) url: Url,
    ready: Value,
}

impl Shop {
    /// Opens a shop on a free port.
    pub(crate) fn open() -> Self {
        Self::open_at("127.0.0.1:0")
    }

    /// Opens a shop at an address. Every shop has a key of its own: tokens of an earlier one are worthless.
    pub(crate) fn open_at(address: &str) -> Self {
        Self::open_with(&["--listen", address])
    }

    /// Opens a shop with arguments of its own.
    pub(crate) fn open_with(args: &[&str]) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_handstamp")).with_file_name("examples").join("shop");
        assert!(program.exists(), "build it first: `cargo build --example shop`");
        let mut command = Command::new(program);
        command.arg("--exit-with-stdin").args(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let url = ready["url"].as_str().unwrap().parse().unwrap();
        Self { child, url, ready }
    }

    /// The name and password of the first customer.
    pub(crate) fn anna(&self) -> (&str, &str) {
        let user = &self.ready["users"][0];
        (user["username"].as_str().unwrap(), user["password"].as_str().unwrap())
    }

    /// The name and password of the first user with a role.
    pub(crate) fn user(&self, role: &str) -> (&str, &str) {
        let user = self.ready["users"].as_array().unwrap().iter().find(|user| user["role"] == role).unwrap();
        (user["username"].as_str().unwrap(), user["password"].as_str().unwrap())
    }

    /// What it publishes of what there is to find: each endpoint and view, and who can reach it.
    pub(crate) async fn truth(&self) -> Value {
        let request = Request::get(self.url.join("truth.json").unwrap().as_str()).body(empty()).unwrap();
        let answer = Client::new(&Trust::System).unwrap().send(request).await.unwrap();
        serde_json::from_slice(&read(answer.into_body(), 1 << 20).await.unwrap()).unwrap()
    }

    /// Where the login form is.
    pub(crate) fn login_page(&self) -> String {
        format!("{}#/login", self.url)
    }

    /// Ends it; what is known of it stays.
    pub(crate) fn close(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Host and port.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.url.host_str().unwrap(), self.url.port().unwrap())
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(2);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
