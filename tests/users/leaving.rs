//! `handstamp logout`, at the server and in the store.

use serde_json::json;

use crate::{
    handstamp,
    plan::Plan,
    support::{Place, Ran, slot},
    town::{Rules, Town},
};

/// A place where alice and bob are logged in.
async fn inside(town: &Town, plan: Plan) -> (Place, String) {
    let place = Place::new();
    place.file("session.js", super::methods::SCRIPT);
    let config = plan.write(&place);
    handstamp(&place, &["login", "--config", &config]).await.ends_with(0);
    assert_eq!(town.alive(), 2);
    (place, config)
}

async fn has(place: &Place, name: &str) -> bool {
    handstamp(place, &["sessions"]).await.ends_with(0).out.contains(name)
}

fn leave(town: &Town) -> serde_json::Value {
    json!({ "url": town.url.join("leave").unwrap().as_str(), "method": "POST", "body": "{}" })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_of_the_configuration_ends_the_session_at_the_server_and_in_the_store() {
    let town = Town::open(Rules::default()).await;
    let by_header = Plan::json(&town);
    for plan in [by_header, Plan::form(&town), Plan::script(&town, "session.js")] {
        let (place, config) = inside(&town, plan.set("logout", leave(&town))).await;
        let out = ["logout", "--config", &config, "--user", "alice"];
        let ran = handstamp(&place, &out).await.ends_with(0);
        ran.says("logged out: POST /leave: 200").says("removed `app/alice`");
        assert_eq!(town.alive(), 1);
        assert!(!has(&place, "app/alice").await && has(&place, "app/bob").await);
        town.forget_all();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_kept_in_the_store_where_that_is_asked_for() {
    let town = Town::open(Rules::default()).await;
    let (place, config) = inside(&town, Plan::json(&town).set("logout", leave(&town))).await;
    let out = ["logout", "app/alice", "--config", &config, "--keep", "--json"];
    let document = handstamp(&place, &out).await.ends_with(0).json();
    assert_eq!((&document["reason"], &document["removed"]), (&json!("logged-out"), &json!(false)));
    assert!(has(&place, "app/alice").await);
    assert_eq!(town.alive(), 1);
    handstamp(&place, &["verify", "app/alice"]).await.ends_with(3).says("logged out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_no_server_keeps_is_told_to_live_on() {
    let town = Town::open(Rules { stateless: true, ..Rules::default() }).await;
    let (place, config) = inside(&town, Plan::json(&town).set("logout", leave(&town))).await;
    let ran: Ran = handstamp(&place, &["logout", "app/alice", "--config", &config]).await.ends_with(5);
    ran.says("POST /leave: 200, but the server still accepts the session").says("live until they expire");
    assert!(!has(&place, "app/alice").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_in_a_menu_is_found_in_a_browser() {
    let _slot = slot().await;
    let town = Town::open(Rules::default()).await;
    let (place, config) = inside(&town, Plan::form(&town)).await;
    let menu = town.url.join("menu").unwrap();
    let out = ["logout", "--config", &config, "--user", "alice", "--url", menu.as_str()];
    let ran = handstamp(&place, &out).await.ends_with(0);
    ran.says("logged out: clicked `Log out`").says("removed `app/alice`");
    assert_eq!((town.alive(), town.seen("/leave").len()), (1, 1));
    assert!(!has(&place, "app/alice").await);
}
