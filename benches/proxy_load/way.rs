//! The ways to the target: none between, handstamp as it is set up in several ways, mitmproxy.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use handstamp::{
    session::{Cookie, State, file},
    site::Origin,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time,
};

use crate::{
    load::Course,
    target::{COOKIE_NAME, SESSION, Target},
};

/// A way, and the process of the proxy on it.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) proxy: Option<SocketAddr>,
    /// Whether the target must see the session.
    pub(crate) session: bool,
    process: Option<Child>,
}

impl Way {
    /// All of them, running.
    pub(crate) async fn all(target: &Target, folder: &Path) -> Result<Vec<Self>> {
        let session = session(target, folder)?;
        let ours = env!("CARGO_BIN_EXE_handstamp");
        let handstamp = |args: &[&str], at: SocketAddr| {
            let mut command = Command::new(ours);
            command.args(["proxy", "--insecure", "--quiet", "--listen", &at.to_string()]).args(args);
            command.env("HANDSTAMP_HOME", folder.join("home"));
            command
        };
        let mut all = vec![Self { name: NONE, proxy: None, session: false, process: None }];
        let bare = free().await?;
        all.push(Self::start(BARE, bare, false, handstamp(&["--no-history"], bare)).await?);
        let stamped = free().await?;
        all.push(
            Self::start(STAMPED, stamped, true, handstamp(&["-s", &session, "--no-history"], stamped))
                .await?,
        );
        let kept = free().await?;
        all.push(Self::start(KEPT, kept, true, handstamp(&["-s", &session], kept)).await?);
        let theirs = free().await?;
        let way = Self::start(MITMPROXY, theirs, true, mitmdump(folder, theirs)?).await?;
        way.log_in(target).await?;
        all.push(way);
        Ok(all)
    }

    async fn start(
        name: &'static str,
        proxy: SocketAddr,
        session: bool,
        mut command: Command,
    ) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let process = command.spawn().with_context(|| format!("`{name}` cannot be started"))?;
        let ready = async {
            while TcpStream::connect(proxy).await.is_err() {
                time::sleep(Duration::from_millis(50)).await;
            }
        };
        time::timeout(START_LIMIT, ready).await.with_context(|| format!("`{name}` does not listen"))?;
        Ok(Self { name, proxy: Some(proxy), session, process: Some(process) })
    }

    /// Lets mitmproxy see the cookie that it is to stick to requests from now on.
    async fn log_in(&self, target: &Target) -> Result<()> {
        for (address, tls) in [(target.plain, false), (target.tls, true)] {
            Course { target: address, proxy: self.proxy, tls, path: "/login" }.once().await?;
        }
        Ok(())
    }

    /// The memory of the proxy now and at its peak since the last reset, in bytes.
    pub(crate) fn memory(&self) -> Option<(u64, u64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.as_ref()?.id()?)).ok()?;
        let line = |name: &str| -> Option<u64> {
            let line = status.lines().find(|line| line.starts_with(name))?;
            Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
        };
        Some((line("VmRSS:")?, line("VmHWM:")?))
    }

    /// Forgets the peak so far. See `proc_pid_clear_refs(5)`.
    pub(crate) fn reset_peak(&self) {
        if let Some(id) = self.process.as_ref().and_then(Child::id) {
            let _ = fs::write(format!("/proc/{id}/clear_refs"), "5");
        }
    }

    pub(crate) async fn end(&mut self) {
        let Some(process) = &mut self.process else { return };
        if let Some(id) = process.id().and_then(|id| i32::try_from(id).ok()) {
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
        if time::timeout(END_LIMIT, process.wait()).await.is_err() {
            let _ = process.kill().await;
        }
    }
}

/// A session file with the cookie for both addresses of the target.
fn session(target: &Target, folder: &Path) -> Result<String> {
    let cookie = Cookie {
        name: COOKIE_NAME.into(),
        value: SESSION.into(),
        domain: "127.0.0.1".into(),
        path: "/".into(),
        host_only: true,
        ..Cookie::default()
    };
    let scope = vec![
        Origin::parse(&format!("http://{}", target.plain))?,
        Origin::parse(&format!("https://{}", target.tls))?,
    ];
    let path = folder.join("session.json");
    file::write(&path, &State { cookies: vec![cookie], scope, ..State::default() })?;
    path.to_str().map(str::to_owned).context("the folder's name is no text")
}

/// Its sticky option puts cookies that it has seen onto requests without; large bodies stream, as here.
fn mitmdump(folder: &Path, at: SocketAddr) -> Result<Command> {
    let own = folder.join("python/bin/mitmdump");
    let program = if own.exists() { own } else { PathBuf::from("mitmdump") };
    let mut command = Command::new(&program);
    command.args([
        "--quiet",
        "--ssl-insecure",
        "--listen-host",
        "127.0.0.1",
        "--listen-port",
        &at.port().to_string(),
    ]);
    command.args([
        "--set",
        "stickycookie=.",
        "--set",
        "stream_large_bodies=512k",
        "--set",
        "connection_strategy=lazy",
    ]);
    command.arg("--set").arg(format!("confdir={}", folder.join("mitmproxy").display()));
    if program.is_absolute() && !program.exists() {
        bail!("mitmdump is missing");
    }
    Ok(command)
}

async fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?)
}

pub(crate) const NONE: &str = "no proxy";
pub(crate) const BARE: &str = "handstamp, no session";
pub(crate) const STAMPED: &str = "handstamp, session";
pub(crate) const KEPT: &str = "handstamp, session, history";
pub(crate) const MITMPROXY: &str = "mitmproxy, sticky cookie";
const START_LIMIT: Duration = Duration::from_secs(30);
const END_LIMIT: Duration = Duration::from_secs(10);
