//! Runs a command logged in.

use std::{
    env, fs,
    io::{self, Write as _},
    net::Ipv4Addr,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use http::HeaderName;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::NamedTempFile;
use tokio::{
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    exec_variables::{Variables, headers, own, proxied},
    handed::handed,
    login::require_web,
    proxy::ready,
    roster::Wards,
    wire::Wire,
};
use crate::{
    cli::{ExecArgs, Exit},
    handover::{Error, Format, Handed},
    keep::{Keeper, Who},
    proxy::{Server, Serving},
    session::Reference,
};

/// Runs the command to its end. Until it runs, `stop` ends all; from then on the command decides, to which signals are
/// passed on.
pub(super) async fn run(wire: &Wire, args: &ExecArgs, stop: CancellationToken) -> Result<Exit> {
    if let Some(url) = &args.url {
        require_web(url)?;
    }
    // From here on, so that no signal gets lost between.
    let signals = Signals::listen(wire.environment.is_terminal)?;
    let Some(prepared) = stop.run_until_cancelled(prepare(wire, args)).await else {
        return Ok(Exit::Interrupted);
    };
    let (proxy, session, handed) = prepared?;
    let mut variables = own(wire, &session)?;
    variables.extend(of_headers(&handed, args)?);
    variables.extend(proxy.iter().flat_map(Proxy::variables));
    let status = match start(args, variables) {
        Ok(child) => wait(child, signals).await.map(code),
        Err(error) => {
            writeln!(io::stderr(), "error: cannot start `{}`: {error}", args.command[0].display())?;
            Ok(if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_STARTED })
        }
    };
    if let Some(proxy) = proxy {
        proxy.end().await;
    }
    Ok(Exit::Command(status?))
}

/// Starts the proxy, and logs in where that is needed.
async fn prepare(wire: &Wire, args: &ExecArgs) -> Result<(Option<Proxy>, Reference, Handed)> {
    let proxy = if args.no_proxy { None } else { Some(Proxy::start(wire, args).await?) };
    let (session, handed) = handed(wire, args.session.as_ref()).await?;
    Ok((proxy, session, handed))
}

/// The variables with headers. Where it is not clear what address they are for, the proxy has to do.
fn of_headers(handed: &Handed, args: &ExecArgs) -> Result<Variables> {
    match handed.url(args.url.as_ref(), Format::Headers) {
        Ok(url) => Ok(headers(&url, &handed.request(&url)?)),
        Err(Error::WhichUrl { .. }) if !args.no_proxy => {
            tracing::info!(
                "no variables with headers: the session has several origins, and --url names none"
            );
            Ok(Variables::new())
        }
        Err(error) => Err(error.into()),
    }
}

fn start(args: &ExecArgs, variables: Variables) -> io::Result<Child> {
    let mut command = Command::new(&args.command[0]);
    command.args(&args.command[1..]).envs(variables).kill_on_drop(true);
    command.spawn()
}

async fn wait(mut child: Child, mut signals: Signals) -> Result<ExitStatus> {
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            Some(signal) = signals.heard.recv() => {
                if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()) {
                    // It may have ended this very moment.
                    let _ = kill(Pid::from_raw(id), signal);
                }
            }
        }
    }
}

/// As shells tell it: 128 and the signal's number where there was one.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// The signals that a command is meant to hear of.
struct Signals {
    heard: mpsc::Receiver<Signal>,
    _listeners: JoinSet<()>,
}

impl Signals {
    /// Listens. What is typed at a terminal reaches the command by itself.
    fn listen(is_terminal: bool) -> Result<Self> {
        let (tell, heard) = mpsc::channel(16);
        let mut listeners = JoinSet::new();
        let typed = [Signal::SIGINT, Signal::SIGQUIT];
        for name in
            [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGUSR1, Signal::SIGUSR2].into_iter().chain(typed)
        {
            let mut source = signal(SignalKind::from_raw(name as i32))?;
            let tell = tell.clone();
            let is_passed = !(is_terminal && typed.contains(&name));
            listeners.spawn(async move {
                while source.recv().await.is_some() {
                    if is_passed && tell.send(name).await.is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Self { heard, _listeners: listeners })
    }
}

/// The proxy that a command's requests go through; its files are gone with it.
struct Proxy {
    serving: Serving,
    bundle: NamedTempFile,
    authority: NamedTempFile,
    wgetrc: NamedTempFile,
    keeper: Arc<Keeper<Wards>>,
}

impl Proxy {
    async fn start(wire: &Wire, args: &ExecArgs) -> Result<Self> {
        let wards = Wards::new(wire, &args.target)?;
        let living = wards.asked(args.session.as_ref())?;
        ready(wire, &living).await?;
        let authority = wire.authority()?;
        let (bundle, own) = (private(&authority.bundle())?, private(authority.pem())?);
        let wgetrc = private(&wgetrc(bundle.path()))?;
        let header = HeaderName::from_static("x-handstamp-user");
        let client = wire.client()?;
        let keeper =
            Arc::new(Keeper::new(wards, Who { header, forced: Some(living.name()) }, client.clone()));
        let server = Server::new(authority, client);
        let serving = server.start(Ipv4Addr::LOCALHOST.into(), Arc::clone(&keeper)).await;
        let serving = serving.context("cannot open a port for the proxy")?;
        Ok(Self { serving, bundle, authority: own, wgetrc, keeper })
    }

    fn variables(&self) -> Variables {
        proxied(self.serving.address(), self.bundle.path(), self.authority.path(), self.wgetrc.path())
    }

    /// Lets exchanges end, and keeps what was renewed meanwhile.
    async fn end(self) {
        self.serving.end().await;
        self.keeper.roster().settle().await;
    }
}

/// The user's settings of wget, which takes certificates from nowhere else, and the bundle.
fn wgetrc(bundle: &Path) -> String {
    let named = env::var_os("WGETRC").map(PathBuf::from);
    let file = named.or_else(|| env::home_dir().map(|home| home.join(".wgetrc")));
    let own = file.and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    format!("{own}\nca_certificate = {}\n", bundle.display())
}

/// A temporary file that only its owner may read.
fn private(text: &str) -> Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("handstamp-").suffix(".pem").tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

/// What shells say of a command that does not exist.
const NOT_FOUND: u8 = 127;
/// What shells say of a command that cannot be run.
const NOT_STARTED: u8 = 126;
