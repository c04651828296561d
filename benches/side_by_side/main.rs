//! Measures handstamp against hand-written Playwright scripts at the sample shop, side by side in one run.

#![expect(clippy::print_stdout, reason = "the figures are this program's result")]

mod contest;
mod open;
mod racer;
mod shop;

use std::{env, fs, num::NonZeroUsize, path::Path, process::ExitCode};

use contest::Contest;
use racer::Racer;
use serde_json::json;
use shop::Shop;

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let result = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["open", url, file] => open::run(url, Path::new(file)).await,
        _ => compare().await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn compare() -> anyhow::Result<()> {
    let runs = env::var("BENCH_RUNS").ok().map_or(Ok(7), |text| text.parse().map(NonZeroUsize::get))?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    fs::create_dir_all(&folder)?;
    let shop = Shop::open(&folder).await?;
    let contests = [login(&shop), open(&shop)?];
    let mut results = Vec::new();
    for contest in contests {
        let result = contest.run(runs).await?;
        println!("{result}");
        results.push(result.to_json());
    }
    let file = folder.join("results.json");
    let all = json!({ "schema": "handstamp.bench/1", "runs": runs, "contests": results });
    fs::write(&file, serde_json::to_string_pretty(&all)?)?;
    println!("kept in {}", file.display());
    Ok(())
}

/// From nothing to a proven session in a file.
fn login(shop: &Shop) -> Contest {
    let (ours, theirs) = (shop.file("handstamp.json"), shop.file("playwright.json"));
    let login = ["login", &shop.url, "--username", &shop.username, "--password-env", shop::PASSWORD];
    Contest {
        name: "log in, keep the session",
        ours: shop
            .racer(env!("CARGO_BIN_EXE_handstamp"))
            .args(login)
            .args(["--session", &ours, "-vvv"])
            .stages(LOGIN),
        theirs: shop
            .racer("node")
            .args([&peer("login.cjs"), &shop.url, &shop.username, &theirs])
            .stages(LOGIN_BY_HAND),
    }
}

/// From a session in a file to a page that is logged in.
fn open(shop: &Shop) -> anyhow::Result<Contest> {
    let file = shop.file("handstamp.json");
    Ok(Contest {
        name: "open a page with the session",
        ours: Racer::new(env::current_exe()?).args(["open", &shop.url, &file]).stages(OPEN),
        theirs: shop.racer("node").args([&peer("open.cjs"), &shop.url, &file]).stages(OPEN_BY_HAND),
    })
}

fn peer(name: &str) -> String {
    format!("{}/benches/peers/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Stages, and what is said on stderr at the end of each.
type Stages = &'static [(&'static str, &'static str)];

const LOGIN: Stages = &[
    ("driver", "driver listens"),
    ("browser", "browser is open"),
    ("goto", "opened http"),
    ("find the form", "found the form"),
    ("fill it in", "submitted by"),
    ("wait for the outcome", "answered:"),
    ("harvest", "the socket to the browser ended"),
    ("close and prove", "learned"),
    ("end", ""),
];
const LOGIN_BY_HAND: Stages = &[
    ("node", "done: process"),
    ("browser", "done: launch"),
    ("context", "done: context"),
    ("goto", "done: goto"),
    ("dismiss", "done: dismiss"),
    ("log in", "done: login"),
    ("harvest", "done: harvest"),
    ("close", "done: close"),
    ("end", ""),
];
const OPEN: Stages = &[
    ("driver", "driver listens"),
    ("browser", "done: launch"),
    ("inject", "done: inject"),
    ("goto", "done: goto"),
    ("logged in", "done: logged in"),
    ("close, end", ""),
];
const OPEN_BY_HAND: Stages = &[
    ("node", "done: process"),
    ("browser", "done: launch"),
    ("inject", "done: inject"),
    ("goto", "done: goto"),
    ("logged in", "done: logged in"),
    ("close", "done: close"),
    ("end", ""),
];
