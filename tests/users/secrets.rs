//! None of these commands shows a password or a token, however much it is asked to tell.

use serde_json::json;

use crate::{
    gate::{Ask, Gate},
    handstamp, handstamp_with,
    plan::Plan,
    support::{Place, Ran, show_none_of},
    town::{Rules, Town, USERS},
};

async fn loud(place: &Place, args: &[&str]) -> Ran {
    handstamp(place, &[args, &["-vvv"]].concat()).await
}

/// All that happens to users, from the login to the logout.
async fn life(town: &Town, plan: Plan, path: &str) -> Vec<Ran> {
    let place = Place::new();
    place.file("session.js", super::methods::SCRIPT);
    let leave = json!({ "url": town.url.join("leave").unwrap().as_str(), "method": "POST" });
    let config = plan.set("logout", leave).write(&place);
    let config = ["--config", config.as_str()];
    let mut said = vec![loud(&place, &[&["login"], &config[..]].concat()).await.ends_with(0)];
    let args = [&config[..], &["-vvv", "--insecure"]].concat();
    let gate = Gate::open(&place, &args).await;
    for url in [&town.url, &town.secure].map(|url| url.join(path).unwrap()) {
        for (user, _) in USERS {
            assert_eq!(gate.ask(&url, Ask::by(&format!("app%2F{user}:planted-proxy-key"))).await.0, 200);
        }
        town.forget_all();
        let _ = gate.ask(&url, Ask::by("app%2Falice:planted-proxy-key")).await;
    }
    said.push(gate.close().await);
    for args in [
        &["verify", "app/bob"][..],
        &["show", "app/bob"],
        &["sessions"],
        &["history"],
        &["logout", "app/bob"],
    ] {
        said.push(loud(&place, &[args, &config[..]].concat()).await);
    }
    let refused = [("ALICE_PASSWORD", "planted-wrong-password")];
    said.push(handstamp_with(&place, &refused, &[&["login", "-vvv"], &config[..]].concat()).await);
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_happens_to_users_shows_a_password_or_a_token() {
    let town = Town::open(Rules::default()).await;
    let (mut said, json) = (Vec::new(), Plan::json(&town));
    for plan in [json, Plan::form(&town), Plan::script(&town, "session.js")] {
        said.extend(life(&town, plan, "me").await);
    }
    for scheme in ["basic", "digest"] {
        said.extend(life(&town, Plan::http(&town, scheme), scheme).await);
    }
    let mut secrets = town.given();
    secrets.extend(USERS.map(|(user, password)| format!("{user}:{password}")));
    secrets.extend(USERS.map(|(_, password)| password.to_owned()));
    secrets.extend(["planted-wrong-password", "planted-proxy-key"].map(str::to_owned));
    assert!(secrets.len() > 15, "{}", secrets.len());
    let lines = said.iter().map(|ran| ran.err.lines().count()).sum::<usize>();
    assert!(lines > 100, "much was told: {lines} lines");
    show_none_of(&said, &secrets);
}
