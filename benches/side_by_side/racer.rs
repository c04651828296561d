//! A contestant: a program that runs from its start to its end against the clock.

use std::{
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time,
};

/// A program and its arguments.
#[derive(Debug)]
pub(crate) struct Racer {
    program: PathBuf,
    args: Vec<String>,
    env: Vec<(&'static str, String)>,
    /// Name of a stage, and what stands in the line on stderr that ends it.
    stages: &'static [(&'static str, &'static str)],
}

/// One run.
#[derive(Debug)]
pub(crate) struct Lap {
    /// From the start of the process to its end.
    pub(crate) total: Duration,
    /// How long each stage took, the last one up to the end of the process.
    pub(crate) stages: Vec<(&'static str, Duration)>,
}

impl Racer {
    pub(crate) fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), args: Vec::new(), env: Vec::new(), stages: &[] }
    }

    pub(crate) fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.env.push((name, value.to_owned()));
        self
    }

    pub(crate) fn stages(mut self, stages: &'static [(&'static str, &'static str)]) -> Self {
        self.stages = stages;
        self
    }

    /// Runs it once.
    ///
    /// # Errors
    /// When it fails or takes too long, with the last that it said.
    pub(crate) async fn run(&self) -> Result<Lap> {
        let start = Instant::now();
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{}` cannot be started", self.program.display()))?;
        let mut said = Vec::new();
        let Ok(ended) = time::timeout(LIMIT, listen(&mut child, start, &mut said)).await else {
            end(&mut child).await;
            bail!("`{}` did not end in time\n{}", self.program.display(), last(&said));
        };
        let (success, total) = ended?;
        if !success {
            bail!("`{} {}` failed\n{}", self.program.display(), self.args.join(" "), last(&said));
        }
        Ok(Lap { total, stages: self.split(&said, total) })
    }

    fn split(&self, said: &[(Duration, String)], total: Duration) -> Vec<(&'static str, Duration)> {
        let mut lines = said.iter();
        let (mut before, mut stages) = (Duration::ZERO, Vec::new());
        for (name, marker) in self.stages {
            let end = if marker.is_empty() {
                total
            } else {
                // A marker that is missing must not use up the lines of those that follow.
                match lines.clone().position(|(_, line)| line.contains(marker)) {
                    Some(at) => lines.nth(at).map_or(total, |(when, _)| *when),
                    None => before,
                }
            };
            stages.push((*name, end.saturating_sub(before)));
            before = end;
        }
        stages
    }
}

/// Stamps each line of stderr with its time, and waits for the end.
async fn listen(
    child: &mut Child,
    start: Instant,
    said: &mut Vec<(Duration, String)>,
) -> Result<(bool, Duration)> {
    let mut lines = BufReader::new(child.stderr.take().context("stderr cannot be read")?).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        said.push((start.elapsed(), line));
    }
    let status = child.wait().await?;
    Ok((status.success(), start.elapsed()))
}

/// Asks it to end, so that it can end its browser.
async fn end(child: &mut Child) {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
    if time::timeout(GRACE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

fn last(said: &[(Duration, String)]) -> String {
    let lines: Vec<_> = said.iter().rev().take(TOLD).map(|(_, line)| line.as_str()).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

const LIMIT: Duration = Duration::from_secs(90);
const GRACE: Duration = Duration::from_secs(10);
const TOLD: usize = 20;
