//! Sessions that are encrypted at rest.

use std::fs;

use crate::{
    gate::{Ask, Gate},
    handstamp, handstamp_with,
    plan::Plan,
    support::{Place, forms},
    town::{Rules, Town, USERS},
};

const KEY: (&str, &str) = ("HANDSTAMP_STORE_KEY", "0123456789abcdef0123456789abcdef");

/// The files of the store that hold one of the secrets in any form.
fn holding(place: &Place, secrets: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for file in fs::read_dir(place.path("store")).unwrap().flatten().map(|entry| entry.path()) {
        let bytes = fs::read(&file).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        if secrets.iter().flat_map(|secret| forms(secret)).any(|form| text.contains(&form)) {
            found.push(file.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_an_encrypted_store_holds_a_token() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = Plan::json(&town).write(&place);
    handstamp_with(&place, &[KEY], &["login", "--config", &config]).await.ends_with(0);
    let gate = Gate::open_with(&place, &[KEY], &["--config", &config]).await;
    let answer = gate.ask(&town.url.join("me").unwrap(), Ask::by("app%2Falice:")).await;
    assert_eq!((answer.0, town.logins("alice")), (200, 1));
    let mut secrets = town.given();
    secrets.extend(USERS.map(|(_, password)| password.to_owned()));
    // With the proxy running there is a journal too.
    assert_eq!(holding(&place, &secrets), [""; 0]);
    gate.close().await;
    assert_eq!(holding(&place, &secrets), [""; 0]);
    handstamp_with(&place, &[KEY], &["verify", "app/bob"]).await.ends_with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_a_key_is_encrypted_when_one_is_given() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = Plan::json(&town).write(&place);
    handstamp(&place, &["login", "--config", &config]).await.ends_with(0);
    assert!(!holding(&place, &town.given()).is_empty(), "the search finds what it looks for");
    handstamp_with(&place, &[KEY], &["verify", "app/bob"]).await.ends_with(0);
    assert_eq!(holding(&place, &town.given()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_key_or_with_a_wrong_one_everything_says_so() {
    let (town, place) = (Town::open(Rules::default()).await, Place::new());
    let config = Plan::json(&town).write(&place);
    handstamp_with(&place, &[KEY], &["login", "--config", &config]).await.ends_with(0);
    let wrong = [
        (("HANDSTAMP_STORE_KEY", ""), "this is not their key"),
        (("HANDSTAMP_STORE_KEY", "fedcba9876543210fedcba9876543210"), "this is not their key"),
        (("HANDSTAMP_STORE_KEY", "short"), "shorter than 32 characters"),
        (("HANDSTAMP_STORE_KEY_FILE", "/nowhere"), "/nowhere"),
    ];
    let proxy = ["proxy", "--listen", "127.0.0.1:0", "--config", &config, "--user", "alice"];
    let commands: [&[&str]; 4] =
        [&["show", "app/alice"], &["verify", "app/bob"], &["login", "--config", &config], &proxy];
    for (variable, words) in wrong {
        for args in commands {
            let ran = handstamp_with(&place, &[variable], args).await.ends_with(2);
            ran.says(words).says("hint: ");
        }
    }
    // A proxy that serves users by name finds out when one is asked for.
    let gate = Gate::open(&place, &["--config", &config]).await;
    let (status, body) = gate.ask(&town.url.join("me").unwrap(), Ask::by("app%2Falice:")).await;
    assert!(status == 503 && body.contains("this is not their key"), "{status} {body}");
    assert!(town.seen("/me").iter().all(|seen| seen.headers.contains_key("authorization")));
    gate.close().await;
    // Nothing was lost.
    handstamp_with(&place, &[KEY], &["verify", "app/alice"]).await.ends_with(0);
    assert_eq!((town.logins("alice"), town.logins("bob")), (1, 1));
}
