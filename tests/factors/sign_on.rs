//! Single sign-on: the login is made at another origin, and ends where it began.

use std::path::Path;

use handstamp::session::file;
use serde_json::json;
use tokio::net::TcpListener;

use super::{
    gate::{PASSWORD, page, to},
    provider::{SignOn, Speaks},
};
use crate::support::{Place, World, slot};

async fn ends_where_it_began(speaks: Speaks, browser: &str) {
    let _slot = slot().await;
    let (stage, place) = (SignOn::open(speaks).await, Place::new());
    let (url, path) = (stage.app.url("/login"), place.path("s.json"));
    let args = [
        "login",
        &url,
        "-u",
        "anna@app.test",
        "--password-env",
        "PW",
        "--json",
        "-s",
        &path,
        "--browser",
        browser,
    ];
    let told = place.handstamp_with(&[("PW", PASSWORD)], &args).await.ends_with(0).json();
    assert_eq!(told["reason"], json!("logged-in"), "{told}");
    let session = file::read(Path::new(&path)).unwrap();
    let check = session.check.as_ref().unwrap();
    assert_eq!(
        check.url.host_str(),
        Some("127.0.0.1"),
        "the application is proven, not the provider: {check:?}"
    );
    let found =
        |name: &str, domain: &str| session.cookies.iter().any(|c| c.name == name && c.domain == domain);
    assert!(found("sid", "127.0.0.1") && found("idp", "localhost"), "{:?}", session.cookies);
    assert_eq!(stage.book.lock().unwrap().forms, 1);

    // The application's session ends, and the provider's brings a new one without a password.
    stage.book.lock().unwrap().end();
    place.handstamp(&["verify", &path]).await.ends_with(3);
    let seen = place.handstamp(&["verify", &path, "--in-browser", "--url", &url, "--browser", browser]).await;
    seen.ends_with(0).says("is not asked to log in");
    let book = stage.book.lock().unwrap();
    assert_eq!((book.forms, book.logins), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_comes_back_with_a_code_and_the_verifier() {
    ends_where_it_began(Speaks::OpenId, "chromium").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_comes_back_with_a_code_and_the_verifier() {
    ends_where_it_began(Speaks::OpenId, "firefox").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_comes_back_with_an_assertion_that_is_posted() {
    ends_where_it_began(Speaks::Saml, "chromium").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "as in Chromium; run by make test-shapes"]
async fn firefox_comes_back_with_an_assertion_that_is_posted() {
    ends_where_it_began(Speaks::Saml, "firefox").await;
}

/// Logs in where the provider is out of reach, and gives reason and evidence.
async fn unreachable(app: &World, path: &str, browser: &str) -> (String, String) {
    let place = Place::new();
    let url = app.url(path);
    let args = [
        "login",
        &url,
        "-u",
        "anna@app.test",
        "--password-env",
        "PW",
        "--json",
        "--timeout",
        "5s",
        "--browser",
        browser,
    ];
    let told = place.handstamp_with(&[("PW", PASSWORD)], &args).await.ends_with(1).json();
    let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    (text("reason"), text("evidence"))
}

async fn a_provider_out_of_reach(browser: &str) {
    let _slot = slot().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let app = World::open(move |got| match got.target.as_str() {
        "/login" => to(&format!("http://localhost:{closed}/authorize?state=planted")),
        "/silent" => to(&format!("http://localhost:{silent_port}/authorize")),
        _ => page(&format!(
            "<h1>App</h1><a href='http://localhost:{closed}/authorize'>Sign in with our account</a>"
        )),
    })
    .await;
    for path in ["/login", "/"] {
        let (reason, evidence) = unreachable(&app, path, browser).await;
        assert_eq!(reason, "provider-unreachable", "{path}: {evidence}");
        assert_eq!(
            evidence,
            format!("the login leads to http://localhost:{closed}: connection refused"),
            "{path}"
        );
    }
    let (reason, evidence) = unreachable(&app, "/silent", browser).await;
    assert_eq!(reason, "provider-unreachable", "{evidence}");
    assert!(evidence.contains(&format!("localhost:{silent_port}: no answer")), "{evidence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_tells_which_provider_is_out_of_reach_and_why() {
    a_provider_out_of_reach("chromium").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "as in Chromium; run by make test-shapes"]
async fn firefox_tells_which_provider_is_out_of_reach_and_why() {
    a_provider_out_of_reach("firefox").await;
}
