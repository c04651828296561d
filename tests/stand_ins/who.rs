//! Whose session the browsers of a stand-in get.

use std::path::Path;

use handstamp::{
    browser::Kind,
    session::{Reference, Store},
};
use nix::sys::signal::Signal;
use serde_json::json;

use crate::{
    stage::{Stage, is_logged_in_as, open, plain_options, port, session_of},
    support::{Running, Shop, slot},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_users_of_a_configuration_are_chosen_by_the_environment() {
    let _slot = slot().await;
    let stage = Stage::set().await;
    let (first, second) = (context(&stage, "site", &["anna", "jim"]), context(&stage, "other", &["anna"]));
    let config = stage.place.file("handstamp.yaml", &json!({ "contexts": [first, second] }).to_string());
    let store = Store::open(Path::new(&stage.place.path("home"))).unwrap();
    for name in ["site/anna", "site/jim", "other/anna"] {
        let kept = session_of(&stage.site, &name.replace('/', "-"));
        store.save(&name.parse::<Reference>().unwrap(), &kept).unwrap();
    }
    for (context, user, session) in
        [("site", "jim", "site-jim"), ("site", "anna", "site-anna"), ("other", "anna", "other-anna")]
    {
        let mut command = stage.command(Kind::Chromium, &["--port=0"]);
        command.env_remove("HANDSTAMP_SESSION").env("HANDSTAMP_CONFIG", &config);
        command.env("HANDSTAMP_CONTEXT", context).env("HANDSTAMP_USER", user);
        let mut driver = Running::start(command);
        let port = port(&mut driver, Kind::Chromium).await;
        let client = open(&format!("http://127.0.0.1:{port}"), plain_options()).await.unwrap();
        stage.shows(&client, session).await;
        is_logged_in_as(&stage.saw(session).await, session);
        client.close().await.unwrap();
        driver.signal(Signal::SIGTERM);
        driver.end().await.ends_with(0);
    }
    stage.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_not_there_is_told_to_whoever_asks_for_a_browser() {
    let stage = Stage::set().await;
    let text = json!({ "contexts": [context(&stage, "site", &["anna"])] }).to_string();
    let config = stage.place.file("handstamp.yaml", &text);
    let missing = stage.place.path("missing.yaml");
    for (config, user, told) in [(&config, "nobody", "nobody"), (&missing, "anna", "missing.yaml")] {
        let mut command = stage.command(Kind::Chromium, &["--port=0"]);
        command.env_remove("HANDSTAMP_SESSION").env("HANDSTAMP_CONFIG", config).env("HANDSTAMP_USER", user);
        let mut driver = Running::start(command);
        let port = port(&mut driver, Kind::Chromium).await;
        let refused = open(&format!("http://127.0.0.1:{port}"), json!({})).await.unwrap_err();
        assert!(refused.contains(told), "{refused}");
        driver.signal(Signal::SIGTERM);
        driver.end().await.ends_with(0).says("no browser can be logged in");
    }
    stage.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_a_session_is_logged_in_before_a_browser_is_handed_over() {
    let _slot = slot().await;
    let (stage, shop) = (Stage::set().await, Shop::open());
    let (username, password) = shop.anna();
    let context = json!({
        "name": "shop", "urls": [shop.url.as_str()],
        "authentication": { "method": "browser", "parameters": { "loginPageUrl": shop.login_page() } },
        "users": [{ "name": "anna", "credentials": { "username": username, "passwordEnv": "ANNAS_PASSWORD" } }],
    });
    let config = stage.place.file("handstamp.yaml", &json!({ "contexts": [context] }).to_string());
    let mut command = stage.command(Kind::Chromium, &["--port=0"]);
    command.env_remove("HANDSTAMP_SESSION").env("HANDSTAMP_CONFIG", config).env("ANNAS_PASSWORD", password);
    command.env("HANDSTAMP_USER", "anna");
    let mut driver = Running::start(command);
    let port = port(&mut driver, Kind::Chromium).await;
    let client = open(&format!("http://127.0.0.1:{port}"), plain_options()).await.unwrap();
    client.goto(shop.url.as_str()).await.unwrap();
    let kept = "return [localStorage.getItem('token'), sessionStorage.getItem('bid')]";
    let kept = client.execute(kept, Vec::new()).await.unwrap();
    assert!(kept[0].is_string() && kept[1].is_string(), "{kept}");
    client.close().await.unwrap();
    driver.signal(Signal::SIGTERM);
    driver.end().await.ends_with(0);
    let store = Store::open(Path::new(&stage.place.path("home"))).unwrap();
    assert!(store.load(&"shop/anna".parse::<Reference>().unwrap()).is_ok(), "others find it there");
    stage.is_empty();
}

/// A context of the site, whose users log in by hand.
fn context(stage: &Stage, name: &str, users: &[&str]) -> serde_json::Value {
    let users: Vec<_> = users.iter().map(|user| json!({ "name": user })).collect();
    let url = stage.site.page("/").to_string();
    json!({ "name": name, "urls": [url], "authentication": { "method": "manual" }, "users": users })
}
