//! Measures the crawl against other crawlers: endpoint templates over time, on one application, behind one measuring front.
//!
//! `BENCH_SECONDS` is the time that each has, `BENCH_ONLY="handstamp katana"` leaves others out. `BENCH_URL`, with
//! `BENCH_USERNAME`, `BENCH_PASSWORD` and a list of endpoints in `BENCH_TRUTH`, takes another application than the sample shop.

#![expect(clippy::print_stdout, reason = "the figures are this program's result")]

mod app;
mod contestant;
mod coverage;
mod front;
mod race;
#[path = "../../tests/support/shape.rs"]
mod shape;
mod stage;
mod tell;
mod tree;

use std::{env, fs, path::Path, process::ExitCode, time::Duration};

use anyhow::Context as _;
use contestant::Contestant;
use race::Run;
use serde_json::json;

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

async fn compare() -> anyhow::Result<()> {
    let seconds = env::var("BENCH_SECONDS").map_or(Ok(60), |text| text.parse()).context("BENCH_SECONDS")?;
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench/crawl");
    fs::create_dir_all(&tools)?;
    let chosen = env::var("BENCH_ONLY").ok();
    let is_chosen = |who: &Contestant| chosen.as_ref().is_none_or(|names| names.contains(who.name()));
    println!("{}, {seconds} s and two browsers each, load before: {}", app::App::name(), load());
    let mut runs: Vec<Run> = Vec::new();
    for who in Contestant::ALL.into_iter().filter(is_chosen) {
        if let Some(what) = who.missing(&tools) {
            println!("{} is not installed here: {} is missing", who.name(), what.display());
            continue;
        }
        match race::run(who, &tools, Duration::from_secs(seconds)).await {
            Ok(run) => runs.push(run),
            Err(error) if who == Contestant::Handstamp => return Err(error),
            Err(error) => println!("{} could not run: {error:#}", who.name()),
        }
    }
    println!("{}load after: {}", tell::table(&runs), load());
    let union = tell::union(&runs, |_| true);
    let all: Vec<_> = runs.iter().map(|run| tell::to_json(run, &union)).collect();
    let result = json!({ "schema": "handstamp.bench-crawl/1", "application": app::App::name(), "limit": seconds, "runs": all });
    let file = tools.join("results.json");
    fs::write(&file, serde_json::to_string_pretty(&result)?)?;
    println!("kept in {}", file.display());
    Ok(())
}

/// How busy the machine is, over one, five and fifteen minutes.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
