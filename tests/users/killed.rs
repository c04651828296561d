//! A store that processes share, and that survives their sudden end.

use std::{sync::Arc, time::Duration};

use handstamp::session::{Reference, Store, now};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    gate::{Ask, Gate},
    plan::Plan,
    support::Place,
    town::{Rules, Town, USERS},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_store_survives_ten_proxies_that_are_killed_while_they_renew() {
    let rules = Rules { life: Some(Duration::from_secs(1)), ..Rules::default() };
    let (town, place) = (Arc::new(Town::open(rules).await), Place::new());
    let config = Plan::json(&town).write(&place);
    let url = town.url.join("me").unwrap();
    for round in 0..10_u32 {
        let before = town.given().len();
        let gate = Arc::new(Gate::open(&place, &["--config", &config]).await);
        let mut clients = JoinSet::new();
        for (user, _) in USERS {
            let (gate, url) = (Arc::clone(&gate), url.clone());
            clients.spawn(async move {
                while gate.try_ask(&url, Ask::by(&format!("app%2F{user}:"))).await.is_some() {}
            });
        }
        // Sometimes in the first login, sometimes in a renewal.
        let enough = before + 1 + round as usize % 3;
        while town.given().len() < enough {
            tokio::task::yield_now().await;
        }
        gate.kill();
        clients.join_all().await;
        drop(Arc::into_inner(gate).unwrap().end().await);
        let store = Store::open(place.path("store").as_ref()).unwrap();
        let sessions = store.list().unwrap();
        // Whoever was logged in a second time had a session by then.
        assert!(round < 2 || !sessions.is_empty());
        for summary in sessions {
            let state = store.load(&Reference::Name(summary.name)).unwrap();
            assert!(state.created > 0 && !state.values.is_empty());
        }
    }
    let gate = Gate::open(&place, &["--config", &config]).await;
    for (user, _) in USERS {
        assert_eq!(gate.ask(&url, Ask::by(&format!("app%2F{user}:"))).await.0, 200);
    }
    gate.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_proxies_with_one_store_cost_one_login() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = Plan::json(&town).set("forcedUser", json!("alice")).write(&place);
    let args = ["--config", config.as_str()];
    let (one, other) = tokio::join!(Gate::open(&place, &args), Gate::open(&place, &args));
    let url = town.url.join("me").unwrap();
    for logins in 1..=3 {
        let (first, second) = tokio::join!(one.get(&url), other.get(&url));
        assert_eq!((first.0, second.0, town.logins("alice")), (200, 200, logins));
        // Of two sessions of one second nobody can tell which is newer.
        let made = now();
        while now() == made {
            tokio::task::yield_now().await;
        }
        town.forget_all();
    }
    one.close().await;
    other.close().await;
}
