//! A crawl with browsers that somebody else opens: a driver that runs already, and a Selenium Grid whose nodes get lost.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "clippy knows the tests, not what they share")]

#[path = "grid/parts.rs"]
mod parts;
mod support;

use std::{collections::BTreeSet, fs, path::Path, process::Stdio, time::Duration};

use handstamp::browser::{Driver, Kind};
use parts::{Grid, fetch};
use serde_json::Value;
use support::{Place, Shop, Truth, slot};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
    time,
};

async fn logged_in(place: &Place, shop: &Shop) {
    let (username, password) = shop.anna();
    let login = [
        "login",
        &shop.login_page(),
        "--username",
        username,
        "--password-env",
        "PASSWORD",
        "--session",
        "anna",
    ];
    place.handstamp_with(&[("PASSWORD", password)], &login).await.ends_with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_uses_the_browsers_of_a_driver_that_runs_already_under_the_name_that_they_are_told() {
    let _slot = slot().await;
    let (place, shop) = (Place::new(), Shop::open());
    logged_in(&place, &shop).await;
    let driver = Driver::start(Kind::Chromium).await.unwrap();
    let output = place.path("result");
    let url = driver.url().to_string();
    let crawl = [
        "crawl",
        shop.url.as_str(),
        "--session",
        "anna",
        "--webdriver",
        &url,
        "--browsers",
        "2",
        "--max-states",
        "5",
    ];
    let more = ["--advertise", "localhost", "--output", &output];
    let ran = place.handstamp(&[&crawl[..], &more].concat()).await.ends_with(0);
    ran.says("still logged in");
    assert!(!ran.err.contains("proxies listen on"), "loopback is worth no warning:\n{}", ran.err);
    let requests = fs::read_to_string(format!("{output}/requests.jsonl")).unwrap();
    assert!(requests.contains("/rest/user/whoami"), "the session is there from the start");
    assert!(fetch(&format!("{url}sessions")).await.is_some_and(|all| all["value"] == serde_json::json!([])));
}

#[tokio::test]
async fn a_name_for_browsers_elsewhere_needs_browsers_elsewhere() {
    let place = Place::new();
    let crawl = ["crawl", "http://127.0.0.1:9/", "--advertise", "a.example"];
    place.handstamp(&crawl).await.ends_with(2).says("--webdriver");
}

/// What a crawl said and reached.
struct Crawled {
    events: Vec<Value>,
    missed: BTreeSet<String>,
    count: usize,
}

impl Crawled {
    fn of(&self, name: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["event"] == name).collect()
    }

    fn reason(&self) -> &str {
        self.of("ended")[0]["reason"].as_str().unwrap()
    }
}

/// Crawls a fresh shop on the grid; `lose` is a node that is killed after so many actions.
async fn crawl(grid: &mut Grid, browsers: usize, lose: Option<(usize, u64)>) -> Crawled {
    let (place, shop) = (Place::new(), Shop::open());
    logged_in(&place, &shop).await;
    let (output, count) = (place.path("result"), browsers.to_string());
    let args = [
        "crawl",
        shop.url.as_str(),
        "--session",
        "anna",
        "--webdriver",
        &grid.url.clone(),
        "--browsers",
        &count,
    ];
    let more = [
        "--policy",
        "all",
        "--exclude",
        "/truth.json",
        "--max-duration",
        "420s",
        "--output",
        &output,
        "--json",
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_handstamp"));
    command.args([&args[..], &more].concat()).env("HANDSTAMP_HOME", place.path("store"));
    command.env("HOME", place.path("home")).env("TMPDIR", place.path("tmp")).kill_on_drop(true);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut events, mut lose) = (Vec::new(), lose);
    while let Some(line) = lines.next_line().await.unwrap() {
        let event: Value = serde_json::from_str(&line).unwrap();
        if let Some((node, _)) =
            lose.take_if(|(_, after)| event["fired"].as_u64().is_some_and(|n| n >= *after))
        {
            assert!(grid.taken().await > 2, "browsers are on both nodes");
            grid.kill_node(node);
        }
        if !matches!(event["event"].as_str(), Some("fired" | "found")) {
            println!("{event}");
        }
        events.push(event);
    }
    assert!(lose.is_none(), "the crawl ended before a node was lost");
    time::timeout(Duration::from_secs(20), child.wait()).await.expect("it ends").unwrap();
    let reached = Truth::of_shop(&shop.truth().await, "customer").reached(Path::new(&output));
    Crawled { events, count: reached.of(), missed: reached.missed }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Selenium Grid; run by make test-grid"]
async fn a_crawl_that_loses_a_node_reaches_what_one_reaches_that_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut grid = Grid::start(2, folder.path().to_str().unwrap()).await;
    let whole = crawl(&mut grid, 4, None).await;
    println!("without loss: {} of {} missed: {:?}", whole.missed.len(), whole.count, whole.missed);
    assert_eq!((whole.reason(), whole.of("replaced").len(), whole.of("fewer").len()), ("complete", 0, 0));
    assert_eq!(grid.taken().await, 0, "all sessions are ended");

    let lossy = crawl(&mut grid, 4, Some((0, 60))).await;
    println!("with a node lost: {} of {} missed: {:?}", lossy.missed.len(), lossy.count, lossy.missed);
    assert_eq!((lossy.reason(), lossy.of("replaced").len()), ("complete", 2), "the two browsers of the node");
    assert_eq!(lossy.of("fewer").len(), 1, "it is said once that there is room for two");
    assert_eq!(lossy.of("fewer")[0]["browsers"], 2);
    for crawled in [&whole, &lossy] {
        assert!(crawled.missed.len() * 20 <= crawled.count, "less than 95 % were reached");
    }
    assert!(lossy.missed.is_subset(&whole.missed), "{:?} and {:?}", lossy.missed, whole.missed);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Selenium Grid; run by make test-grid"]
async fn a_crawl_goes_on_with_the_browsers_that_the_grid_has() {
    let folder = tempfile::tempdir().unwrap();
    let grid = Grid::start(1, folder.path().to_str().unwrap()).await;
    let (place, shop) = (Place::new(), Shop::open());
    logged_in(&place, &shop).await;
    let output = place.path("result");
    let crawl =
        ["crawl", shop.url.as_str(), "--session", "anna", "--webdriver", &grid.url, "--browsers", "40"];
    let more = ["--max-duration", "20s", "--output", &output, "--json"];
    let ran = place.handstamp(&[&crawl[..], &more].concat()).await.ends_with(0);
    let events: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| events.iter().filter(|e| e["event"] == name).collect::<Vec<_>>();
    assert_eq!(of("opened").len(), 2);
    assert_eq!(of("fewer").len(), 1, "{:?}", of("fewer"));
    assert_eq!((&of("fewer")[0]["browsers"], &of("fewer")[0]["asked"]), (&2.into(), &40.into()));
    assert_eq!(grid.taken().await, 0, "all sessions are ended");
}
