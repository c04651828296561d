//! A driver process of our own: started on a free port, ended with everything that it started.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use regex::Regex;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStderr, ChildStdout, Command},
    task::JoinSet,
    time,
};
use tracing::{debug, trace};
use url::Url;

use super::{
    Kind,
    capabilities::has_display,
    display::Display,
    error::{Error, Result},
    find::find,
    kind::Data,
    process,
    profile::Profile,
};

/// A running chromedriver or geckodriver with its profile folder. All that it started ends with this value.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    url: Url,
    version: Option<String>,
    profile: Profile,
    /// The display that was started for the browser.
    _display: Option<Display>,
    /// Empties the driver's output, which would block it when full.
    drains: JoinSet<()>,
}

impl Driver {
    /// Starts the driver of a browser on a free port and waits until it listens.
    ///
    /// # Errors
    /// When browser or driver are not found, or the driver does not listen in time.
    pub async fn start(kind: Kind) -> Result<Self> {
        for _ in 0..STARTS {
            match Self::start_once(kind).await {
                // A port that is free in one protocol of the internet may be taken in the other one.
                Err(Error::DriverStart { reason, .. }) if reason.contains("Address already in use") => {
                    debug!(%reason, "the driver tries another port");
                }
                started => return started,
            }
        }
        Self::start_once(kind).await
    }

    async fn start_once(kind: Kind) -> Result<Self> {
        let data = kind.data();
        let program = program(kind)?;
        let name = program.display().to_string();
        let profile = Profile::create()?;
        let display = match &data.display[..] {
            [] => None,
            _ if has_display() => None,
            command => Some(Display::start(command, kind.install()).await?),
        };
        let port =
            free_port().map_err(|e| Error::DriverStart { driver: name.clone(), reason: e.to_string() })?;
        let mut command = command(&program, data, profile.path(), port);
        if let Some(display) = &display {
            command.env("DISPLAY", display.name());
        }
        let mut child = command
            .spawn()
            .map_err(|e| Error::DriverStart { driver: name.clone(), reason: e.to_string() })?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        // From here on the process ends with this value.
        let mut driver =
            Self { child, url: unset(), version: None, profile, _display: display, drains: JoinSet::new() };
        let (Some(out), Some(err)) = (out, err) else {
            return Err(Error::DriverStart { driver: name, reason: "its output cannot be read".into() });
        };
        match time::timeout(START_LIMIT, driver.wait_until_ready(data, port, out, err)).await {
            Ok(Ok(())) => Ok(driver),
            Ok(Err(reason)) => Err(Error::DriverStart { driver: name, reason }),
            Err(_) => Err(Error::DriverStart { driver: name, reason: "it did not listen in time".into() }),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The major version that the driver told, which is the browser's too.
    pub(super) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    pub(super) fn profile(&self) -> &Path {
        self.profile.path()
    }

    async fn wait_until_ready(
        &mut self,
        data: &Data,
        given: u16,
        out: ChildStdout,
        err: ChildStderr,
    ) -> std::result::Result<(), String> {
        let mut lines = BufReader::new(out).lines();
        let mut complaint = BufReader::new(err).lines();
        let ready = Regex::new(&data.driver.ready).map_err(|e| e.to_string())?;
        let version = Regex::new(&data.driver.version).map_err(|e| e.to_string())?;
        let mut last = String::from("it ended at once");
        let port = loop {
            if data.driver.ready.is_empty() {
                until_it_listens(given).await;
                break given.to_string();
            }
            let line = tokio::select! {
                line = lines.next_line() => line,
                line = complaint.next_line() => line,
            };
            let Ok(Some(line)) = line else { return Err(last) };
            trace!(%line, "driver");
            if let Some(v) = version.captures(&line).and_then(|c| c.get(1)) {
                self.version = Some(v.as_str().to_owned());
            }
            if let Some(port) = ready.captures(&line).and_then(|c| c.get(1)) {
                break port.as_str().to_owned();
            }
            last = line;
        };
        self.url = Url::parse(&format!("http://127.0.0.1:{port}/")).map_err(|e| e.to_string())?;
        self.drains.spawn(drain(lines));
        self.drains.spawn(drain(complaint));
        debug!(url = %self.url, "driver listens");
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(pid) = self.child.id() {
            process::end_tree(pid, self.profile.path());
        }
    }
}

fn program(kind: Kind) -> Result<std::path::PathBuf> {
    let found = find(kind);
    let missing =
        |what: &[String]| Error::NotFound { what: what.join(" or "), install: kind.install().into() };
    let data = kind.data();
    if found.browser.is_none() {
        return Err(missing(&data.binaries));
    }
    found.driver.ok_or_else(|| missing(&data.driver.binaries))
}

fn command(program: &Path, data: &Data, profile: &Path, port: u16) -> Command {
    let mut command = Command::new(program);
    let args = data.driver.args.iter().map(|arg| arg.replace("{port}", &port.to_string()));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Everything that driver and browser leave lying about goes with the profile folder.
    command.env("TMPDIR", profile).kill_on_drop(true);
    // A Ctrl-C in the terminal reaches us alone; we then end them in order.
    command.process_group(0);
    command
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

async fn until_it_listens(port: u16) {
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        time::sleep(POLL).await;
    }
}

async fn drain<R: AsyncRead + Unpin>(mut lines: Lines<BufReader<R>>) {
    while let Ok(Some(line)) = lines.next_line().await {
        trace!(%line, "driver");
    }
}

fn unset() -> Url {
    Url::parse("http://127.0.0.1/").expect("the address is a constant")
}

const STARTS: usize = 3;
const POLL: Duration = Duration::from_millis(20);
const START_LIMIT: Duration = Duration::from_secs(20);
