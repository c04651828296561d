//! Measures the gateway: how long a session takes to start through it and at the bare driver, and what one command costs on its way.
//!
//! All ways take turns in one run. `BENCH_COMMANDS=2000` and `BENCH_SESSIONS=7` say how many of each.

#![expect(clippy::print_stdout, reason = "the figures are this program's result")]

mod driver;
mod way;

use std::{
    env, fs,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use driver::Instant as InstantDriver;
use handstamp::browser::{Driver, Kind};
use serde_json::{Value, json};
use way::{Gate, Way};

#[tokio::main]
async fn main() -> ExitCode {
    match measure().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure() -> Result<()> {
    let commands = count("BENCH_COMMANDS", 2000)?;
    let sessions = count("BENCH_SESSIONS", 7)?;
    println!("load {}", load());
    let mut figures = vec![relay(commands).await?];
    for kind in [Kind::Chromium, Kind::Firefox] {
        figures.push(command(kind, commands / 4).await?);
        figures.push(start(kind, sessions).await?);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join("gateway.json");
    fs::write(&file, serde_json::to_string_pretty(&json!({ "load": load(), "figures": figures }))?)?;
    println!("written to target/bench/gateway.json");
    Ok(())
}

/// A command to a driver that answers at once: what is left is the way.
async fn relay(commands: usize) -> Result<Value> {
    let driver = InstantDriver::start().await?;
    let gate = Gate::open(&["--upstream", &driver.url]).await?;
    let bare = Way::new(&driver.url, json!({})).await?;
    // There is no browser that anything could be put into.
    let through = Way::new(&gate.url, json!({ "handstamp:options": { "storage": false } })).await?;
    compare("a command to a driver that answers at once", commands, [&bare, &through]).await
}

/// A command that a real driver answers from what its browser says.
async fn command(kind: Kind, commands: usize) -> Result<Value> {
    let (near, far) = (Driver::start(kind).await?, Driver::start(kind).await?);
    let gate = Gate::open(&["--upstream", far.url().as_str()]).await?;
    let bare = Way::new(near.url().as_str(), way::capabilities(kind)).await?;
    let through = Way::new(&gate.url, way::capabilities(kind)).await?;
    let figures = compare(&format!("a command to {kind}"), commands, [&bare, &through]).await?;
    bare.close().await?;
    through.close().await?;
    Ok(figures)
}

/// A session, from the command to the answer: with a driver that was started before, with one that is started for it, and
/// through the gateway, which starts one for each and puts a session in.
async fn start(kind: Kind, sessions: usize) -> Result<Value> {
    let gate = Gate::open(&["--browser", kind.name()]).await?;
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..sessions {
        let driver = Driver::start(kind).await?;
        times[0].push(opened(driver.url().as_str(), kind).await?);
        drop(driver);
        let clock = Instant::now();
        let driver = Driver::start(kind).await?;
        let started = clock.elapsed();
        times[1].push(started + opened(driver.url().as_str(), kind).await?);
        drop(driver);
        times[2].push(opened(&gate.url, kind).await?);
    }
    let [running, bare, through] = times.map(median);
    println!(
        "a session of {kind}: {} at a driver that runs, {} with its start, {} through the gateway ({:.2} times)",
        millis(running),
        millis(bare),
        millis(through),
        through.as_secs_f64() / bare.as_secs_f64()
    );
    Ok(json!({ "what": format!("session of {kind}"), "running_ms": running.as_secs_f64() * 1e3,
        "bare_ms": bare.as_secs_f64() * 1e3, "gateway_ms": through.as_secs_f64() * 1e3 }))
}

async fn opened(url: &str, kind: Kind) -> Result<Duration> {
    let clock = Instant::now();
    let way = Way::new(url, way::capabilities(kind)).await?;
    let took = clock.elapsed();
    way.close().await?;
    Ok(took)
}

async fn compare(what: &str, commands: usize, ways: [&Way; 2]) -> Result<Value> {
    let mut times = [Vec::new(), Vec::new()];
    for turn in 0..commands + WARM {
        for (way, times) in ways.iter().zip(&mut times) {
            let clock = Instant::now();
            way.ask().await?;
            if turn >= WARM {
                times.push(clock.elapsed());
            }
        }
    }
    let [bare, through] = times.map(median);
    let cost = through.saturating_sub(bare);
    println!(
        "{what}: {} bare, {} through the gateway: {} more ({:.2} times)",
        micros(bare),
        micros(through),
        micros(cost),
        through.as_secs_f64() / bare.as_secs_f64()
    );
    Ok(json!({ "what": what, "commands": commands, "bare_us": bare.as_secs_f64() * 1e6,
        "gateway_us": through.as_secs_f64() * 1e6, "cost_us": cost.as_secs_f64() * 1e6 }))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn count(name: &str, usual: usize) -> Result<usize> {
    let number = env::var(name).map_or(Ok(usual), |text| text.parse()).context(name.to_owned())?;
    ensure!(number > 0, "{name} is nothing");
    Ok(number)
}

fn micros(time: Duration) -> String {
    format!("{:.0} µs", time.as_secs_f64() * 1e6)
}

fn millis(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}

fn load() -> String {
    fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next().unwrap_or_default().to_owned()
}

/// Commands that are not counted, so that connections are open.
const WARM: usize = 20;
