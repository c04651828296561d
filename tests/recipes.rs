//! Logins that are recorded and played: by every format, after changes to the page, and made anew when they end.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

#[path = "recipes/hand.rs"]
mod hand;
#[path = "recipes/house.rs"]
mod house;
mod support;

use std::{fs, path::Path, time::Duration};

use hand::Hand;
use handstamp::{
    browser::{Browser, Kind, Launch, Page},
    login::flow::Recorder,
};
use house::{House, NAME, PASSWORD};
use serde_json::{Value, json};
use support::{Place, Ran, Running, slot, through};
use url::Url;

const RECORDED: &str = "recorded-Secret-9";

#[tokio::test(flavor = "multi_thread")]
async fn chromium_plays_what_a_person_did_in_it_after_every_id_has_changed() {
    record_rebuild_and_play(Kind::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_plays_what_a_person_did_in_it_after_every_id_has_changed() {
    record_rebuild_and_play(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_of_devtools_logs_in_with_the_user_s_credentials() {
    plays("login.devtools.json", "chromium").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_of_selenium_ide_logs_in_with_the_user_s_credentials() {
    plays("login.side", "firefox").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_flow_of_zap_logs_in_with_the_user_s_credentials() {
    plays("login.zst", "chromium").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_written_by_hand_logs_in_and_tells_where_it_fails() {
    let (house, place) = plays("login.yaml", "chromium").await;
    let wrong = login(&house, &place, "login.yaml", "chromium", "not-her-pass-1", "30s").await.ends_with(3);
    let evidence = wrong.json()["evidence"].as_str().unwrap().to_owned();
    assert_eq!(wrong.json()["reason"], "refused", "{evidence}");
    assert!(evidence.contains("POST /session: 401") && evidence.contains("not known here"), "{evidence}");

    let file = place.file(
        "gone.yaml",
        "schema: handstamp.recipe/1\nsteps:\n- {type: click, selectors: ['#nowhere'], timeout: 600}\n",
    );
    let ran = run(&place, &["login", &house.url("/login"), "--recipe", &file, "--json"], PASSWORD)
        .await
        .ends_with(3);
    let verdict = ran.json();
    let evidence = verdict["evidence"].as_str().unwrap();
    assert_eq!(verdict["reason"], "step", "{verdict}");
    assert!(evidence.contains("step 1: `#nowhere` was not found in time"), "{evidence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_heals_when_the_page_was_rebuilt() {
    let _slot = slot().await;
    let (house, place) = (House::open().await, Place::new());
    house.rebuild();
    let ran = login(&house, &place, "login.devtools.json", "chromium", PASSWORD, "30s").await.ends_with(0);
    ran.says("`#menu` is gone; found by `text/Staff entrance`");
    ran.says("`#terms` is gone; found by `aria/I accept the terms`");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_a_recipe_is_made_anew_when_it_ends() {
    let _slot = slot().await;
    let (house, place) = (House::open().await, Place::new());
    let file = export(&house, &place, "login.side");
    let args = [
        "login",
        &house.url("/login"),
        "--recipe",
        &file,
        "-u",
        NAME,
        "--password-env",
        "P",
        "-s",
        "anna",
        "--json",
    ];
    let kept = run(&place, &args, PASSWORD).await.ends_with(0).json();
    assert_eq!(kept["recipe"]["steps"], json!(file), "the file is remembered, by its whole path");
    let mut command = place.command(&["proxy", "--session", "anna", "--listen", "127.0.0.1:0"]);
    command.env("P", PASSWORD);
    let mut proxy = Running::start(command);
    let said = proxy.has_said("Ctrl-C").await;
    let address = said.split_whitespace().find_map(|word| {
        let word = word.trim_start_matches("http://").trim_end_matches([',', ';', '.']);
        word.starts_with("127.0.0.1:").then(|| word.to_owned())
    });
    let address = address.unwrap();
    let before = through(&address, "GET", &house.url("/api/me"), "").await;
    assert!(before.contains("200 OK") && before.contains(NAME), "{before}");
    house.evict();
    let after = through(&address, "GET", &house.url("/api/me"), "").await;
    assert!(after.contains("200 OK") && after.contains(NAME), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_logs_in_by_steps_and_by_recipes() {
    let _slot = slot().await;
    let (house, place) = (House::open().await, Place::new());
    let recipe = export(&house, &place, "login.zst");
    let user = format!("users: [{{name: anna, credentials: {{username: {NAME}, password: '${{P}}'}}}}]");
    let plan = format!(
        "contexts:
- name: steps
  urls: ['{origin}/']
  authentication:
    method: browser
    parameters:
      loginPageUrl: '{origin}/login'
      steps:
      - {{type: CLICK, cssSelector: '#menu'}}
      - {{type: CUSTOM_FIELD, cssSelector: '#tenant', value: north}}
      - {{type: CLICK, xpath: \"//input[@id='terms']\"}}
      - {{type: AUTO_STEPS}}
  {user}
- name: flow
  urls: ['{origin}/']
  authentication: {{method: client, parameters: {{recipe: '{recipe}'}}}}
  {user}
",
        origin = house.url("")
    );
    let config = place.file("plan.yaml", &plan);
    let ran = run(&place, &["login", "--config", &config, "--json"], PASSWORD).await.ends_with(0);
    let users = ran.json()["users"].clone();
    for (at, name) in ["steps/anna", "flow/anna"].iter().enumerate() {
        assert_eq!(users[at]["session"], *name, "{users}");
        assert_eq!(users[at]["verdict"]["state"], "proven", "{users}");
    }
    assert!(!ran.err.contains("not used yet"), "{}", ran.err);
    assert!(!house.traffic().contains(RECORDED));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_that_cannot_be_played_is_told_before_a_browser_opens() {
    let place = Place::new();
    let text = r#"{"title":"t","steps":[{"type":"clikc","selectors":["a"],"value":"s3cret-planted"}]}"#;
    let file = place.file("bad.json", text);
    let ran = run(&place, &["login", "http://127.0.0.1:1/", "--recipe", &file, "--json"], PASSWORD)
        .await
        .ends_with(2);
    let error = ran.json();
    assert_eq!(error["reason"], "bad-recipe", "{error}");
    let words = error["error"].as_str().unwrap();
    assert!(
        words.contains("step 1: `clikc`") && error["hint"].as_str().unwrap().contains("`click`"),
        "{error}"
    );
    assert!(!format!("{}{}", ran.out, ran.err).contains("s3cret-planted"));
    let none = place.path("none.json");
    let ran = run(&place, &["login", "http://127.0.0.1:1/", "--recipe", &none], PASSWORD).await.ends_with(2);
    ran.says("cannot be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_in_which_nothing_was_done_is_incomplete() {
    let _slot = slot().await;
    let (house, place) = (House::open().await, Place::new());
    let file = place.path("recipe.json");
    let args = ["record", &house.url("/login"), "--headless", "--until", "/login$", "--output", &file];
    place.handstamp(&args).await.ends_with(5).says("recorded 1 step");
    let recipe: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(recipe["steps"], json!([{ "type": "open", "url": "/login" }]));
}

/// Logs in by an export, and sees to it that nothing of the recording's credentials was used.
async fn plays(export: &str, browser: &str) -> (House, Place) {
    let _slot = slot().await;
    let (house, place) = (House::open().await, Place::new());
    let ran = login(&house, &place, export, browser, PASSWORD, "30s").await.ends_with(0);
    assert_eq!(ran.json()["verdict"]["state"], "proven", "{}", ran.out);
    let traffic = house.traffic();
    assert!(!traffic.contains(RECORDED) && !traffic.contains("recorded%40"), "{traffic}");
    let told = format!("{}{}", ran.out, ran.err);
    assert!(!told.contains(RECORDED) && !told.contains(PASSWORD), "{told}");
    (house, place)
}

async fn login(house: &House, place: &Place, name: &str, browser: &str, password: &str, limit: &str) -> Ran {
    let file = export(house, place, name);
    let page = house.url("/login");
    let args = [
        "login",
        &page,
        "--recipe",
        &file,
        "-u",
        NAME,
        "--password-env",
        "P",
        "--browser",
        browser,
        "--timeout",
        limit,
        "--json",
    ];
    run(place, &args, password).await
}

async fn run(place: &Place, args: &[&str], password: &str) -> Ran {
    let has_password = args[0] != "login" || args.contains(&"--password-env") || args.contains(&"--config");
    let more: &[&str] = if has_password { &[] } else { &["--password-env", "P"] };
    place.handstamp_with(&[("P", password)], &[args, more].concat()).await
}

/// An export, as if it had been recorded where the house is now.
fn export(house: &House, place: &Place, name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recipes/exports").join(name);
    place.file(name, &fs::read_to_string(path).unwrap().replace("{{ORIGIN}}", &house.url("")))
}

async fn record_rebuild_and_play(kind: Kind) {
    let _slot = slot().await;
    let (house, place) = (House::open().await, Place::new());
    let url: Url = house.url("/all").parse().unwrap();
    let launch = Launch { kind, deadline: Duration::from_secs(60), ..Launch::default() };
    let browser = Browser::launch(&launch).await.unwrap();
    let recorder = Recorder::start(&browser, &url, None).await.unwrap();
    log_in_by_hand(browser.page()).await;
    let recipe = recorder.finish().to_recipe();
    browser.close().await;

    let kinds: Vec<_> =
        recipe["steps"].as_array().unwrap().iter().map(|s| s["type"].as_str().unwrap()).collect();
    let expected = [
        "open",
        "doubleClick",
        "select",
        "check",
        "type",
        "type",
        "click",
        "click",
        "type",
        "click",
        "type",
        "type",
        "press",
    ];
    assert_eq!(kinds, expected, "{recipe:#}");
    let text = recipe.to_string();
    assert!(!text.contains(PASSWORD) && !text.contains(NAME), "{text}");
    assert!(text.contains("{%username%}") && text.contains("{%password%}"), "{text}");

    house.rebuild();
    house.world.take();
    let file = place.file("recipe.json", &text);
    let args = [
        "login",
        url.as_str(),
        "--recipe",
        &file,
        "-u",
        NAME,
        "--password-env",
        "P",
        "--browser",
        kind.name(),
        "--json",
    ];
    let ran = run(&place, &args, PASSWORD).await.ends_with(0);
    ran.says("is gone; found by");
    assert_eq!(ran.json()["verdict"]["state"], "proven", "{}", ran.out);
}

/// Does in a browser what the page asks for: a double click, a list, a check box by its label, a shadow root, a frame of
/// another origin, another window, and Enter in the password field.
async fn log_in_by_hand(page: &Page) {
    let hand = Hand(page);
    hand.double_click("#menu").await;
    hand.see("document.querySelector('#form')").await;
    // By keys: a driver's click on an option is none that a browser trusts.
    let list = hand.see("document.querySelector('#tenant')").await;
    page.type_text(&list, "North").await.unwrap();
    hand.click("label:has(#terms)").await;
    hand.types_into("document.querySelector('x-panel').shadowRoot.querySelector('input')", "nik").await;
    hand.enters_frame().await;
    hand.types("#badge", "b-7").await;
    hand.click("#confirm").await;
    page.leave_frames().await.unwrap();
    let own = page.window().await.unwrap();
    hand.click("#go").await;
    hand.turns_to_the_other_window().await;
    hand.types("#word", "sesame").await;
    hand.click("#done").await;
    page.switch_to(&own).await.unwrap();
    hand.types("#mail", NAME).await;
    hand.types("#pass", &format!("{PASSWORD}\u{E007}")).await;
    hand.comes_to("/home").await;
}
