//! Measures whether the cost of a crawl grows with what there is to find alone: the time per new state, for 100 and for 1,000 views.
//!
//! `BENCH_VIEWS="100 400"` takes other numbers of views.

#![expect(clippy::print_stdout, reason = "the figures are this program's result")]

mod maze;

use std::{
    env, fs,
    net::SocketAddr,
    path::Path,
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use handstamp::{
    browser::{Browser, Launch},
    crawl::{BoxError, Crawl, Event, Settings, Source},
    proxy::{Authority, Client, Trust},
    site::{Origin, Scope},
};
use maze::Maze;
use serde_json::json;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> ExitCode {
    match compare().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What one crawl cost.
struct Cost {
    views: usize,
    states: usize,
    /// From the first state to the last.
    seconds: f64,
    /// What this process computed meanwhile; browsers and drivers do not count.
    own: f64,
    /// When each state was found.
    found: Vec<f64>,
}

async fn compare() -> Result<()> {
    let asked = env::var("BENCH_VIEWS").unwrap_or_else(|_| "100 1000".into());
    let mut costs = Vec::new();
    for views in asked.split(' ') {
        let cost = crawl(views.parse().context("BENCH_VIEWS")?).await?;
        println!("{}", row(&cost));
        costs.push(cost);
    }
    if let (Some(small), Some(large)) = (costs.first(), costs.last()) {
        let ratio = |of: fn(&Cost) -> f64| of(large) / of(small);
        println!(
            "a state of {} costs {:.2} times the time of one of {}, and {:.2} times the computing here; load {}",
            large.views,
            ratio(Cost::each),
            small.views,
            ratio(Cost::own_each),
            load()
        );
    }
    keep(&costs)
}

async fn crawl(views: usize) -> Result<Cost> {
    let maze = Maze::open(views).await?;
    let (clock, before) = (Instant::now(), computed());
    let found = Mutex::new(Vec::new());
    let crawl = Crawl {
        start: maze.url.clone(),
        scope: Scope::new(Origin::of(&maze.url)),
        settings: Settings { max_duration: Some(LIMIT), ..Settings::default() },
        stamp: None,
        rotation: None,
        authority: Authority::ephemeral()?,
        client: Client::new(&Trust::System)?,
        source: Strangers,
        events: |event| {
            if matches!(event, Event::Found { .. }) {
                found.lock().unwrap_or_else(PoisonError::into_inner).push(clock.elapsed().as_secs_f64());
            }
        },
        resume: None,
        cancel: CancellationToken::new(),
    };
    let outcome = crawl.run().await?;
    let own = computed() - before;
    let states = outcome.graph.states.len();
    ensure!(states >= views, "only {states} of {views} views were found: {:?}", outcome.end);
    let found = found.into_inner().unwrap_or_default();
    let seconds = found.last().copied().unwrap_or_default() - found.first().copied().unwrap_or_default();
    Ok(Cost { views, states, seconds, own, found })
}

impl Cost {
    /// Seconds per new state.
    fn each(&self) -> f64 {
        self.seconds / count(self.found.len())
    }

    /// Seconds of this process's computing per new state.
    fn own_each(&self) -> f64 {
        self.own / count(self.states)
    }
}

fn row(cost: &Cost) -> String {
    let quarter = (cost.found.len() / 4).max(1);
    let parts: Vec<String> = cost
        .found
        .windows(quarter)
        .step_by(quarter)
        .filter_map(|part| Some(1000.0 * (part.last()? - part.first()?) / count(part.len())))
        .map(|each| format!("{each:.0}"))
        .collect();
    format!(
        "{:>5} views: {:>5} states in {:>6.1} s, {:>4.0} ms each (by quarters {}), {:>5.1} ms each of it here",
        cost.views,
        cost.states,
        cost.seconds,
        1000.0 * cost.each(),
        parts.join(", "),
        1000.0 * cost.own_each(),
    )
}

/// Opens browsers without a session.
struct Strangers;

impl Source for Strangers {
    async fn open(&self, _worker: usize, proxy: SocketAddr) -> Result<Browser, BoxError> {
        Ok(Browser::launch(&Launch { proxy: Some(proxy), insecure: true, ..Launch::default() }).await?)
    }
}

fn keep(costs: &[Cost]) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    fs::create_dir_all(&folder)?;
    let all: Vec<_> = costs
        .iter()
        .map(|c| json!({ "views": c.views, "states": c.states, "seconds": c.seconds, "ownSeconds": c.own }))
        .collect();
    let result = json!({ "schema": "handstamp.bench-growth/1", "crawls": all });
    fs::write(folder.join("growth.json"), serde_json::to_string_pretty(&result)?)?;
    Ok(())
}

/// What this process has computed so far, in seconds: its time in its own code and in the system's.
fn computed() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}

fn load() -> String {
    fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX)).max(1.0)
}

const LIMIT: Duration = Duration::from_secs(1800);
/// How many of the kernel's ticks make a second.
const TICKS: f64 = 100.0;
