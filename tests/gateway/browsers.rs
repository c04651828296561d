//! Real browsers through the gateway, driven by a client that knows nothing of it.

use fantoccini::Client;
use handstamp::{
    session::{HeaderToken, Source, State, now},
    site::Origin,
};
use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use serde_json::{Value, json};

use super::{
    stage::{Gate, is_logged_in, is_stranger, session_at},
    support::{LOGOUT, Site, World, kill, slot},
};

#[tokio::test(flavor = "multi_thread")]
async fn chromium_is_logged_in_in_every_document_and_stays_logged_out_after_the_logout() {
    is_logged_in_everywhere(json!({ "browserName": "chrome" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_is_logged_in_in_every_document_and_stays_logged_out_after_the_logout() {
    is_logged_in_everywhere(json!({ "browserName": "firefox" })).await;
}

async fn is_logged_in_everywhere(capabilities: Value) {
    let _slot = slot().await;
    let mut site = Site::open().await;
    let mut gate = Gate::open(&session_at(&site), &[]).await;
    let client = gate.client(capabilities).await.unwrap();
    assert!(!client.capabilities().unwrap().contains_key("webSocketUrl"), "nobody asked for it");
    assert!(site.visits().is_empty(), "the application was asked: {:?}", site.visits());
    client.goto(site.page("/?who=first").as_str()).await.unwrap();
    is_logged_in(&site.saw("first").await);
    assert!(site.visits()[0].cookies.contains("hidden=own-hidden"), "{:?}", site.visits());
    let tab = client.new_window(true).await.unwrap();
    client.switch_to_window(tab.handle).await.unwrap();
    client.goto(site.page("/?who=tab").as_str()).await.unwrap();
    is_logged_in(&site.saw("tab").await);
    for (who, features) in [("popup", "popup,width=300,height=200"), ("stranger", "noopener")] {
        let url = site.page(&format!("/?who={who}"));
        run(&client, &format!("window.open('{url}', '_blank', '{features}')")).await;
        is_logged_in(&site.saw(who).await);
    }
    client.goto(site.other("/?who=elsewhere").as_str()).await.unwrap();
    is_stranger(&site.saw("elsewhere").await);
    client.goto(site.page("/?who=before").as_str()).await.unwrap();
    run(&client, LOGOUT).await;
    for who in ["after", "later"] {
        client.goto(site.page(&format!("/?who={who}")).as_str()).await.unwrap();
        is_stranger(&site.saw(who).await);
    }
    client.close().await.unwrap();
    gate.running.has_said("its client ended it").await;
    gate.has_no_browsers();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_no_browser_can_have_comes_by_way_of_the_proxy() {
    let _slot = slot().await;
    let app = World::kind().await;
    let origin = Origin::parse(&app.url("/")).unwrap();
    let token = HeaderToken {
        origin,
        name: "Authorization".into(),
        value: "Bearer of-memory".into(),
        source: Source::Memory,
    };
    let mut state = State { headers: vec![token], created: now(), ..State::default() };
    state.scope.push(Origin::parse(&app.url("/")).unwrap());
    let mut gate = Gate::open(&state, &[]).await;
    let client = gate.client(json!({ "browserName": "chrome" })).await.unwrap();
    gate.running.has_said("(cdp, proxy)").await;
    client.goto(&app.url("/page")).await.unwrap();
    let got = app.take();
    assert!(got.iter().any(|got| got.header("authorization") == "Bearer of-memory"), "{got:?}");
    client.close().await.unwrap();
    let without = json!({ "browserName": "chrome", "handstamp:options": { "proxy": false } });
    let client = gate.client(without).await.unwrap();
    client.goto(&app.url("/without")).await.unwrap();
    let got: Vec<_> = app.take().into_iter().filter(|got| got.target.ends_with("/without")).collect();
    assert_eq!(got.iter().map(|got| got.header("authorization")).collect::<Vec<_>>(), [""]);
    client.close().await.unwrap();
    let alone = json!({ "browserName": "chrome", "handstamp:options": { "proxy": true, "storage": false } });
    let client = gate.client(alone).await.unwrap();
    gate.running.has_said("(proxy)").await;
    client.goto(&app.url("/alone")).await.unwrap();
    let got: Vec<_> = app.take().into_iter().filter(|got| got.target.ends_with("/alone")).collect();
    assert_eq!(got[0].header("authorization"), "Bearer of-memory", "{got:?}");
    client.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_dies_ends_its_session_with_all_that_it_started() {
    let _slot = slot().await;
    let site = Site::open().await;
    let mut gate = Gate::open(&session_at(&site), &[]).await;
    let client = gate.client(json!({ "browserName": "chrome" })).await.unwrap();
    assert!(kill_driver(&gate) > 0);
    gate.running.has_said("the driver or the browser died").await;
    let error = client.goto(site.page("/").as_str()).await.unwrap_err();
    assert!(error.is_invalid_session_id(), "{error:?}");
    gate.has_no_browsers();
    let client = gate.client(json!({ "browserName": "chrome" })).await.unwrap();
    assert!(kill(&gate.place.path("tmp")) > 0, "the browser alone");
    assert!(client.goto(site.page("/").as_str()).await.is_err());
    assert!(client.current_url().await.unwrap_err().is_invalid_session_id());
    gate.has_no_browsers();
}

/// Kills the drivers of a gateway, which bear its folder in their environment alone.
fn kill_driver(gate: &Gate) -> usize {
    let drivers: Vec<_> =
        gate.place.leftovers().into_iter().filter(|p| p.contains("chromedriver --port")).collect();
    let ids = drivers.iter().filter_map(|p| p.strip_prefix("/proc/")?.split(':').next()?.parse::<i32>().ok());
    ids.filter(|id| signal::kill(Pid::from_raw(*id), Signal::SIGKILL).is_ok()).count()
}

async fn run(client: &Client, script: &str) {
    client.execute(script, Vec::new()).await.unwrap();
}
