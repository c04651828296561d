//! Configurations, names and scripts that are wrong.

use serde_json::json;

use crate::{
    gate::Gate,
    handstamp,
    plan::Plan,
    support::Place,
    town::{Rules, Town},
};

const LISTEN: [&str; 3] = ["proxy", "--listen", "127.0.0.1:0"];

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_with_mistakes_is_refused_with_file_and_line() {
    let place = Place::new();
    let broken = "contexts:\n  - name: app\n    urls: [\"http://127.0.0.1:1/\"]\n    authentication:\n      method: jsn\n    usrs: []\n";
    let file = place.file("broken.yaml", broken);
    for command in [&["login"][..], &LISTEN, &["logout"], &["verify"]] {
        let ran = handstamp(&place, &[command, &["--config", &file]].concat()).await.ends_with(2);
        ran.says(&format!("{file}:5:15: contexts[0].authentication.method")).says("did you mean `json`?");
        ran.says(&format!("{file}:6:5: contexts[0].usrs")).says("did you mean `users`?");
    }
    let gone = place.path("gone.yaml");
    for command in [&["login"][..], &LISTEN] {
        handstamp(&place, &[command, &["--config", &gone]].concat()).await.ends_with(2).says("gone.yaml");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_not_there_is_told_with_the_nearest_name() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = Plan::json(&town).write(&place);
    for command in [&["login"][..], &LISTEN, &["logout"], &["verify"]] {
        let ran = handstamp(&place, &[command, &["--config", &config, "--user", "alcie"]].concat()).await;
        ran.ends_with(2).says("context `app` has no user `alcie`").says("hint: did you mean `alice`?");
    }
    assert_eq!(town.refused() + town.logins("alice"), 0);
}

/// A script, and what is said of it.
const SCRIPTS: [(Option<&str>, &str); 4] = [
    (None, "session.js` cannot be read"),
    (
        Some(
            "function extractWebSession(sw) {}\nfunction processMessageToMatchSession(sw) {\n  oops oops;\n}",
        ),
        "session.js:3",
    ),
    (Some("function extractWebSession(sw) {}"), "has no function `processMessageToMatchSession`"),
    (
        Some(
            "function extractWebSession(sw) {\n  nothing.at.all();\n}\nfunction processMessageToMatchSession(sw) {}",
        ),
        "session.js:2",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_is_missing_or_broken_is_told_with_file_and_line() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = Plan::script(&town, "session.js").set("forcedUser", json!("alice")).write(&place);
    for (text, words) in SCRIPTS {
        text.map(|text| place.file("session.js", text));
        let login = ["login", "--config", &config, "--user", "bob"];
        handstamp(&place, &login).await.ends_with(2).says("app/bob: not logged in").says(words);
        let gate = Gate::open(&place, &["--config", &config]).await;
        let (status, body) = gate.get(&town.url.join("me").unwrap()).await;
        assert!(status == 503 && body.contains(words), "{words}: {status} {body}");
        gate.close().await;
    }
    assert!(town.seen("/me").is_empty(), "nothing goes out without the session");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_breaks_after_the_login_lets_nothing_out_without_the_session() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    place.file("session.js", super::methods::SCRIPT);
    let config = Plan::script(&town, "session.js").set("forcedUser", json!("alice")).write(&place);
    handstamp(&place, &["login", "--config", &config]).await.ends_with(0);
    let broken = [
        ("function oops( {", "session.js:1"),
        (
            "function extractWebSession(sw) {}\nfunction processMessageToMatchSession(sw) { throw new Error('no'); }",
            "session.js:2",
        ),
    ];
    for (text, words) in broken {
        place.file("session.js", text);
        let before = town.seen("/public").len();
        let gate = Gate::open(&place, &["--config", &config]).await;
        let (status, body) = gate.get(&town.url.join("public").unwrap()).await;
        assert!(status == 502 && body.contains(words), "{words}: {status} {body}");
        assert_eq!(town.seen("/public").len(), before);
        gate.close().await;
    }
}
