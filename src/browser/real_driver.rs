//! A real driver that runs behind its stand-in, with the arguments that somebody else gave.

use std::{
    env, fs,
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt as _,
    path::Path,
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    task::JoinSet,
    time,
};
use url::Url;

use super::{
    error::{Error, Result},
    process,
    profile::Profile,
};

/// The driver. All that it started ends with this value, also when the program is killed.
#[derive(Debug)]
pub struct RealDriver {
    child: Child,
    url: Url,
    profile: Profile,
    guard: Option<std::process::Child>,
    _output: JoinSet<()>,
}

impl RealDriver {
    /// Runs a driver on a free port and waits until it takes connections. What it writes is passed on, with the port that
    /// its stand-in is reached by in the place of its own.
    ///
    /// `guard` is the name by which this program calls [`guard`].
    ///
    /// # Errors
    /// When it cannot be started, or ends at once.
    pub async fn start(program: &Path, args: &[String], shown: u16, guard: &str) -> Result<Self> {
        let failed = |reason: String| Error::DriverStart { driver: program.display().to_string(), reason };
        let port = free_port().map_err(|e| failed(e.to_string()))?;
        let profile = Profile::create()?;
        let mut command = Command::new(program);
        command.arg(format!("--port={port}")).args(args).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).process_group(0);
        // Everything that driver and browser leave lying about goes with the folder.
        command.env("TMPDIR", profile.path());
        let mut child = command.spawn().map_err(|e| failed(e.to_string()))?;
        let mut output = JoinSet::new();
        let ports = (port.to_string(), shown.to_string());
        if let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) {
            output.spawn(pass_on(out, tokio::io::stdout(), ports.clone()));
            output.spawn(pass_on(err, tokio::io::stderr(), ports));
        }
        let guard = child.id().and_then(|pid| spawn_guard(guard, pid, profile.path()).ok());
        let url = Url::parse(&format!("http://127.0.0.1:{port}/")).map_err(|e| failed(e.to_string()))?;
        let mut driver = Self { child, url, profile, guard, _output: output };
        match time::timeout(START_LIMIT, driver.listens(port)).await {
            Ok(true) => Ok(driver),
            Ok(false) => Err(failed("it ended at once; its own words stand above".into())),
            Err(_) => Err(failed("it did not listen in time".into())),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) {
        let _ = self.child.wait().await;
    }

    /// Whether it takes connections before it ends.
    async fn listens(&mut self, port: u16) -> bool {
        loop {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return false;
            }
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
                return true;
            }
            time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Drop for RealDriver {
    fn drop(&mut self) {
        if let Some(pid) = self.child.id() {
            process::end_tree(pid, self.profile.path());
        } else {
            // It has ended by itself, and may have left browsers.
            process::end_tree(u32::MAX, self.profile.path());
        }
        if let Some(guard) = &mut self.guard {
            let _ = guard.kill();
            let _ = guard.wait();
        }
    }
}

/// Waits until whoever started this process is gone, then ends a driver with all that it started.
///
/// Which one, [`RealDriver::start`] says on the standard input: a folder on the command line would mark this process too.
pub fn guard() {
    let mut told = String::new();
    let _ = io::stdin().lock().read_to_string(&mut told);
    let Some((pid, folder)) = told.split_once(' ') else { return };
    let Ok(pid) = pid.parse() else { return };
    let folder = Path::new(folder);
    process::end_tree(pid, folder);
    let _ = fs::remove_dir_all(folder);
}

/// Its standard input is a pipe that ends with us, however we end.
fn spawn_guard(name: &str, pid: u32, folder: &Path) -> io::Result<std::process::Child> {
    let mut guard = std::process::Command::new(env::current_exe()?)
        .arg0(name)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    if let Some(input) = &mut guard.stdin {
        write!(input, "{pid} {}", folder.display())?;
        input.flush()?;
    }
    Ok(guard)
}

async fn pass_on(
    from: impl AsyncRead + Unpin,
    mut to: impl tokio::io::AsyncWrite + Unpin,
    (own, shown): (String, String),
) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let is_address = ADDRESS_LINES.iter().any(|words| line.contains(words));
        let line = if is_address { line.replace(&own, &shown) } else { line } + "\n";
        // Who does not read must not block the driver.
        let _ = to.write_all(line.as_bytes()).await;
        let _ = to.flush().await;
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// What drivers say of where they listen.
const ADDRESS_LINES: &[&str] = &["Starting ChromeDriver", "started successfully on port", "Listening on"];
const START_LIMIT: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(10);
