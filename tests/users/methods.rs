//! Each way to carry a session, from the configuration to the application, and its renewal while it is used.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, interval},
};

use crate::{
    gate::{Ask, Gate},
    plan::Plan,
    support::Place,
    town::{Rules, Town, USERS},
};

/// Both users get through, are renewed once when the server forgets them, and get through again.
async fn carries(town: Town, place: Place, plan: Plan, path: &str, forgets: bool) {
    let config = plan.write(&place);
    let gate = Arc::new(Gate::open(&place, &["--config", &config]).await);
    let url = Arc::new(town.url.join(path).unwrap());
    for (user, _) in USERS {
        let answer = gate.ask(&url, Ask::by(&format!("app%2F{user}:"))).await;
        assert!(answer.0 == 200 && answer.1.contains(&format!("\"user\":\"{user}\"")), "{user}: {answer:?}");
    }
    if forgets {
        assert_eq!((town.logins("alice"), town.logins("bob")), (1, 1));
        town.forget_all();
        let mut clients = JoinSet::new();
        for _ in 0..30 {
            let (gate, url) = (Arc::clone(&gate), Arc::clone(&url));
            clients.spawn(async move { gate.ask(&url, Ask::by("app%2Falice:")).await });
        }
        for answer in clients.join_all().await {
            assert!(answer.0 == 200 && answer.1.contains("\"user\":\"alice\""), "{answer:?}");
        }
        assert_eq!((town.logins("alice"), town.logins("bob")), (2, 1));
    }
    Arc::into_inner(gate).unwrap().close().await;
}

async fn town() -> (Town, Place) {
    (Town::open(Rules::default()).await, Place::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_and_cookies() {
    let (town, place) = town().await;
    let plan = Plan::form(&town);
    carries(town, place, plan, "me", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_and_a_header_from_a_template() {
    let (town, place) = town().await;
    let header = json!({ "method": "headers", "parameters": { "X-Key": "{%json:token%}" } });
    let plan = Plan::json(&town).set("sessionManagement", header);
    carries(town, place, plan, "me", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_and_what_the_login_shows_by_itself() {
    let (town, place) = town().await;
    let plan = Plan::json(&town).set("sessionManagement", json!({ "method": "autodetect" }));
    carries(town, place, plan, "me", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_and_a_script() {
    let (town, place) = town().await;
    place.file("session.js", SCRIPT);
    let plan = Plan::script(&town, "session.js");
    carries(town, place, plan, "me", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn basic_credentials() {
    let (town, place) = town().await;
    let plan = Plan::http(&town, "basic");
    carries(town, place, plan, "basic", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn digest_credentials() {
    let (town, place) = town().await;
    let plan = Plan::http(&town, "digest");
    carries(town, place, plan, "digest", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_tell_their_end_are_renewed_before_it_comes() {
    let rules = Rules { life: Some(Duration::from_secs(3)), ..Rules::default() };
    let (town, place) = (Town::open(rules).await, Place::new());
    let config = Plan::json(&town).set("forcedUser", json!("alice")).write(&place);
    let gate = Gate::open(&place, &["--config", &config]).await;
    let url = town.url.join("me").unwrap();
    let deadline = Instant::now() + Duration::from_secs(40);
    let mut every = interval(Duration::from_millis(20));
    while town.logins("alice") < 4 {
        let answer = gate.get(&url).await;
        assert!(answer.0 == 200 && answer.1.contains("\"user\":\"alice\""), "{answer:?}");
        assert!(Instant::now() < deadline, "nothing was renewed");
        every.tick().await;
    }
    assert!(town.seen("/me").len() > 20, "it was used all the time");
    assert_eq!(town.denied(), 0, "a request came with a token that had ended");
    gate.close().await;
}

/// Written to the interface of ZAP's session scripts.
pub(crate) const SCRIPT: &str = r#"
const HtmlParameter = Java.type("org.parosproxy.paros.network.HtmlParameter");
const COOKIE = org.parosproxy.paros.network.HtmlParameter.Type.cookie;

function extractWebSession(sw) {
  const answer = JSON.parse(sw.getHttpMessage().getResponseBody().toString());
  sw.getSession().setValue("access", answer.token);
}

function processMessageToMatchSession(sw) {
  const token = sw.getSession().getValue("access");
  if (token === null) return;
  const header = sw.getHttpMessage().getRequestHeader();
  header.setHeader("Authorization", sw.getParam("scheme") + " " + token);
  const cookies = header.getCookieParams();
  cookies.add(new HtmlParameter(COOKIE, "access", token));
  header.setCookieParams(cookies);
}

function clearWebSessionIdentifiers(sw) {
  sw.getHttpMessage().getRequestHeader().setHeader("Authorization", null);
}

function getRequiredParamsNames() { return ["scheme"]; }
function getOptionalParamsNames() { return []; }
"#;
