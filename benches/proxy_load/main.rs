//! Measures the proxy under load beside mitmproxy and beside no proxy at all, in turns, in one run.

#![expect(clippy::print_stdout, reason = "the figures are this program's result")]

mod load;
mod target;
mod tell;
mod way;

use std::{
    env, fs,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use load::Course;
use serde_json::json;
use target::{IN, STREAM, Target};
use tell::{Kind, Lap, Streamed, Table};
use way::Way;

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

async fn compare() -> Result<()> {
    let runs: usize = env::var("BENCH_TURNS").ok().map_or(Ok(3), |text| text.parse())?;
    ensure!(runs > 0, "a bench of no turns tells nothing");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    fs::create_dir_all(&folder)?;
    let target = Target::open().await?;
    let mut ways = Way::all(&target, &folder).await?;
    let outcome = measure(&target, &ways, runs).await;
    for way in &mut ways {
        way.end().await;
    }
    let (tables, streamed) = outcome?;
    let mut results = Vec::new();
    for table in &tables {
        println!("{table}");
        results.push(table.to_json());
    }
    for stream in &streamed {
        println!("{stream}");
        results.push(stream.to_json());
    }
    let file = folder.join("proxy.json");
    let all = json!({ "schema": "handstamp.bench.proxy/1", "turns": runs, "results": results });
    fs::write(&file, serde_json::to_string_pretty(&all)?)?;
    println!("kept in {}", file.display());
    Ok(())
}

async fn measure(target: &Target, ways: &[Way], runs: usize) -> Result<(Vec<Table>, Vec<Streamed>)> {
    let mut tables: Vec<_> = Kind::ALL.iter().map(|kind| Table::new(*kind, ways)).collect();
    for run in 0..=runs {
        for table in &mut tables {
            for (at, way) in ways.iter().enumerate() {
                // The first turn is shorter, and counts for nothing but to warm up.
                let length = if run == 0 { WARM_UP } else { LENGTH };
                let lap = lap(target, way, table.kind, length)
                    .await
                    .with_context(|| format!("{}: {}", way.name, table.kind.name()))?;
                if run > 0 {
                    table.add(at, lap);
                }
            }
        }
    }
    let mut streamed = Vec::new();
    for way in ways {
        streamed.push(stream(target, way).await.with_context(|| format!("{}: stream", way.name))?);
    }
    Ok((tables, streamed))
}

fn course(target: &Target, way: &Way, kind: Kind) -> Course {
    let tls = kind == Kind::Tls;
    let path = if kind == Kind::Large { "/large" } else { "/small" };
    Course { target: if tls { target.tls } else { target.plain }, proxy: way.proxy, tls, path }
}

async fn lap(target: &Target, way: &Way, kind: Kind, length: Duration) -> Result<Lap> {
    way.reset_peak();
    let tally = course(target, way, kind).run(CONNECTIONS, length).await?;
    ensure!((tally.first == IN) == way.session, "the session is not where it should be");
    Ok(Lap::of(&tally, way.memory().map(|(_, peak)| peak)))
}

/// Lets the longest body pass once.
async fn stream(target: &Target, way: &Way) -> Result<Streamed> {
    way.reset_peak();
    let before = way.memory().map(|(now, _)| now);
    let begun = Instant::now();
    let course = Course { target: target.plain, proxy: way.proxy, tls: false, path: "/stream" };
    let (come, _) = course.once().await?;
    ensure!(come == STREAM, "{come} bytes came");
    Ok(Streamed { name: way.name, took: begun.elapsed(), before, peak: way.memory().map(|(_, peak)| peak) })
}

const CONNECTIONS: usize = 32;
const WARM_UP: Duration = Duration::from_millis(700);
const LENGTH: Duration = Duration::from_secs(2);
