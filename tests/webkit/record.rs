//! Recording with `WebKit`: what is done in its pages comes over the proxy in front of it.

use std::time::{Duration, Instant};

use handstamp::{browser::Page, login::flow::Recorder};
use http::Response;
use tokio::time::sleep;

use super::{
    open,
    support::{Place, World, slot},
};

/// A login form under a policy that allows next to nothing.
async fn house() -> World {
    World::open(|got| {
        let (status, page) = match (got.method.as_str(), got.target.as_str()) {
            ("POST", "/session") => (303, String::new()),
            ("GET", "/login") => (200, LOGIN.to_owned()),
            _ => (200, "<!doctype html><title>home</title>hello".to_owned()),
        };
        let policy = "default-src 'none'; script-src 'self'; form-action 'self'";
        let answer = Response::builder().status(status).header("content-security-policy", policy);
        answer.header("content-type", "text/html").header("location", "/home").body(page).unwrap()
    })
    .await
}

async fn types(page: &Page, css: &str, text: &str) {
    let field = page.find(css).await.unwrap().unwrap();
    page.click(&field).await.unwrap();
    page.type_text(&field, text).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn what_is_typed_and_clicked_is_recorded_also_under_a_strict_policy() {
    let _slot = slot().await;
    let (browser, house) = (open().await, house().await);
    let url = house.url("/login").parse().unwrap();
    let recorder = Recorder::start(&browser, &url, None).await.unwrap();
    types(browser.page(), "#mail", "anna@house.test").await;
    types(browser.page(), "#pass", "Stamp-1234-abc").await;
    let button = browser.page().find("button").await.unwrap().unwrap();
    browser.page().click(&button).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while browser.page().url().await.unwrap().path() != "/home" {
        assert!(Instant::now() < deadline, "it never came home");
        sleep(Duration::from_millis(50)).await;
    }
    let recipe = recorder.finish().to_recipe();
    browser.close().await;
    let steps = recipe["steps"].as_array().unwrap();
    let kinds: Vec<_> = steps.iter().map(|step| step["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["open", "type", "type", "click"], "{recipe:#}");
    let text = recipe.to_string();
    assert!(text.contains("{%username%}") && text.contains("{%password%}"), "{text}");
    assert!(!text.contains("anna@house.test") && !text.contains("Stamp-1234-abc"), "{text}");
    let asked: Vec<String> = house.take().into_iter().map(|got| got.target).collect();
    assert!(
        asked.iter().all(|target| !target.contains("report")),
        "the application hears nothing: {asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn the_command_records_until_it_is_told_to_end() {
    let _slot = slot().await;
    let (house, place) = (house().await, Place::new());
    let file = place.path("recipe.json");
    let args = ["record", &house.url("/login"), "--headless", "--until", "/login$", "--output", &file];
    let ran = place.handstamp(&[&args[..], &["--browser", "webkit"]].concat()).await.ends_with(5);
    ran.says("recorded 1 step");
}

const LOGIN: &str = r#"<!doctype html><title>login</title><form method="post" action="/session">
<label for="mail">Mail</label><input id="mail" name="mail" type="email">
<label for="pass">Password</label><input id="pass" name="pass" type="password">
<button>Log in</button></form>"#;
