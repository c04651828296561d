//! The authentication report of logins that went well, that were refused, and that came to nothing.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use std::{fs, path::Path};

use handstamp::session::file;
use serde_json::{Value, json};
use support::{Place, Ran, Shop, forms, slot};

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_told_with_its_steps_pictures_and_a_context_file_that_logs_in_again() {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let (folder, session) = (place.path("report"), place.path("anna.json"));
    let password = shop.anna().1;
    login(&shop, &place, password, &["--report", &folder, "-s", &session]).await.ends_with(0).says(&folder);

    let told = document(&folder);
    assert_eq!(told["ruling"]["verdict"], "proven", "{told}");
    assert_eq!(told["failureReasons"], json!([]));
    assert!(told["summary"].as_array().unwrap().iter().all(|point| point["passed"] == true), "{told}");
    let steps = told["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["what"].as_str().unwrap().starts_with("found the form")), "{told}");
    for step in steps {
        let picture = fs::read(Path::new(&folder).join(step["picture"].as_str().unwrap())).unwrap();
        assert!(picture.starts_with(b"\x89PNG"), "{step}");
    }
    let domain = &told["domains"][0];
    assert_eq!((&domain["inScope"], &domain["gotPassword"]), (&json!(true), &json!(true)), "{told}");
    assert!(told["verification"]["request"].as_str().unwrap().contains("/rest/user/whoami"), "{told}");

    let page = fs::read_to_string(Path::new(&folder).join("report.html")).unwrap();
    assert!(page.contains("data:image/png;base64,") && !page.contains("src=\"http"), "nothing is fetched");
    let state = file::read(Path::new(&session)).unwrap();
    let token = state.headers[0].value.expose().trim_start_matches("Bearer ");
    tells_none_of(&folder, &[password, token]);

    let context = Path::new(&folder).join("handstamp.yaml").display().to_string();
    place.handstamp(&["check", &context]).await.ends_with(0);
    let again = place.handstamp_with(&[("SHOP_PASSWORD", password)], &["login", "--config", &context]).await;
    again.ends_with(0).says("logged in, proven by");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_told_with_its_reason_in_the_words_of_both_systems() {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let folder = place.path("report");
    login(&shop, &place, "not-her-pass-word-1", &["--report", &folder]).await.ends_with(3);
    let told = document(&folder);
    let ruling = &told["ruling"];
    assert_eq!(
        (&ruling["verdict"], &ruling["reason"], &ruling["exit"]),
        (&json!("failed"), &json!("refused"), &json!(3))
    );
    let keys: Vec<&str> = told["failureReasons"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|reason| reason["key"].as_str())
        .collect();
    assert!(
        keys.contains(&"auth.failure.login_failures") && keys.contains(&"auth.failure.verif_ident"),
        "{keys:?}"
    );
    let last = told["steps"].as_array().unwrap().last().unwrap();
    assert!(last["picture"].is_string(), "the page that refused is shown: {told}");
    tells_none_of(&folder, &["not-her-pass-word-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_reaches_nobody_is_reported_and_a_folder_that_takes_no_files_is_told_at_once() {
    let _slot = slot().await;
    let place = Place::new();
    let folder = place.path("report");
    let args = ["login", "http://127.0.0.1:1/", "-u", "anna", "--password", "plain-word", "--report"];
    place.handstamp(&[&args[..], &[&folder]].concat()).await.ends_with(1);
    assert_eq!(document(&folder)["ruling"]["reason"], "unreachable");
    tells_none_of(&folder, &["plain-word"]);
    let blocked = format!("{}/below", place.file("a-file", ""));
    place.handstamp(&[&args[..], &[&blocked]].concat()).await.ends_with(1).says("cannot write").says("hint:");
}

async fn login(shop: &Shop, place: &Place, password: &str, more: &[&str]) -> Ran {
    let (name, page) = (shop.anna().0, shop.login_page());
    let args = ["login", &page, "-u", name, "--password-env", "SHOP_PASSWORD"];
    place.handstamp_with(&[("SHOP_PASSWORD", password)], &[&args, more].concat()).await
}

fn document(folder: &str) -> Value {
    let text = fs::read_to_string(Path::new(folder).join("report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// No file that is text holds a secret in any form.
fn tells_none_of(folder: &str, secrets: &[&str]) {
    for name in ["report.html", "report.json", "handstamp.yaml"] {
        let text = fs::read_to_string(Path::new(folder).join(name)).unwrap();
        for secret in secrets {
            assert!(!forms(secret).iter().any(|form| text.contains(form.as_str())), "{name}");
        }
    }
}
