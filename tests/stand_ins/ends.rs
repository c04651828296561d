//! However a stand-in or its tool ends, nothing of the real driver and its browsers stays.

use handstamp::browser::Kind;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    stage::{Stage, open, plain_options, port},
    support::{Running, slot},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_of_the_stand_in_is_logged_in_and_nothing_of_it_stays() {
    let _slot = slot().await;
    let stage = Stage::set().await;
    let mut driver =
        stage.driver(Kind::Chromium, &["--port=0", "--enable-chrome-logs", "--url-base=/my/base"]);
    let port = port(&mut driver, Kind::Chromium).await;
    let client = open(&format!("http://127.0.0.1:{port}/my/base/"), zap_options()).await.unwrap();
    assert!(client.capabilities().unwrap()["webSocketUrl"].is_string(), "it was asked for");
    stage.sees_the_session(&client, "first").await;
    let tab = client.new_window(true).await.unwrap().handle;
    client.switch_to_window(tab).await.unwrap();
    stage.sees_the_session(&client, "tab").await;
    let popup = stage.site.page("/?who=popup");
    client
        .execute("window.open(arguments[0], '_blank', 'noopener')", vec![json!(popup.as_str())])
        .await
        .unwrap();
    let saw = stage.saw("popup").await;
    // Known: the pipe is the tool's own, BiDi is what is left, and of Chromium it may lose the race with such a pop-up's
    // first document; what tabs share is in place all the same.
    assert_eq!(
        (&saw["local"]["token"], &saw["cookie"]),
        (&json!("own-local"), &json!("seen=own-cookie")),
        "{saw}"
    );
    println!("sessionStorage of a pop-up without opener: {}", saw["session"]);
    // The tool dies without a word to its browser.
    driver.signal(Signal::SIGTERM);
    driver.end().await.ends_with(0);
    stage.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_stand_in_is_killed_its_driver_and_browsers_end_too() {
    let _slot = slot().await;
    let stage = Stage::set().await;
    let mut driver = stage.driver(Kind::Chromium, &["--port=0"]);
    let port = port(&mut driver, Kind::Chromium).await;
    let client = open(&format!("http://127.0.0.1:{port}"), plain_options()).await.unwrap();
    stage.sees_the_session(&client, "first").await;
    driver.signal(Signal::SIGKILL);
    driver.end().await;
    stage.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_tool_is_killed_its_stand_in_ends_with_driver_and_browsers() {
    for kind in [Kind::Chromium, Kind::Firefox] {
        let _slot = slot().await;
        let stage = Stage::set().await;
        let mut tool = Command::new("sh");
        tool.args(["-c", r#""$0" --port=0 & wait"#, &stage.link(kind)]);
        stage.surround(&mut tool);
        let mut tool = Running::start(tool);
        let port = port(&mut tool, kind).await;
        let client = open(&format!("http://127.0.0.1:{port}"), options(kind)).await.unwrap();
        stage.sees_the_session(&client, "first").await;
        tool.signal(Signal::SIGKILL);
        tool.end().await;
        stage.is_empty();
    }
}

fn options(kind: Kind) -> Value {
    match kind {
        Kind::Firefox => json!({ "browserName": "firefox", "moz:firefoxOptions": { "args": ["-headless"] } }),
        _ => plain_options(),
    }
}

/// What ZAP asks Chromium for, and what this machine needs.
fn zap_options() -> Value {
    let args = [
        "--proxy-bypass-list=<-loopback>",
        "--ignore-certificate-errors",
        "--remote-debugging-pipe",
        "--enable-unsafe-extension-debugging",
        "--headless=new",
        "--no-sandbox",
    ];
    json!({ "acceptInsecureCerts": true, "webSocketUrl": true, "goog:chromeOptions": { "args": args } })
}
