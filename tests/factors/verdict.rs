//! Logins that fail, each told apart from the others.

use http::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::gate::{PASSWORD, page, status};
use crate::support::{Got, Place, World, slot};

async fn told(world: &World, path: &str, more: &[&str]) -> Value {
    let place = Place::new();
    let url = world.url(path);
    let args = ["login", &url, "-u", "anna", "--password-env", "PW", "--json"];
    place.handstamp_with(&[("PW", PASSWORD)], &[&args[..], more].concat()).await.ends_with(3).json()
}

fn form(says: &str, more: &str) -> Response<String> {
    page(&format!(
        "<form method=post><p class=error>{says}</p><input name=user><input type=password name=password><button>Log in</button></form>{more}"
    ))
}

fn answer(got: &Got, silent: u16) -> Response<String> {
    let is_sent = got.method == "POST";
    match (got.target.as_str(), is_sent) {
        ("/wrong", true) => status(form("Benutzername oder Passwort falsch", ""), 403),
        ("/locked", true) => form("Ihr Konto wurde wegen zu vieler Fehlversuche gesperrt", ""),
        ("/often", true) => {
            let mut response = status(form("", ""), 429);
            response.headers_mut().insert("retry-after", "120".parse().unwrap());
            response
        }
        ("/dead", _) => form(
            "",
            &format!(
                "<script>document.forms[0].onsubmit = (e) => {{ e.preventDefault(); fetch('http://localhost:{silent}/', {{ method: 'POST', mode: 'no-cors' }}); }}</script>"
            ),
        ),
        ("/favicon.ico", _) => status(page(""), 404),
        _ => form("", ""),
    }
}

async fn each_is_told_apart(browser: &str, paths: &[(&str, &str, &str)]) {
    let _slot = slot().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let world = World::open(move |got| answer(got, port)).await;
    for (path, reason, evidence) in paths {
        let said = told(&world, path, &["--timeout", "6s", "--browser", browser]).await;
        assert_eq!(said["reason"], json!(reason), "{path}: {said}");
        assert!(said["evidence"].as_str().unwrap().contains(evidence), "{path}: {said}");
        assert!(!said["hint"].as_str().unwrap().is_empty(), "{path}");
        let sent = world.take().iter().filter(|got| got.method == "POST").count();
        assert!(sent <= 1, "{path}: nobody hammers, {sent} logins came");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_tells_a_refusal_a_lock_a_limit_and_silence_apart() {
    let all = [
        (
            "/wrong",
            "refused",
            "POST /wrong: 403; the form is still there; the page says `Benutzername oder Passwort falsch`",
        ),
        ("/mute", "refused", "POST /mute: 200; the form is still there"),
        ("/locked", "locked", "gesperrt"),
        ("/often", "locked", "429; it asks to wait 120 s"),
        ("/dead", "unanswered", ""),
    ];
    each_is_told_apart("chromium", &all).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "as in Chromium; run by make test-shapes"]
async fn firefox_tells_a_refusal_a_lock_and_a_limit_apart() {
    let all = [
        ("/wrong", "refused", "403"),
        ("/locked", "locked", "gesperrt"),
        ("/often", "locked", "120 s"),
        ("/dead", "unanswered", ""),
    ];
    each_is_told_apart("firefox", &all).await;
}
