//! The example for pipelines, against the bundled shop: it passes, and it fails when the crawl reached too little.

#![expect(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use std::{path::Path, process::Stdio};

use support::{Place, Ran, Running, Shop, slot};
use tokio::process::Command;

/// Runs the example as a pipeline does.
async fn pipeline(place: &Place, shop: &Shop, least: &str) -> Ran {
    let (username, password) = shop.anna();
    let binaries = Path::new(env!("CARGO_BIN_EXE_handstamp")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci/crawl.sh"));
    command.args(["--browsers", "1", "--max-states", "4"]);
    command.env_clear().env("PATH", format!("{}:{path}", binaries.display()));
    command.env("HOME", place.path("home")).env("TMPDIR", place.path("tmp"));
    command.env("HANDSTAMP_HOME", place.path("store")).env("RESULT", place.path("result"));
    command.env("TARGET_URL", shop.url.as_str()).env("TARGET_USERNAME", username);
    command.env("TARGET_PASSWORD", password).env("MAX_DURATION", "60s").env("MIN_ENDPOINTS", least);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    Running::start(command).end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_passes_when_the_crawl_was_logged_in_and_fails_when_it_reached_too_little() {
    let _slot = slot().await;
    let (place, shop) = (Place::new(), Shop::open());
    let good = pipeline(&place, &shop, "3").await.ends_with(0);
    good.says("the session was on");
    assert!(Path::new(&place.path("result")).join("requests.jsonl").exists());
    let poor = pipeline(&place, &shop, "5000").await.ends_with(5);
    poor.says("where 5000 were asked for").says("hint:").says("reached too little");
}
