//! WebDriver clients that nobody here wrote, unchanged but for the address: their browsers are logged in from the first script on.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

#[path = "gateway/stage.rs"]
mod stage;

use std::{path::PathBuf, process::Stdio, time::Duration};

use serde_json::{Value, json};
use stage::{Gate, is_logged_in, is_stranger, session_at};
use support::{Site, slot};
use tokio::{process::Command, time};

/// Lets a client do its work with a browser.
macro_rules! with_client {
    ($($client:ident),+ $(,)?) => {
        $(mod $client {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            #[ignore = "needs clients of others; run by make test-clients"]
            async fn has_a_chromium_that_is_logged_in() {
                works(stringify!($client), "chrome").await;
            }

            #[tokio::test(flavor = "multi_thread")]
            #[ignore = "needs clients of others; run by make test-clients"]
            async fn has_a_firefox_that_is_logged_in() {
                works(stringify!($client), "firefox").await;
            }
        })+
    };
}

with_client!(selenium_python, selenium_webdriver, webdriverio, thirtyfour);

async fn works(client: &str, browser: &str) {
    let _slot = slot().await;
    let mut site = Site::open().await;
    let mut gate = Gate::open(&session_at(&site), &[]).await;
    let page = site.page("");
    let mut command = command(client);
    command.args([&gate.url(""), browser, page.as_str().trim_end_matches('/')]);
    let output = time::timeout(LIMIT, command.kill_on_drop(true).output()).await.expect("it ends").unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{client}: {out}\n{err}");
    for who in ["first", "tab", "popup", "stranger"] {
        is_logged_in(&site.saw(who).await);
    }
    assert!(site.visits()[0].cookies.contains("hidden=own-hidden"), "{:?}", site.visits());
    for turn in 0..2 {
        is_stranger(&site.saw_again("after", turn).await);
    }
    if client != "thirtyfour" {
        let told: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
        let urls = told["bidi"].as_array().unwrap();
        assert!(urls.contains(&json!(site.page("/?who=first").as_str())), "{told}");
        assert!(client != "selenium_webdriver" || told["status"] == "success", "{told}");
    }
    gate.running.has_said("its client ended it").await;
    gate.has_no_browsers();
}

fn command(client: &str) -> Command {
    let tools = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/clients");
    let mut command = match client {
        "selenium_python" => Command::new(tools.join("python/bin/python")),
        "thirtyfour" => Command::new(tools.join("thirtyfour/debug/handstamp-client-thirtyfour")),
        _ => Command::new("node"),
    };
    match client {
        "selenium_python" => drop(command.arg(tools.join("selenium_python.py"))),
        "thirtyfour" => {}
        _ => drop(command.arg(tools.join(format!("{client}.mjs")))),
    }
    command.stdin(Stdio::null());
    command
}

const LIMIT: Duration = Duration::from_secs(120);
