//! The proxy that stands in front of `WebKit`, tried without a browser.

use std::time::Duration;

use bytes::Bytes;
use handstamp::{
    browser::{Answer, Challenges, Control, Fate, Report, Running},
    inject::Stage,
    proxy::{Client, ClientSettings, Trust, full, read},
    session::HttpScheme,
};
use http::{Method, Request, Response};
use serde_json::{Value, json};
use url::Url;

use super::{
    prompt::{PASSWORD, server},
    support::{FakeDriver, Reply, World},
};

/// The proxy, who controls it, and a client that goes through it.
struct Front {
    stage: Stage,
    control: Control,
    client: Client,
    _driver: FakeDriver,
}

impl Front {
    async fn open() -> Self {
        let driver =
            FakeDriver::start(|call| call.is("GET", "window").then(|| Reply::Value(json!("w1")))).await;
        let stage = Stage::start(Client::new(&Trust::System).unwrap()).await.unwrap();
        let (webdriver, id) = (driver.url().parse().unwrap(), "fake".into());
        let running = Running { webdriver, id, capabilities: Value::Null };
        let control = running.behind(stage.backstage().clone(), Duration::from_secs(20)).await.unwrap();
        let upstream = Some(format!("http://{}", stage.address()).parse().unwrap());
        let client = Client::with(ClientSettings { upstream, ..ClientSettings::default() }).unwrap();
        Self { stage, control, client, _driver: driver }
    }

    async fn answering(world: &World, password: &str) -> (Self, Challenges) {
        let front = Self::open().await;
        let origin = world.url("/").parse::<Url>().unwrap().origin();
        let (username, password) = ("anna".into(), password.into());
        let answer = Answer { origin, username, password };
        let challenges = front.control.answer_challenges(answer).await.unwrap();
        (front, challenges)
    }

    async fn send(&self, method: Method, url: &str, lines: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        let response = self.client.send(request.body(full(body.to_owned())).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let policy = response.headers().get("content-security-policy").cloned();
        let bytes: Bytes = read(response.into_body(), 1 << 20).await.unwrap();
        let policy = policy.map(|policy| policy.to_str().unwrap().to_owned()).unwrap_or_default();
        (status, format!("{policy}\n{}", String::from_utf8_lossy(&bytes)))
    }
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_what_follows_goes_ahead() {
    for scheme in [HttpScheme::Basic, HttpScheme::Digest] {
        let world = server(scheme, String::new()).await;
        let (front, challenges) = Front::answering(&world, PASSWORD).await;
        let (status, text) = front.send(Method::POST, &world.url("/one"), &[], "sent twice").await;
        assert_eq!((status, challenges.last().unwrap().fate), (200, Fate::Answered), "{text}");
        let bodies: Vec<_> = world.take().into_iter().map(|got| got.body).collect();
        assert_eq!(bodies, ["sent twice", "sent twice"]);
        let (status, _) = front.send(Method::GET, &world.url("/two"), &[], "").await;
        assert_eq!((status, world.take().len()), (200, 1), "{scheme:?}");
    }
}

#[tokio::test]
async fn a_password_that_is_refused_is_not_tried_again() {
    let world = server(HttpScheme::Basic, String::new()).await;
    let (front, challenges) = Front::answering(&world, "planted-wrong").await;
    assert_eq!(front.send(Method::GET, &world.url("/one"), &[], "").await.0, 401);
    assert_eq!((challenges.last().unwrap().fate, world.take().len()), (Fate::Refused, 2));
    assert_eq!(front.send(Method::GET, &world.url("/two"), &[], "").await.0, 401);
    let got = world.take();
    assert!(got.len() == 1 && got[0].header("authorization").is_empty(), "{got:?}");
}

#[tokio::test]
async fn other_origins_and_requests_with_credentials_of_their_own_are_left_alone() {
    let world = server(HttpScheme::Basic, String::new()).await;
    let (front, challenges) = Front::answering(&world, PASSWORD).await;
    let elsewhere = world.url("/").replace("127.0.0.1", "localhost");
    assert_eq!(front.send(Method::GET, &elsewhere, &[], "").await.0, 401);
    let own = [("authorization", "Bearer own")];
    assert_eq!(front.send(Method::GET, &world.url("/"), &own, "").await.0, 401);
    assert_eq!(challenges.last(), None);
    let sent: Vec<_> = world.take().iter().map(|got| got.header("authorization").to_owned()).collect();
    assert_eq!(sent, ["", "Bearer own"]);
}

#[tokio::test]
async fn scripts_report_to_an_address_that_the_policy_of_the_page_allows() {
    let app = World::open(|_| {
        let page = Response::builder().header("content-type", "text/html");
        page.header("content-security-policy", "default-src 'none'").body("<!doctype html>".into()).unwrap()
    })
    .await;
    let front = Front::open().await;
    let mut reports = front.control.report("(tell) => tell('x')").await.unwrap();
    let html = [("accept", "text/html")];
    let (_, text) = front.send(Method::GET, &app.url("/"), &html, "").await;
    let word = text.split("/?").nth(1).unwrap().split("-scripts").next().unwrap();
    let place = app.url(&format!("/{word}"));
    assert!(text.starts_with(&format!("default-src 'nonce-{word}' {place}\n")), "{text}");
    let (_, scripts) = front.send(Method::GET, &app.url(&format!("/?{word}-scripts")), &[], "").await;
    assert!(scripts.contains("(tell) => tell('x')"), "{scripts}");
    for (end, text) in [("report", "of the first"), ("report-of-opened", "of another")] {
        front.send(Method::POST, &format!("{place}?{word}-{end}"), &[], text).await;
    }
    let report = |tab: &str, text: &str| Some(Report { tab: tab.into(), text: text.into() });
    assert_eq!(reports.take(), report("w1", "of the first"));
    assert_eq!(reports.take(), report("opened", "of another"));
    assert_eq!(app.take().len(), 1, "the application hears nothing of it");
    assert!(front.stage.address().ip().is_loopback());
}
