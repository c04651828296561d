//! Stands in for a driver: runs the real one behind, and opens browsers that are logged in.

use std::{
    net::IpAddr,
    os::unix::process::{CommandExt as _, parent_id},
    path::{Path, PathBuf},
    process,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::{net::TcpListener, time};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use url::Url;

use super::{
    failure::{Usage, words},
    guests::Guests,
    roster::Wards,
    wire::Wire,
};
use crate::{
    browser::{Answer, DEFAULT_DEADLINE, Kind, RealDriver, real_driver},
    cli::{Common, Environment, Exit, Length, Name, StandIn, StandInEnvironment, Target, Wanted},
    gateway::{Behind, Certificates, Error, Event, Gateway, Peers, RelaySockets, Settings, Users, Wish},
    keep::{GivenUp, Living, Roster},
    proxy::{Client, Upstream, is_far},
    session::{Reference, State},
};

/// Does what the driver was called for, until it is told to end, or whoever called it is gone.
///
/// # Errors
/// When there is no real driver, or it does not start.
pub async fn run(
    kind: Kind,
    args: Vec<String>,
    surroundings: StandInEnvironment,
    environment: &Environment,
    stop: CancellationToken,
) -> Result<Exit> {
    let parent = parent_id();
    let program = program(kind, surroundings.driver.as_deref())?;
    let wanted = StandIn::read(kind, &args)
        .map_err(|told| Usage::new(&told, "for example --port=9515 --allowed-ips=10.0.0.7"))?;
    if wanted.wanted == Wanted::Tell {
        return Err(become_it(&program, &args));
    }
    if !surroundings.names_somebody() {
        warn!("no session was named with HANDSTAMP_SESSION: browsers are not logged in");
        return Err(become_it(&program, &args));
    }
    let listeners = listen(&wanted).await?;
    warn_of_strangers(&wanted, &listeners);
    let shown = listeners.first().and_then(|l| l.local_addr().ok()).map_or(0, |address| address.port());
    let mut driver = RealDriver::start(&program, &wanted.others, shown, Name::GUARD).await?;
    let wire = wire(surroundings.clone(), environment);
    let hosts = Arc::new(Hosts::open(&wire, &surroundings, kind));
    let gateway = Gateway::new(Arc::clone(&hosts), settings(&driver, &wanted), wire.client()?);
    let over = async {
        tokio::select! {
            () = stop.cancelled() => {}
            () = driver.ended() => {}
            () = orphaned(parent) => {}
        }
    };
    gateway.run_all(listeners, over).await;
    hosts.settle().await;
    let _ = tokio::task::spawn_blocking(move || drop(driver)).await;
    Ok(Exit::Done)
}

/// The real driver.
fn program(kind: Kind, named: Option<&Path>) -> Result<PathBuf> {
    let own = std::env::current_exe().and_then(|own| own.canonicalize()).ok();
    match named {
        Some(path) if path.canonicalize().ok().is_some_and(|real| Some(real) == own) => {
            let message = format!("`{}` is this stand-in itself, not the real driver", path.display());
            Err(Usage::new(&message, "name the real one, or none").into())
        }
        Some(path) => Ok(path.to_owned()),
        None => real_driver(kind).ok_or_else(|| {
            Usage::new("the real driver was not found", &format!("install it: {}", kind.install())).into()
        }),
    }
}

/// Becomes the real driver; gives what kept it from that.
fn become_it(program: &Path, args: &[String]) -> anyhow::Error {
    let failed = process::Command::new(program).args(args).exec();
    anyhow::Error::from(failed).context(format!("cannot run `{}`", program.display()))
}

/// As the real ones do: chromedriver takes both addresses of `localhost`, or all that there are; geckodriver the one that it
/// is given.
async fn listen(wanted: &StandIn) -> Result<Vec<TcpListener>> {
    let taken = || format!("cannot listen on port {}\nhint: is it taken?", wanted.port);
    if let Some(host) = wanted.host.as_deref().filter(|host| *host != "localhost") {
        let mut listener = TcpListener::bind((host, wanted.port)).await;
        if host == "::" && listener.is_err() {
            // There may be no such protocol here.
            listener = TcpListener::bind(("0.0.0.0", wanted.port)).await;
        }
        return Ok(vec![listener.with_context(taken)?]);
    }
    let first = TcpListener::bind(("127.0.0.1", wanted.port)).await.with_context(taken)?;
    let port = first.local_addr()?.port();
    // There may be no such protocol here.
    let second = TcpListener::bind((IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), port)).await.ok();
    Ok([first].into_iter().chain(second).collect())
}

/// The real ones say nothing of the kind, but nor do they log anybody in.
fn warn_of_strangers(wanted: &StandIn, listeners: &[TcpListener]) {
    if wanted.guard.peers == Peers::All && listeners.iter().any(is_far) {
        warn!(
            "other machines that reach this port get browsers that are logged in; let a firewall see to it"
        );
    }
}

/// The real driver decides how many browsers there may be and how long they live. Other machines do not reach its sockets.
fn settings(driver: &RealDriver, wanted: &StandIn) -> Settings {
    Settings {
        behind: Behind::plain(driver.url().clone()),
        max_sessions: MOST_SESSIONS,
        idle_timeout: None,
        relay_sockets: RelaySockets::Auto,
        base: wanted.base.clone(),
        guard: wanted.guard.clone(),
        ..Settings::default()
    }
}

/// Waits until whoever started us is gone.
async fn orphaned(parent: u32) {
    while parent_id() == parent {
        time::sleep(LOOK_EVERY).await;
    }
}

fn wire(surroundings: StandInEnvironment, environment: &Environment) -> Wire {
    let common = Common {
        json: false,
        verbose: 0,
        quiet: true,
        config: surroundings.config,
        context: surroundings.context,
        user: surroundings.user,
        timeout: Length(DEFAULT_DEADLINE),
        insecure: false,
        ca: None,
    };
    Wire::new(common, environment)
}

/// The session of all browsers, or why there is none.
#[derive(Debug)]
struct Hosts(Result<Guests, String>);

impl Hosts {
    /// A session that cannot be loaded is no reason not to listen: each new browser is refused, with the reason.
    fn open(wire: &Wire, surroundings: &StandInEnvironment, kind: Kind) -> Self {
        let target = Target::here(kind);
        let open = || -> Result<_> {
            let named = surroundings.session.as_deref().map(str::parse::<Reference>).transpose()?;
            let wards = Wards::new(wire, &target)?;
            let usual = wards.asked(named.as_ref())?;
            Ok(Guests::new(wire, wards, Some(usual)))
        };
        match open() {
            Ok(guests) => Self(Ok(guests)),
            Err(error) => {
                let (message, hints) = words(&error);
                let trouble = hints.iter().fold(message, |text, hint| format!("{text}\nhint: {hint}"));
                warn!("no browser can be logged in: {trouble}");
                Self(Err(trouble))
            }
        }
    }

    async fn settle(&self) {
        if let Ok(guests) = &self.0 {
            guests.settle().await;
        }
    }

    fn guests(&self) -> Result<&Guests, Error> {
        self.0.as_ref().map_err(|reason| Error::Nobody { reason: reason.clone() })
    }
}

impl Roster for Hosts {
    type Login = <Guests as Roster>::Login;

    fn find(&self, name: &str) -> Result<Option<Arc<Living<Self::Login>>>, GivenUp> {
        self.0.as_ref().map_or(Ok(None), |guests| guests.find(name))
    }

    fn active(&self, url: &Url) -> Option<String> {
        self.0.as_ref().ok()?.active(url)
    }
}

impl Users for Hosts {
    fn pick(&self, wish: &Wish) -> Result<Arc<Living<Self::Login>>, Error> {
        self.guests()?.pick(wish)
    }

    async fn prompts(&self, state: &State) -> Result<Option<Answer>, Error> {
        self.guests()?.prompts(state).await
    }

    fn client(&self, certificates: Certificates, upstream: Option<Upstream>) -> Result<Client, Error> {
        self.guests()?.client(certificates, upstream)
    }

    /// The tool that started us does not ask.
    fn tell(&self, event: &Event) {
        if let Event::Refused { reason } = event {
            warn!("a browser was refused: {reason}");
        }
    }
}

const MOST_SESSIONS: usize = 1000;
const LOOK_EVERY: Duration = Duration::from_secs(1);
