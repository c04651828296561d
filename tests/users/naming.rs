//! Whom a request through the proxy is for.

use serde_json::json;
use tokio::process::Command;
use url::Url;

use crate::{
    gate::{Ask, Gate},
    handstamp,
    plan::Plan,
    support::{Place, Ran},
    town::{Rules, Town},
};

/// A town, and a place with its configuration.
async fn outset(change: impl FnOnce(Plan) -> Plan) -> (Town, Place, String) {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = change(Plan::json(&town)).write(&place);
    place.file("town.pem", &town.pem);
    (town, place, config)
}

#[track_caller]
fn is(answer: &(u16, String), user: &str) {
    assert!(answer.0 == 200 && answer.1.contains(&format!("\"user\":\"{user}\"")), "{user}: {answer:?}");
}

#[track_caller]
fn is_nobody(answer: &(u16, String)) {
    assert!(answer.0 == 401 && answer.1.contains("\"user\":null"), "{answer:?}");
}

fn me(url: &Url) -> Url {
    url.join("me").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy_credentials_name_the_user_in_plain_text_and_in_tunnels() {
    let (town, place, config) = outset(|plan| plan).await;
    let ca = place.path("town.pem");
    let gate = Gate::open(&place, &["--config", &config, "--ca", &ca]).await;
    for url in [me(&town.url), me(&town.secure)] {
        is(&gate.ask(&url, Ask::by("app%2Falice:KEY")).await, "alice");
        is(&gate.ask(&url, Ask::by("app/bob:KEY")).await, "bob");
        is_nobody(&gate.get(&url).await);
    }
    assert_eq!((town.logins("alice"), town.logins("bob")), (1, 1));
    assert!(town.seen("/me").iter().all(|seen| !seen.headers.contains_key("proxy-authorization")));
    gate.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_names_the_user_and_never_leaves_the_proxy() {
    let (town, place, config) = outset(|plan| plan).await;
    let stranger = Town::open(Rules::default()).await;
    let ca = place.path("town.pem");
    let gate = Gate::open(&place, &["--config", &config, "--ca", &ca]).await;
    let named = Ask::with(&[("X-Handstamp-User", "app/bob")]);
    for url in [me(&town.url), me(&town.secure)] {
        is(&gate.ask(&url, named).await, "bob");
    }
    is(&gate.ask(&me(&town.url), Ask { headers: named.headers, ..Ask::by(":KEY") }).await, "bob");
    // Out of scope, nothing goes out: neither the session nor the user's name.
    is_nobody(&gate.ask(&me(&stranger.url), named).await);
    let seen = [town.seen("/me"), stranger.seen("/me")].concat();
    assert!(seen.iter().all(|seen| !seen.headers.contains_key("x-handstamp-user")), "{seen:?}");
    assert!(stranger.seen("/me").iter().all(|seen| !seen.headers.contains_key("authorization")));
    gate.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_go_before_the_header_and_that_before_the_forced_user_and_he_before_the_active_session() {
    let (town, place, config) = outset(|plan| plan.set("forcedUser", json!("alice"))).await;
    handstamp(&place, &["login", "--config", &config]).await.ends_with(0);
    let site = ["sessions", "site", town.url.as_str(), "--activate", "app/bob"];
    handstamp(&place, &site).await.ends_with(0).says("* app/bob");
    let (gate, url) = (Gate::open(&place, &["--config", &config]).await, me(&town.url));
    is(&gate.get(&url).await, "alice");
    let header: &[(&str, &str)] = &[("x-handstamp-user", "app/bob")];
    is(&gate.ask(&url, Ask::with(header)).await, "bob");
    is(&gate.ask(&url, Ask { headers: header, ..Ask::by("app%2Falice:") }).await, "alice");
    gate.close().await;
    // The user of the command line goes before that of the file.
    let gate = Gate::open(&place, &["--config", &config, "--user", "bob"]).await;
    is(&gate.get(&url).await, "bob");
    gate.close().await;
    assert_eq!((town.logins("alice"), town.logins("bob")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_active_session_of_a_site_goes_onto_requests_that_name_nobody() {
    let (town, place, config) = outset(|plan| plan).await;
    handstamp(&place, &["login", "--config", &config]).await.ends_with(0);
    let (gate, url) = (Gate::open(&place, &["--config", &config]).await, me(&town.url));
    is_nobody(&gate.get(&url).await);
    gate.close().await;
    let activate = ["sessions", "site", town.url.as_str(), "--activate", "app/bob"];
    handstamp(&place, &activate).await.ends_with(0).says("* app/bob");
    let gate = Gate::open(&place, &["--config", &config]).await;
    is(&gate.get(&url).await, "bob");
    gate.close().await;
    let gone = ["sessions", "site", town.url.as_str(), "--deactivate"];
    handstamp(&place, &gone).await.ends_with(0);
    let gate = Gate::open(&place, &["--config", &config]).await;
    is_nobody(&gate.get(&url).await);
    gate.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_whom_nobody_knows_gets_a_clear_answer_and_no_request_goes_out() {
    let (town, place, config) = outset(|plan| plan).await;
    let gate = Gate::open(&place, &["--config", &config]).await;
    for ask in [Ask::by("app%2Falic:KEY"), Ask::with(&[("x-handstamp-user", "app/alic")])] {
        let (status, body) = gate.ask(&me(&town.url), ask).await;
        assert!(
            status == 403 && body.contains("there is no user and no session `app/alic`"),
            "{status} {body}"
        );
    }
    assert!(town.seen("/me").is_empty());
    gate.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_user_keeps_a_token_of_ones_own_and_a_forced_one_replaces_it() {
    let (town, place, config) = outset(|plan| plan).await;
    handstamp(&place, &["login", "--config", &config]).await.ends_with(0);
    let bobs = town.given().into_iter().find(|token| token.contains("bob")).unwrap();
    let own = format!("Bearer {bobs}");
    let headers: &[(&str, &str)] = &[("Authorization", &own)];
    let gate = Gate::open(&place, &["--config", &config]).await;
    is(&gate.ask(&me(&town.url), Ask { headers, ..Ask::by("app%2Falice:") }).await, "bob");
    gate.close().await;
    let gate = Gate::open(&place, &["--config", &config, "--user", "alice"]).await;
    is(&gate.ask(&me(&town.url), Ask::with(headers)).await, "alice");
    gate.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_demanded_of_everybody_and_names_nobody_by_itself() {
    let (town, place, config) = outset(|plan| plan).await;
    let args = ["--config", &config, "--key-env", "KEY", "--insecure"];
    let gate = Gate::open_with(&place, &[("KEY", "sesame")], &args).await;
    for url in [me(&town.url), me(&town.secure)] {
        for ask in [Ask::default(), Ask::by("app%2Falice:KEY"), Ask::with(&[("x-handstamp-user", "app/bob")])]
        {
            assert_eq!(gate.ask(&url, ask).await.0, 407);
        }
        is(&gate.ask(&url, Ask::by("app%2Falice:sesame")).await, "alice");
        is_nobody(&gate.ask(&url, Ask::by(":sesame")).await);
    }
    assert_eq!((town.logins("alice"), town.logins("bob")), (1, 0));
    gate.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_names_a_user_in_the_address_of_the_proxy() {
    let (town, place, config) = outset(|plan| plan).await;
    let gate = Gate::open(&place, &["--config", &config, "--insecure"]).await;
    let ca = place.path("ca.pem");
    handstamp(&place, &["ca", "--export", &ca]).await.ends_with(0);
    let proxy = format!("http://app%2Falice:KEY@{}", gate.address());
    for url in [me(&town.url), me(&town.secure)] {
        let mut curl = Command::new("curl");
        curl.args(["-s", "--max-time", "30", "--noproxy", "", "--cacert", &ca, "-x", &proxy, url.as_str()]);
        // Where there is no curl, the other tests have shown the same with sockets.
        let Ok(done) = curl.output().await else { continue };
        let (out, err) =
            (String::from_utf8(done.stdout).unwrap(), String::from_utf8_lossy(&done.stderr).into_owned());
        is(&(200, format!("{out}{err}")), "alice");
        drop(Ran { code: done.status.code(), out, err }.ends_with(0));
    }
    gate.close().await;
}
