//! A session goes into browsers that somebody else runs, and comes out of them: Selenium-like clients, Playwright, Puppeteer.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
};

use fantoccini::{Client, ClientBuilder};
use handstamp::{
    browser::{Driver, Kind, find},
    session::{Cookie, Database, Item, State, file},
    site::Origin,
};
use serde_json::{Map, Value, json};
use support::{Place, Running, Site, slot};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_drives_its_own_browser_is_logged_in_and_its_session_comes_out_again() {
    let _slot = slot().await;
    let (place, mut site) = (Place::new(), Site::open().await);
    let file = place.session("s.json", &session(&site));
    let driver = Driver::start(Kind::Chromium).await.unwrap();
    let client = client(&driver, json!({})).await;
    let id = client.session_id().await.unwrap().unwrap();
    client.goto(site.page("/?who=stranger").as_str()).await.unwrap();
    assert_eq!(site.saw("stranger").await["local"], json!({}));

    let running = ["--webdriver", driver.url().as_str(), "--webdriver-session", &id];
    let inject = [&["inject", "--session", &file, "--reload"][..], &running].concat();
    let mut held = place.start(&inject);
    held.has_said("1 tab is loaded again").await;
    is_logged_in(&site.saw_again("stranger", 1).await);
    let tab = client.new_window(true).await.unwrap().handle;
    client.switch_to_window(tab).await.unwrap();
    client.goto(site.page("/?who=tab").as_str()).await.unwrap();
    is_logged_in(&site.saw("tab").await);
    let popup = site.page("/?who=popup");
    client
        .execute("window.open(arguments[0], '_blank', 'noopener')", vec![json!(popup.as_str())])
        .await
        .unwrap();
    is_logged_in(&site.saw("popup").await);

    let (kept, other) = (place.path("kept.json"), site.other("/").to_string());
    let harvest = [&["harvest", "--session", &kept, "--origin", &other][..], &running].concat();
    let ran = place.handstamp(&harvest).await.ends_with(5);
    ran.says("read, but unproven");
    is_whole(&file::read(Path::new(&kept)).unwrap(), &site);

    client.close().await.unwrap();
    drop(driver);
    held.end().await.ends_with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_let_go_of_keeps_what_lasts_and_the_rest_is_told() {
    let _slot = slot().await;
    let (place, mut site) = (Place::new(), Site::open().await);
    let file = place.session("s.json", &session(&site));
    for (kind, capabilities) in [
        (Kind::Chromium, json!({ "webSocketUrl": true })),
        (Kind::Chromium, json!({})),
        (Kind::Firefox, json!({ "webSocketUrl": true })),
    ] {
        let driver = Driver::start(kind).await.unwrap();
        let client = client_of(kind, &driver, capabilities).await;
        let id = client.session_id().await.unwrap().unwrap();
        let (url, told) =
            (driver.url().to_string(), client.capabilities().unwrap().get("webSocketUrl").cloned());
        let bidi = told.as_ref().and_then(Value::as_str);
        let running = match (kind, bidi) {
            (Kind::Firefox, Some(bidi)) => vec!["--bidi", bidi],
            _ => vec!["--webdriver", &url, "--webdriver-session", &id],
        };
        let inject = [&["inject", "--session", &file, "--detach"][..], &running].concat();
        let ran = place.handstamp(&inject).await.ends_with(0);
        let who = format!("{kind}-{}", bidi.is_some());
        client.goto(site.page(&format!("/?who={who}")).as_str()).await.unwrap();
        let saw = site.saw(&who).await;
        assert_eq!(saw["local"], json!({ "token": "own-local" }), "{who}: {saw}");
        assert_eq!(saw["cookie"], "seen=own-cookie", "{who}: {saw}");
        if bidi.is_some() {
            assert_eq!(saw["session"]["tab"], "own-session", "{who}: {saw}");
        } else {
            ran.says("missing: the sessionStorage");
            assert_eq!(saw["session"], json!({}), "{who}: {saw}");
        }
        client.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_cannot_be_held_is_told_with_what_would_do() {
    let _slot = slot().await;
    let (place, site) = (Place::new(), Site::open().await);
    let file = place.session("s.json", &session(&site));
    let nobody = ["--cdp", "http://127.0.0.1:1"];
    let ran = place.handstamp(&[&["inject", "--session", &file][..], &nobody].concat()).await.ends_with(4);
    ran.says("does not answer");
    let driver = Driver::start(Kind::Firefox).await.unwrap();
    let client = client_of(Kind::Firefox, &driver, json!({})).await;
    let id = client.session_id().await.unwrap().unwrap();
    let running = ["--webdriver", driver.url().as_str(), "--webdriver-session", &id];
    let ran = place.handstamp(&[&["inject", "--session", &file][..], &running].concat()).await.ends_with(4);
    ran.says("this driver cannot set cookies of any domain").says("webSocketUrl").says("--bidi");
    let wrong = ["--webdriver", driver.url().as_str(), "--webdriver-session", "nobody"];
    place.handstamp(&[&["inject", "--session", &file][..], &wrong].concat()).await.ends_with(4);
    client.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes Playwright from npm; run by make test-attach"]
async fn every_context_of_a_playwright_script_is_logged_in() {
    in_every_context("playwright.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes Puppeteer from npm; run by make test-attach"]
async fn every_context_of_a_puppeteer_script_is_logged_in() {
    in_every_context("puppeteer.mjs").await;
}

/// A script with a context that was there before, and some that come.
async fn in_every_context(script: &str) {
    let _slot = slot().await;
    let (place, mut site) = (Place::new(), Site::open().await);
    let file = place.session("s.json", &session(&site));
    let port = free_port().to_string();
    let mut script = node(script, &port, &site);
    script.has_said("ready").await;
    assert_eq!(site.saw("early").await["local"], json!({}));
    let running = ["--cdp", &format!("http://127.0.0.1:{port}")];
    let mut held = place.start(&[&["inject", "--session", &file][..], &running].concat());
    let said = held.has_said("it stays with the browser").await;
    assert!(said.contains("1 tab is open already"), "those that primed it are none: {said}");
    script.feed_line("go").await;
    script.has_said("done").await;
    for who in ["early-again", "early-tab", "early-popup", "late", "late-tab", "late-popup", "third"] {
        is_logged_in(&site.saw(who).await);
        if who.starts_with("early") {
            continue;
        }
        let database = site.saw(&format!("{who}-database")).await;
        assert_eq!(database["jwt"], json!({ "value": "own-database" }), "{who}: {database}");
    }
    let out = site.saw("late-out").await;
    assert_eq!((&out["local"], &out["cookie"]), (&json!({}), &json!("")), "a logout stays one: {out}");

    let kept = place.path("kept.json");
    let harvest = [&["harvest", "--session", &kept, "--page", "who=third"][..], &running].concat();
    place.handstamp(&harvest).await.ends_with(5);
    let state = file::read(Path::new(&kept)).unwrap();
    let own = state.origin(&Origin::of(&site.page("/")).unwrap()).unwrap();
    assert_eq!(
        (&own.local_storage, &own.session_storage),
        (&items("token", "own-local"), &items("tab", "own-session"))
    );
    place
        .handstamp(&[&["harvest", "--session", &kept][..], &running].concat())
        .await
        .ends_with(2)
        .says("--page");
    script.feed_line("end").await;
    script.end().await.ends_with(0);
    // The database that the first page made has no place for it.
    held.end().await.ends_with(0).says("indexedDB keys/tokens");
}

/// Starts one of the scripts in `tests/attach`, where its packages are.
fn node(script: &str, port: &str, site: &Site) -> Running {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/attach");
    let mut command = Command::new("node");
    command.arg(folder.join(script)).arg(find(Kind::Chromium).browser.unwrap()).arg(port);
    command.arg(site.page("").as_str().trim_end_matches('/'));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    Running::start(command)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn client(driver: &Driver, more: Value) -> Client {
    client_of(Kind::Chromium, driver, more).await
}

/// A browser of the kind that a script opens for itself.
async fn client_of(kind: Kind, driver: &Driver, more: Value) -> Client {
    let own = match kind {
        Kind::Chromium => json!({ "goog:chromeOptions": { "args": ["--headless", "--no-sandbox"] } }),
        _ => json!({ "moz:firefoxOptions": { "args": ["-headless"] } }),
    };
    let mut all: Map<String, Value> = own.as_object().unwrap().clone();
    all.extend(more.as_object().unwrap().clone());
    ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(all)
        .connect(driver.url().as_str())
        .await
        .unwrap()
}

/// A session of both origins of the site.
fn session(site: &Site) -> State {
    let mut state = State::default();
    for (url, name) in [(site.page("/"), "own"), (site.other("/"), "other")] {
        let cookie = |name: &str, value: String, http_only| Cookie {
            name: name.into(),
            value: value.into(),
            domain: url.host_str().unwrap().into(),
            host_only: true,
            path: "/".into(),
            http_only,
            ..Cookie::default()
        };
        state.cookies.push(cookie("seen", format!("{name}-cookie"), false));
        state.cookies.push(cookie("hidden", format!("{name}-hidden"), true));
        let storage = state.origin_mut(&Origin::of(&url).unwrap());
        storage.local_storage = items("token", &format!("{name}-local"));
        storage.session_storage = items("tab", &format!("{name}-session"));
        storage.indexed_db.extend(Database::new(json!({
            "name": "keys", "version": 1, "stores": [{
                "name": "tokens", "autoIncrement": false, "indexes": [],
                "records": [{ "key": "jwt", "value": { "value": format!("{name}-database") } }],
            }],
        })));
    }
    state
}

fn items(name: &str, value: &str) -> Vec<Item> {
    vec![Item::new(name, value)]
}

/// Checks that a document's first script saw the session.
#[track_caller]
fn is_logged_in(saw: &Value) {
    assert_eq!(saw["local"], json!({ "token": "own-local" }), "{saw}");
    assert_eq!(saw["session"], json!({ "tab": "own-session" }), "{saw}");
    assert_eq!(saw["cookie"], "seen=own-cookie", "{saw}");
}

/// Checks that all came out that was put in; sessionStorage of an origin that no tab shows cannot.
#[track_caller]
fn is_whole(state: &State, site: &Site) {
    let mut values: Vec<_> = state.cookies.iter().map(|c| c.value.expose().to_owned()).collect();
    values.sort();
    assert_eq!(values, ["other-cookie", "other-hidden", "own-cookie", "own-hidden"]);
    let own = state.origin(&Origin::of(&site.page("/")).unwrap()).unwrap();
    assert_eq!(
        (&own.local_storage, &own.session_storage),
        (&items("token", "own-local"), &items("tab", "own-session"))
    );
    assert_eq!(own.indexed_db.len(), 1);
    let other = state.origin(&Origin::of(&site.other("/")).unwrap()).unwrap();
    assert_eq!(other.local_storage, items("token", "other-local"));
    assert!(state.user_agent.as_deref().is_some_and(|agent| !agent.contains("Headless")));
}
