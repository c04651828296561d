//! Which request becomes the check: rounds as the user, as a stranger and with broken tokens.

use std::sync::atomic::{AtomicU32, Ordering};

use handstamp::{
    browser::Exchange,
    session::{Indicator, State, Verdict},
    site::Pattern,
    verify::{Learned, Suitability, learn, learn_by_patterns},
};
use http::Response;
use serde_json::json;

use super::needed::{probe, session};
use crate::support::{Got, Place, World};

const SID: &str = "sid=0123456789abcdef; HttpOnly; Path=/";

fn seen(world: &World, paths: &[&str]) -> Vec<Exchange> {
    let call = |path: &&str| Exchange {
        method: "GET".into(),
        url: world.url(path),
        kind: "Fetch".into(),
        status: Some(200),
        ..Exchange::default()
    };
    paths.iter().map(call).collect()
}

async fn learned(world: &World, paths: &[&str]) -> (Learned, State) {
    let state = State { check: None, ..session(world, &[SID], &[]) };
    let page = world.url("/page").parse().unwrap();
    let learned = learn(&probe(&state), &seen(world, paths), &page, &state, Some("anna")).await.unwrap();
    assert_eq!(learned.requests, world.take().len());
    (learned, state)
}

fn verdict(learned: &Learned, path: &str) -> (Suitability, String) {
    let found = learned.candidates.iter().find(|candidate| candidate.url.ends_with(path)).unwrap();
    (found.verdict, found.why.clone())
}

fn answer(status: u16, text: impl Into<String>) -> Response<String> {
    Response::builder().status(status).body(text.into()).unwrap()
}

fn is_user(got: &Got) -> bool {
    got.header("cookie") == "sid=0123456789abcdef"
}

#[tokio::test]
async fn a_decoy_that_says_yes_to_all_is_rejected_with_its_reason() {
    let world = World::open(|got| match got.target.as_str() {
        "/api/me" => answer(200, r#"{"ok":true}"#),
        "/api/orders" => answer(if is_user(got) { 200 } else { 401 }, "[]"),
        _ => answer(200, "<p>shop</p>"),
    })
    .await;
    let (learned, _) = learned(&world, &["/api/me", "/api/orders"]).await;
    assert_eq!(learned.check.as_ref().unwrap().url.path(), "/api/orders");
    let (decoy, why) = verdict(&learned, "/api/me");
    assert_eq!(
        (decoy, why.as_str()),
        (Suitability::Rejected, "200 to the user and 200 to a stranger, and alike")
    );
    assert_eq!(verdict(&learned, "/api/orders").0, Suitability::Chosen);
    assert_eq!(verdict(&learned, "/page").0, Suitability::Unasked);
    assert_eq!(learned.requests, 7, "two to the decoy, five to the check");
}

#[tokio::test]
async fn what_does_not_look_at_the_token_itself_proves_nothing() {
    let world =
        World::open(|got| answer(if got.header("cookie").contains("sid=") { 200 } else { 401 }, "{}")).await;
    let (learned, _) = learned(&world, &["/api/me"]).await;
    assert!(learned.check.is_none() && matches!(learned.verdict, Verdict::Unproven { .. }), "{learned:?}");
    let (rejected, why) = verdict(&learned, "/api/me");
    assert_eq!(
        (rejected, why.as_str()),
        (Suitability::Rejected, "200 to a broken token too, as to the real one")
    );
}

#[tokio::test]
async fn nonces_clocks_and_advertisements_are_no_evidence_and_do_not_hide_it() {
    let count = AtomicU32::new(0);
    let ads =
        ["fresh cheese", "red wine", "good bread", "warm socks", "cold milk", "old books", "tall trees"];
    let world = World::open(move |got| {
        let n = count.fetch_add(1, Ordering::SeqCst);
        let ad = ads[n as usize % ads.len()];
        let noise = format!(
            "<script nonce=\"q{n}x{n}w9f8e7d6c5\"></script><time>12:{n}</time><b>{ad}</b><i>{ad} today</i>"
        );
        let own = if is_user(got) {
            "<nav>Orders</nav><a>Log out</a><p>Basket</p><p>Wallet</p>"
        } else {
            "<form>Log in</form>"
        };
        match got.target.as_str() {
            "/api/profile" => answer(200, noise),
            _ => answer(200, format!("{noise}{own}")),
        }
    })
    .await;
    let (learned, _) = learned(&world, &["/api/profile"]).await;
    let check = learned.check.as_ref().unwrap();
    assert_eq!(check.url.path(), "/page");
    assert!(matches!(check.indicator, Indicator::Shape { .. }), "{check:?}");
    let (rejected, why) = verdict(&learned, "/api/profile");
    assert!(rejected == Suitability::Rejected && why.contains("does not hold"), "{why}");
    assert!(learned.requests <= 9, "{}", learned.requests);
}

#[tokio::test]
async fn a_plain_difference_is_preferred_to_one_in_the_make_up() {
    let world = World::open(|got| match got.target.as_str() {
        "/api/me" if is_user(got) => answer(200, r#"{"a":"one","b":"two","c":"three"}"#),
        "/api/me" => answer(200, r#"{"x":"nobody"}"#),
        _ => answer(if is_user(got) { 200 } else { 403 }, "{}"),
    })
    .await;
    let (learned, _) = learned(&world, &["/api/me", "/api/orders"]).await;
    assert_eq!(learned.check.as_ref().unwrap().url.path(), "/api/orders");
    assert_eq!(verdict(&learned, "/api/me").0, Suitability::Suitable);
    assert_eq!(learned.requests, 10);
}

#[tokio::test]
async fn given_patterns_are_looked_for_on_the_page_after_the_login() {
    let world = World::open(|got| {
        answer(200, if is_user(got) { "<a href=/logout>Log out</a>" } else { "<a href=/login>Log in</a>" })
    })
    .await;
    let state = State { check: None, ..session(&world, &[SID], &[]) };
    let page = world.url("/page").parse().unwrap();
    for (logged_in, logged_out) in
        [(Some("Log out"), None), (None, Some("Log in")), (Some("Log out"), Some("Log in"))]
    {
        let parsed = |text: Option<&str>| text.map(|text| Pattern::parse(text).unwrap());
        let (logged_in, logged_out) = (parsed(logged_in), parsed(logged_out));
        let given = (logged_in.as_ref(), logged_out.as_ref());
        let learned = learn_by_patterns(&probe(&state), &[], &page, &state, given).await.unwrap();
        let check = learned.check.unwrap();
        assert_eq!((check.url.path(), check.evidence.as_str()), ("/page", "GET /page: the given pattern"));
        assert!(matches!(check.indicator, Indicator::Pattern { .. }));
    }
    let wrong = Pattern::parse("Welcome").unwrap();
    let learned = learn_by_patterns(&probe(&state), &[], &page, &state, (Some(&wrong), None)).await.unwrap();
    assert!(learned.check.is_none() && matches!(learned.verdict, Verdict::Unproven { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patterns_of_a_configuration_prove_its_logins_and_are_asked_by_verify() {
    let world = World::open(|got| match (got.method.as_str(), is_user(got)) {
        ("POST", _) => Response::builder().header("set-cookie", SID).body("{}".to_owned()).unwrap(),
        (_, true) => answer(200, "<h1>hello</h1><a href=/logout>Log out</a>"),
        _ => answer(200, "<h1>hello</h1><a href=/login>Log in</a>"),
    })
    .await;
    let place = Place::new();
    let context = json!({
        "name": "app", "urls": [world.url("/home")],
        "authentication": { "method": "json", "parameters": {
            "loginRequestUrl": world.url("/login"), "loginRequestBody": r#"{"u":"{%username%}","p":"{%password%}"}"#,
        }},
        "verification": { "method": "response", "loggedInRegex": "Log out", "loggedOutRegex": "Log in" },
        "sessionManagement": { "method": "cookie" },
        "users": [{ "name": "anna", "credentials": { "username": "anna", "passwordEnv": "PW" } }],
    });
    let config = place.file("plan.yaml", &format!("contexts:\n  - {context}\n"));
    let variables = [("PW", "planted-password")];
    let ran = place.handstamp_with(&variables, &["login", "--config", &config]).await.ends_with(0);
    ran.says("the given pattern");
    let told = place.handstamp_with(&variables, &["verify", "--config", &config, "--user", "anna"]).await;
    told.ends_with(0).says("logged in: ").says("the given pattern");
    let explained = place.handstamp(&["explain", "app/anna", "--browsers", "0", "--json"]).await.ends_with(0);
    let sets = &explained.json()["trial"]["onRequests"];
    assert_eq!((&sets["needed"][0]["name"], &sets["noise"]), (&json!("sid"), &json!([])));
}
