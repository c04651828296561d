//! Every shape of a login, with a page of its own, through the whole command in Chromium and in Firefox (`make test-shapes` for all in both).

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

#[path = "shapes/served.rs"]
mod served;
mod support;

use std::collections::HashMap;

use serde_json::{Value, json};
use served::{PASSWORD, Seen, Served, USER, hashed};
use support::{Place, Ran, slot};
use tokio::task::JoinSet;

const BROWSERS: [&str; 2] = ["chromium", "firefox"];

#[tokio::test(flavor = "multi_thread")]
async fn single_forms_are_found_whatever_they_are_made_of() {
    all_log_in(&["single", "no-form", "makeshift", "enter", "aria", "placeholder", "hashed", "slow"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_name_may_come_first_and_the_password_on_the_next_step_or_page() {
    all_log_in(&["step-next", "step-continue", "step-arrow", "step-enter"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_field_may_come_later_or_in_disguise() {
    all_log_in(&[
        "password-added",
        "password-enabled",
        "password-revealed",
        "password-text",
        "password-swapped",
        "password-readonly",
        "boxes",
        "transparent",
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_found_behind_links_buttons_menus_and_modals() {
    all_log_in(&[
        "behind-link",
        "behind-button",
        "behind-menu",
        "behind-burger",
        "behind-modal",
        "behind-method",
        "behind-radio",
        "popup",
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_over_a_form_is_got_out_of_the_way() {
    all_log_in(&["over-cookies", "over-nested", "over-shadow", "over-frame", "over-stubborn"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_in_shadow_roots_and_frames_are_found() {
    all_log_in(&[
        "shadow-open",
        "shadow-closed",
        "shadow-nested",
        "frame-same",
        "frame-cross",
        "frame-nested",
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_are_understood_in_many_languages() {
    let languages = ["de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja", "zh", "ko", "ar", "he"];
    // By turns, since the browsers have no part in it: the words are the same script's.
    let runs = languages.iter().zip(BROWSERS.iter().cycle());
    let runs = runs.map(|(language, browser)| (format!("language?lang={language}"), *browser)).collect();
    none_fails(runs, is_logged_in).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_is_told_from_other_forms_beside_it() {
    all_log_in(&["several", "several-tabs", "several-steps"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_hold_something_or_forget_it_are_filled_all_the_same() {
    all_log_in(&["existing", "controlled", "forgetful", "forgetful-both", "defaults", "stay"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_provider_that_asks_is_allowed_to_tell_who_the_user_is() {
    all_log_in(&["go?to=consent.html"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_does_not_come_back_from_another_host_is_none() {
    none_fails(in_each_browser(&["go?to=dead-end.html"]), is_told_to_end_elsewhere).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_asks_again_and_again_is_left() {
    none_fails(in_each_browser(&["go?to=loop.html"]), is_told_to_ask_without_end).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_for_something_else_are_left_alone() {
    let pages = ["not-newsletter", "not-registration", "not-first-registration"];
    none_fails(in_each_browser(&pages), is_left_alone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_else_a_form_asks_for_comes_from_the_configuration() {
    for browser in BROWSERS {
        let _slot = slot().await;
        let (served, place) = (Served::open().await, Place::new());
        let parameters = json!({ "loginPageUrl": served.page("extras.html") });
        let credentials = json!({
            "username": USER, "passwordEnv": "P", "organisation": "acme", "role": "Writer", "kind": "guest",
        });
        let context = json!({
            "name": "app", "urls": [served.page("")], "users": [{ "name": "anna", "credentials": credentials }],
            "authentication": { "method": "browser", "parameters": parameters },
        });
        let config = place.file("handstamp.yaml", &json!({ "contexts": [context] }).to_string());
        let args = ["login", "--config", &config, "--browser", browser, "--json"];
        let ran = place.handstamp_with(&[("P", PASSWORD)], &args).await.ends_with(0);
        let seen = served.seen();
        let sent = |key: &str| seen.logins[0].get(key).map(String::as_str);
        let extras = ["tenant", "role", "kind", "terms", "newsletter"].map(sent);
        assert_eq!(seen.logins.len(), 1, "{browser}: {}", ran.out);
        assert_eq!(extras, [Some("acme"), Some("r2"), Some("guest"), Some("on"), None], "{browser}");
    }
}

/// Logs in at each page in each browser, and tells of all that failed at the end.
async fn all_log_in(pages: &[&str]) {
    none_fails(in_each_browser(pages), is_logged_in).await;
}

/// Whether the session is proven, and the right credentials were sent once, and nothing to any other form.
fn is_logged_in(page: &str, ran: &Ran, seen: &Seen) -> Result<(), String> {
    let document: Value = serde_json::from_str(ran.out.trim()).unwrap_or_default();
    if ran.code != Some(0) || document["verdict"]["state"] != "proven" {
        return Err(format!("exit {:?}\n{}{}{seen:?}", ran.code, ran.out, ran.err));
    }
    let password = if page == "hashed" { hashed() } else { PASSWORD.to_owned() };
    let is_right = |login: &HashMap<String, String>| {
        login.get("user").is_some_and(|user| user == USER) && login.get("password") == Some(&password)
    };
    match seen.logins.as_slice() {
        [login] if is_right(login) && !login.contains_key("newsletter") && seen.strays.is_empty() => Ok(()),
        _ => Err(format!("not one login with the right credentials and nothing else: {seen:?}")),
    }
}

fn is_left_alone(_page: &str, ran: &Ran, seen: &Seen) -> Result<(), String> {
    let verdict: Value = serde_json::from_str(ran.out.trim()).unwrap_or_default();
    let is_untouched = seen.strays.is_empty() && seen.logins.is_empty();
    if ran.code == Some(3) && verdict["reason"] == "no-form" && is_untouched {
        return Ok(());
    }
    Err(format!("exit {:?}\n{}{}{seen:?}", ran.code, ran.out, ran.err))
}

fn is_told_to_end_elsewhere(_page: &str, ran: &Ran, seen: &Seen) -> Result<(), String> {
    let verdict: Value = serde_json::from_str(ran.out.trim()).unwrap_or_default();
    let is_told = ran.code == Some(3) && verdict["reason"] == "ended-elsewhere" && seen.logins.len() == 1;
    if is_told { Ok(()) } else { Err(format!("{verdict}, {seen:?}")) }
}

fn is_told_to_ask_without_end(_page: &str, ran: &Ran, seen: &Seen) -> Result<(), String> {
    let verdict: Value = serde_json::from_str(ran.out.trim()).unwrap_or_default();
    let is_told = ran.code == Some(3) && verdict["reason"] == "unanswered" && seen.logins.len() == 1;
    if is_told { Ok(()) } else { Err(format!("{verdict}, {seen:?}")) }
}

type Judge = fn(&str, &Ran, &Seen) -> Result<(), String>;

/// Each page in Chromium, and the first of them in Firefox too, or all of them with `SHAPES=all`.
fn in_each_browser(pages: &[&str]) -> Vec<(String, &'static str)> {
    let is_all = std::env::var("SHAPES").is_ok_and(|which| which == "all");
    let runs = pages.iter().enumerate().flat_map(|(number, page)| {
        let browsers = if number == 0 || is_all { &BROWSERS[..] } else { &BROWSERS[..1] };
        browsers.iter().map(|browser| ((*page).to_owned(), *browser))
    });
    runs.collect()
}

async fn none_fails(runs: Vec<(String, &'static str)>, judge: Judge) {
    let mut all = JoinSet::new();
    for (page, browser) in runs {
        all.spawn(async move {
            let (ran, seen) = run(&page, browser).await;
            judge(&page, &ran, &seen).map_err(|why| format!("{page} in {browser}: {why}"))
        });
    }
    let mut failures: Vec<String> = all.join_all().await.into_iter().filter_map(Result::err).collect();
    failures.sort();
    assert!(failures.is_empty(), "{} failed\n\n{}", failures.len(), failures.join("\n\n"));
}

async fn run(page: &str, browser: &str) -> (Ran, Seen) {
    let _slot = slot().await;
    let (served, place) = (Served::open().await, Place::new());
    let url = match page.split_once('?') {
        Some((name, query)) => served.page(&format!("{name}.html?{query}")),
        None => served.page(&format!("{page}.html")),
    };
    let args =
        ["login", &url, "-u", USER, "--password-env", "P", "--browser", browser, "--timeout", "8s", "--json"];
    let ran = place.handstamp_with(&[("P", PASSWORD)], &args).await;
    (ran, served.seen())
}
