//! One contestant's run: started, watched, ended when its time is up, and measured at the front.

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::Child,
    time,
};

use crate::{app::App, contestant::Contestant, coverage::Coverage, front::Front, stage::Stage, tree};

/// What came of one run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) who: Contestant,
    pub(crate) coverage: Coverage,
    /// How many there were to find, where that is known.
    pub(crate) count: Option<usize>,
    /// From the start of the process to its end.
    pub(crate) total: Duration,
    /// The most memory that its processes held at once, in bytes.
    pub(crate) peak: u64,
    /// What it says that it did, where it says so.
    pub(crate) actions: Option<usize>,
    /// The last that it said, when it failed.
    pub(crate) failure: Option<String>,
}

/// Lets one contestant crawl the application, which is opened anew for it where we open it.
pub(crate) async fn run(who: Contestant, tools: &std::path::Path, limit: Duration) -> Result<Run> {
    let app = App::open().await?;
    let front = Front::open(&app.url).await?;
    let stage = Stage::set(&app, &front.url, tools, who.name(), limit).await?;
    who.prepare(&stage).await?;
    front.begin(stage.secrets.clone());
    let begin = Instant::now();
    let mark = format!("{}-{}", who.name(), std::process::id());
    let mut child = who
        .command(&stage)
        .env(MARK, &mark)
        .spawn()
        .with_context(|| format!("{} cannot be started", who.name()))?;
    let root = child.id().context("it has ended already")?;
    let (peak, actions, last) =
        (AtomicU64::new(0), AtomicUsize::new(0), std::sync::Mutex::new(String::new()));
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let is_success = {
        let reading = async { tokio::join!(count(out, &actions), keep(err, &last)) };
        tokio::select! {
            // Both watch until the process has ended.
            _ = async { tokio::join!(reading, tree::watch(root, &peak)) } => None,
            status = ended(&mut child, limit) => status,
        }
    };
    let total = begin.elapsed();
    // Some leave their browsers behind.
    send(Signal::SIGKILL, tree::marked(MARK, &mark));
    let coverage = app.measure.sum_up(&front.taken(), begin);
    let last = last.into_inner().unwrap_or_default();
    let actions = Some(actions.into_inner()).filter(|_| who != Contestant::Katana);
    let failure = (is_success == Some(false)).then_some(last);
    Ok(Run { who, coverage, count: app.measure.count(), total, peak: peak.into_inner(), actions, failure })
}

/// Waits for the end, and brings it about some time after the limit; tells whether it ended well by itself.
async fn ended(child: &mut Child, limit: Duration) -> Option<bool> {
    if let Ok(Ok(status)) = time::timeout(limit + GRACE, child.wait()).await {
        // A crawl that its limit ended is as good as one that found its end.
        return Some(
            status.success() || status.code() == Some(handstamp::cli::Exit::Incomplete.code().into()),
        );
    }
    let all: Vec<_> = child.id().map(tree::under).unwrap_or_default().into_iter().collect();
    send(Signal::SIGTERM, all.iter().copied());
    if time::timeout(GRACE, child.wait()).await.is_err() {
        send(Signal::SIGKILL, all);
        let _ = child.wait().await;
    }
    None
}

fn send(signal: Signal, to: impl IntoIterator<Item = u32>) {
    for id in to.into_iter().filter_map(|id| i32::try_from(id).ok()) {
        let _ = kill(Pid::from_raw(id), signal);
    }
}

/// Counts the actions that are told: our own events, or the sum that a peer's driver tells each second.
async fn count(out: Option<impl AsyncRead + Unpin>, actions: &AtomicUsize) {
    let Some(out) = out else { return };
    let mut lines = BufReader::new(out).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(told) = serde_json::from_str::<Value>(&line) else { continue };
        if told["event"] == "fired" {
            actions.fetch_add(1, Ordering::Relaxed);
        } else if let Some(sum) = told["actions"].as_u64().and_then(|sum| usize::try_from(sum).ok()) {
            actions.store(sum, Ordering::Relaxed);
        }
    }
}

async fn keep(err: Option<impl AsyncRead + Unpin>, last: &std::sync::Mutex<String>) {
    let Some(err) = err else { return };
    let mut lines = BufReader::new(err).lines();
    let mut kept = std::collections::VecDeque::new();
    while let Ok(Some(line)) = lines.next_line().await {
        kept.push_back(line);
        if kept.len() > TOLD {
            kept.pop_front();
        }
        let text = kept.iter().cloned().collect::<Vec<_>>().join("\n");
        *last.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = text;
    }
}

const GRACE: Duration = Duration::from_secs(15);
const TOLD: usize = 12;
/// The variable by which all processes of a run are known.
const MARK: &str = "BENCH_RUN";
