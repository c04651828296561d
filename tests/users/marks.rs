//! Users whose logins fail are marked, told so, and let in again when the mark is lifted.

use serde_json::json;
use tokio::time::{Duration, Instant, interval};

use crate::{
    gate::Gate,
    handstamp,
    plan::Plan,
    support::Place,
    town::{Rules, Town},
};

#[tokio::test(flavor = "multi_thread")]
async fn three_refused_logins_mark_the_user_until_the_mark_is_lifted() {
    let (town, place) = (Town::open(Rules { closed: true, ..Rules::default() }).await, Place::new());
    let renewal = json!({ "maxFailures": 3, "backOff": 0 });
    let plan = Plan::json(&town).set("forcedUser", json!("alice")).set("renewal", renewal);
    let config = plan.write(&place);
    let (gate, url) = (Gate::open(&place, &["--config", &config]).await, town.url.join("me").unwrap());
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut every = interval(Duration::from_millis(20));
    let marked = loop {
        let (status, body) = gate.get(&url).await;
        assert_eq!(status, 503, "{body}");
        assert!(Instant::now() < deadline, "{body}");
        if body.contains("is marked") {
            break body;
        }
        every.tick().await;
    };
    for words in [
        "`app/alice` is marked after 3 failed logins",
        "POST /json: 401",
        "handstamp sessions unlock app/alice",
    ] {
        assert!(marked.contains(words), "{words}: {marked}");
    }
    for _ in 0..3 {
        assert_eq!(gate.get(&url).await.0, 503);
    }
    assert_eq!(town.refused(), 3);
    handstamp(&place, &["sessions"]).await.ends_with(0).says("app/alice").says("no session, 3 logins failed");

    town.close(false);
    handstamp(&place, &["sessions", "unlock", "app/alice"]).await.ends_with(0).says("may log in again");
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let (status, body) = gate.get(&url).await;
        if status == 200 {
            break;
        }
        assert!(status == 503 && Instant::now() < deadline, "{status} {body}");
        every.tick().await;
    }
    assert_eq!((town.logins("alice"), town.refused()), (1, 3));
    let list = handstamp(&place, &["sessions"]).await.ends_with(0);
    assert!(!list.out.contains("failed"), "{}", list.out);
    gate.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_by_hand_lifts_the_mark() {
    let (town, place) = (Town::open(Rules { closed: true, ..Rules::default() }).await, Place::new());
    let renewal = json!({ "maxFailures": 1, "backOff": 0 });
    let plan = Plan::json(&town).set("forcedUser", json!("alice")).set("renewal", renewal);
    let config = plan.write(&place);
    let (gate, url) = (Gate::open(&place, &["--config", &config]).await, town.url.join("me").unwrap());
    assert!(gate.get(&url).await.1.contains("is marked after 1 failed login"));
    gate.close().await;
    town.close(false);
    let login = ["login", "--config", &config, "--user", "alice"];
    handstamp(&place, &login).await.ends_with(0);
    let gate = Gate::open(&place, &["--config", &config]).await;
    assert_eq!(gate.get(&url).await.0, 200);
    gate.close().await;
    assert_eq!((town.logins("alice"), town.refused()), (1, 1));
}
