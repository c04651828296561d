//! Where the stand-ins come from, and what they do when nobody told whose session they give.

use std::{fs, path::Path};

use handstamp::browser::Kind;
use nix::sys::signal::Signal;
use serde_json::json;

use crate::{
    stage::{Stage, open, port},
    support::{Place, Running},
};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_it_is_the_real_driver_and_with_a_wrong_one_browsers_are_refused() {
    let stage = Stage::set().await;
    for kind in [Kind::Chromium, Kind::Firefox] {
        let version = stage.driver(kind, &["--version"]).end().await.ends_with(0);
        version.says(if kind == Kind::Chromium { "ChromeDriver " } else { "geckodriver " });
    }
    let mut command = stage.command(Kind::Chromium, &["--port=0"]);
    command.env_remove("HANDSTAMP_SESSION");
    let mut driver = Running::start(command);
    driver.has_said("started successfully").await;
    driver.signal(Signal::SIGTERM);
    driver.end().await.says("browsers are not logged in");
    let mut command = stage.command(Kind::Chromium, &["--port=0"]);
    command.env("HANDSTAMP_SESSION", "nobody");
    let mut driver = Running::start(command);
    let port = port(&mut driver, Kind::Chromium).await;
    let refused = open(&format!("http://127.0.0.1:{port}"), json!({})).await.unwrap_err();
    assert!(refused.contains("nobody"), "{refused}");
    driver.signal(Signal::SIGTERM);
    driver.end().await.ends_with(0).says("no browser can be logged in");
    stage.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_made_and_removed_and_what_is_not_ours_is_left_alone() {
    let place = Place::new();
    let folder = place.path("bin");
    place
        .handstamp(&["drivers", "install", &folder, "--plain-names"])
        .await
        .ends_with(0)
        .says("handstamp-geckodriver");
    for name in ["handstamp-chromedriver", "handstamp-geckodriver", "chromedriver", "geckodriver"] {
        assert!(Path::new(&folder).join(name).is_file(), "{name}");
    }
    place.handstamp(&["drivers", "install", &folder]).await.ends_with(0);
    let other = Path::new(&folder).join("geckodriver");
    fs::remove_file(&other).unwrap();
    fs::write(&other, "mine").unwrap();
    let refused = place.handstamp(&["drivers", "install", &folder, "--plain-names"]).await.ends_with(2);
    refused.says("is something else");
    place.handstamp(&["drivers", "remove", &folder]).await.ends_with(0).says("removed");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "only the other one is left");
}
