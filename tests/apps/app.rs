//! An application that one test starts by its script, and the proxy before it.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

/// An application that was started for one test; it ends with this value.
pub(crate) struct App {
    pub(crate) name: &'static str,
    pub(crate) url: String,
    pub(crate) username: String,
    pub(crate) password: String,
    /// The roles of further users, and their names; all have the same password.
    others: Value,
    pid: String,
}

impl App {
    pub(crate) fn start(name: &'static str) -> Self {
        let output = Command::new(scripts().join(name).join("start.sh"))
            .stderr(Stdio::inherit())
            .output()
            .expect("the script can be run");
        assert!(output.status.success(), "{name} starts");
        let told: Value = serde_json::from_slice(&output.stdout).expect("the script tells JSON");
        let text = |key: &str| told[key].as_str().expect("the script tells all").to_owned();
        Self {
            name,
            url: text("url"),
            username: text("username"),
            password: text("password"),
            others: told["others"].clone(),
            pid: told["pid"].to_string(),
        }
    }

    /// The name of a further user.
    pub(crate) fn other(&self, role: &str) -> &str {
        self.others[role].as_str().expect("the script tells a user of this role")
    }

    /// What its own sources say that a user of this role can reach, one a line.
    pub(crate) fn truth(&self, role: &str) -> String {
        let file = scripts().join(self.name).join(format!("truth-{role}.txt"));
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    pub(crate) fn origin(&self) -> String {
        self.url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
    }

    /// Whether it is left out, as too heavy for every run.
    pub(crate) fn is_left_out(name: &str) -> bool {
        scripts().join(name).join("heavy").exists() && env::var_os("HANDSTAMP_APPS_HEAVY").is_none()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = Command::new(scripts().join("stop.sh")).arg(&self.pid).status();
    }
}

/// A running `handstamp proxy`; it ends with this value.
pub(crate) struct Proxy {
    child: Child,
    pub(crate) address: String,
}

impl Proxy {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary runs");
        let mut line = String::new();
        let told = child.stdout.take().map(|out| BufReader::new(out).read_line(&mut line));
        let event: Value = serde_json::from_str(&line).unwrap_or_default();
        let address = event["address"].as_str().unwrap_or_default().to_owned();
        let proxy = Self { child, address };
        assert!(!proxy.address.is_empty(), "the proxy tells where it listens: {told:?} `{line}`");
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status and body of an answer to a client that knows nothing of sessions.
pub(crate) fn curl(arguments: &[&str]) -> (u16, String) {
    let output = Command::new("curl")
        .args(["-s", "-m", &LIMIT.as_secs().to_string(), "-w", "\n%{http_code}"])
        .args(arguments)
        .output()
        .expect("curl is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = text.rsplit_once('\n').unwrap_or_default();
    (status.parse().unwrap_or_default(), body.to_owned())
}

/// The last JSON document of an output.
pub(crate) fn document(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().rev().find_map(|line| serde_json::from_str(line).ok());
    last.unwrap_or_else(|| json!({ "stderr": String::from_utf8_lossy(&output.stderr) }))
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps")
}

const LIMIT: Duration = Duration::from_secs(20);
