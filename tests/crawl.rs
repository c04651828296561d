//! A crawl of the sample shop with real browsers: it finds nearly everything, and stays logged in.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "clippy knows the tests, not what they share")]

mod support;

use std::{collections::BTreeMap, net::SocketAddr, path::Path, time::Duration};

use handstamp::{
    browser::{Browser, Launch},
    crawl::{
        BoxError, Carriage, Crawl, End, Error, Event, Outcome, Passage, Policy, Reason, Settings, Source,
        Status,
    },
    inject::{Mode, Stamp},
    login::{self, Credentials, Flow},
    proxy::{Authority, Client, Trust, full, read},
    report::{About, Output, Redactor},
    session::{HeaderToken, Shared, Source as TokenSource, State},
    site::{Origin, Scope},
};
use http::Request;
use regex::Regex;
use serde_json::{Value, json};
use support::{Shop, Truth};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Who crawls the shop, and what that browser keeps.
struct Visitor {
    role: &'static str,
    session: Option<(String, String)>,
}

impl Visitor {
    fn stranger() -> Self {
        Self { role: "anonymous", session: None }
    }

    /// Logs in.
    async fn of(shop: &Shop, role: &'static str) -> Self {
        let (email, password) = shop.user(role);
        let request = Request::post(shop.url.join("rest/user/login").unwrap().as_str())
            .header("content-type", "application/json")
            .body(full(json!({ "email": email, "password": password }).to_string()))
            .unwrap();
        let answer = Client::new(&Trust::System).unwrap().send(request).await.unwrap();
        let body = read(answer.into_body(), 1_000_000).await.unwrap();
        let session = &serde_json::from_slice::<Value>(&body).unwrap()["authentication"];
        let basket = session["bid"].as_str().map_or_else(|| session["bid"].to_string(), str::to_owned);
        Self { role, session: Some((session["token"].as_str().unwrap().to_owned(), basket)) }
    }

    fn token(&self) -> Option<&str> {
        self.session.as_ref().map(|(token, _)| token.as_str())
    }

    /// What puts the session into the storage of a browser.
    fn preload(&self, shop: &Shop) -> Option<String> {
        let (token, basket) = self.session.as_ref()?;
        let origin = shop.url.origin().ascii_serialization();
        Some(format!(
            "if (location.origin === {origin:?}) {{ localStorage.setItem('token', {token:?}); \
             sessionStorage.setItem('bid', {basket:?}); document.cookie = 'token=' + {token:?} + '; path=/' }}"
        ))
    }
}

/// Opens browsers that find the session in their storage, if there is one.
struct Opener(Option<String>);

impl Source for Opener {
    async fn open(&self, _worker: usize, proxy: SocketAddr) -> Result<Browser, BoxError> {
        let launch = Launch { proxy: Some(proxy), insecure: true, ..Launch::default() };
        let browser = Browser::launch(&launch).await?;
        if let Some(preload) = &self.0 {
            browser.control().add_preload(preload).await?;
        }
        Ok(browser)
    }
}

fn stamp(shop: &Shop, token: &str) -> Stamp {
    let origin = Origin::of(&shop.url).unwrap();
    let header = HeaderToken {
        origin: origin.clone(),
        name: "Authorization".into(),
        value: format!("Bearer {token}").into(),
        source: TokenSource::LocalStorage { origin: origin.clone(), key: "token".into() },
    };
    let state = State { headers: vec![header], ..State::default() };
    Stamp::new(Shared::new(state), Scope::new([origin]), Mode::Follow)
}

async fn crawl(shop: &Shop, visitor: &Visitor, settings: Settings) -> Outcome {
    try_crawl(shop, visitor, settings).await.unwrap()
}

async fn try_crawl(shop: &Shop, visitor: &Visitor, settings: Settings) -> Result<Outcome, Error> {
    let clock = std::time::Instant::now();
    let is_loud = std::env::var_os("CRAWL_LOUD").is_some();
    let crawl = Crawl {
        start: shop.url.clone(),
        scope: Scope::new([Origin::of(&shop.url).unwrap()]).exclude(Regex::new("/truth.json").unwrap()),
        settings: Settings { policy: Policy::All, ..settings },
        stamp: visitor.token().map(|token| stamp(shop, token)),
        rotation: None,
        authority: Authority::ephemeral().unwrap(),
        client: Client::new(&Trust::System).unwrap(),
        source: Opener(visitor.preload(shop)),
        events: |event| match event {
            Event::Fired { worker, what, progress, .. } if is_loud => {
                println!(
                    "{:.2} {worker} {what} {} states {} waiting {}",
                    clock.elapsed().as_secs_f64(),
                    progress.url,
                    progress.states,
                    progress.waiting
                );
            }
            Event::Fired { .. } => {}
            other => println!("{other:?}"),
        },
        resume: None,
        cancel: CancellationToken::new(),
    };
    crawl.run().await
}

fn describe(outcome: &Outcome) {
    println!(
        "{:?} after {:.1} s: {} states, {} actions, {:?}",
        outcome.end,
        outcome.duration.as_secs_f64(),
        outcome.graph.states.len(),
        outcome.graph.actions.len(),
        outcome.totals
    );
    for action in outcome.graph.actions.iter().filter(|a| a.status != Status::Fired) {
        println!(
            "{:?} {} in {} {}",
            action.status, action.key, action.state, outcome.graph.states[action.state.0].url
        );
    }
}

/// Crawls as one of the shop's roles: nearly all that the shop publishes for it is reached, and all calls carry the session.
async fn reaches(shop: &Shop, visitor: &Visitor) -> (Outcome, TempDir) {
    let limit = Some(Duration::from_secs(240));
    let outcome = crawl(shop, visitor, Settings { max_duration: limit, ..Settings::default() }).await;
    describe(&outcome);
    let folder = tempfile::tempdir().unwrap();
    let redactor = Redactor::new(visitor.token());
    Output::create(folder.path()).unwrap().write(&outcome, &About::default(), &redactor).unwrap();
    let reached = Truth::of_shop(&shop.truth().await, visitor.role).reached(folder.path());
    let (calls, carried) = (outcome.totals.calls, outcome.totals.carried);
    println!("| shop | {} | {reached} | {carried} of {calls} |", visitor.role);
    println!("missed {} of {}: {:#?}", reached.missed.len(), reached.of(), reached.missed);
    if let Some(path) = std::env::var_os("CRAWL_DUMP") {
        std::fs::write(path, format!("{:#?}", outcome.graph)).unwrap();
    }
    assert_eq!(outcome.end, End::Complete);
    assert!(reached.missed.len() * 20 <= reached.of(), "less than 95 % were reached");
    let bare: Vec<_> =
        outcome.records.iter().filter(|r| r.is_api_call() && r.session == Carriage::Bare).collect();
    assert!(visitor.session.is_none() || bare.is_empty(), "calls without the session: {bare:?}");
    (outcome, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_of_the_shop_reaches_what_its_user_can_reach_and_stays_logged_in() {
    let shop = Shop::open();
    let customer = Visitor::of(&shop, "customer").await;
    let (outcome, folder) = reaches(&shop, &customer).await;
    assert_no_secret_is_written(&outcome, folder.path(), customer.token().unwrap());
    assert_ways_can_be_walked_again(&shop, &outcome, folder.path(), &customer).await;
    let logouts =
        outcome.graph.actions.iter().filter(|a| a.status == Status::Avoided(Reason::Logout)).count();
    assert!(logouts > 0, "the way out is seen, and left alone");
    assert!(
        !outcome.records.iter().any(|r| r.url.path().contains("logout") && r.passage == Passage::InScope)
    );
    let whoami = outcome.records.iter().rfind(|r| r.url.path() == "/rest/user/whoami").unwrap();
    assert_eq!(whoami.session, Carriage::Carried);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "crawls for a minute or two; run by make test-crawl"]
async fn a_crawl_of_the_shop_reaches_what_an_administrator_can_reach() {
    let shop = Shop::open();
    reaches(&shop, &Visitor::of(&shop, "admin").await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "crawls for a minute or two; run by make test-crawl"]
async fn a_crawl_of_the_shop_reaches_what_a_stranger_can_reach() {
    reaches(&Shop::open(), &Visitor::stranger()).await;
}

/// Looks for the token in what was written.
fn assert_no_secret_is_written(outcome: &Outcome, dir: &Path, token: &str) {
    let folders = [dir.to_owned(), dir.join("paths")];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let files: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(!text.is_empty() && !text.contains(token), "{} holds no token", path.display());
    }
    for name in ["urls.txt", "requests.jsonl", "graph.json", "crawl.har", "report.html", "paths/s0.json"] {
        assert!(files.contains(&dir.join(name)), "{name} is among {files:?}");
    }
    let pictures = std::fs::read_dir(dir.join("screenshots")).unwrap().count();
    // A state that is seen in passing alone may have gone before its picture is taken.
    let states = outcome.graph.states.len();
    assert!(pictures * 10 >= states * 9, "{pictures} pictures of {states} states");
    let har: Value = serde_json::from_slice(&std::fs::read(dir.join("crawl.har")).unwrap()).unwrap();
    assert_eq!(har["log"]["version"], "1.2");
    assert!(har["log"]["entries"].as_array().unwrap().len() > 100);
}

/// Replays some of the ways that were written, each to its end, where it is checked that the browser has arrived.
async fn assert_ways_can_be_walked_again(shop: &Shop, outcome: &Outcome, dir: &Path, visitor: &Visitor) {
    let preload = visitor.preload(shop).unwrap();
    let credentials =
        Credentials { username: None, password: "none".into(), more: BTreeMap::new(), totp: None };
    let limit = Duration::from_secs(10);
    let settings =
        login::Settings { url: shop.url.clone(), credentials, limit, person: None, challenges: None };
    let by_key = |key: &String| outcome.graph.actions.iter().find(|action| action.key == *key);
    let is_plain = |key: &String| by_key(key).is_some_and(|action| action.fields.is_empty());
    let short =
        outcome.graph.states.iter().filter(|state| {
            (1..=3).contains(&state.trail.steps.len()) && state.trail.steps.iter().all(is_plain)
        });
    let (mut walked, mut failed) = (0, Vec::new());
    for state in short.take(4) {
        // A welcome that was closed once does not come back.
        let browser = Browser::launch(&Launch::default()).await.unwrap();
        browser.control().add_preload(&preload).await.unwrap();
        let traffic = browser.control().record().await.unwrap();
        let file = dir.join(format!("paths/{}.json", state.id));
        let flow = Flow::read(&file, &BTreeMap::new()).unwrap();
        match login::play(browser.page(), &traffic, &flow, &settings, &|_: &login::Step| {}).await {
            Ok(login::Login { outcome: login::Outcome::Through { .. }, .. }) => walked += 1,
            other => failed.push(format!("{}: {:?}", state.id, other.map(|login| login.outcome))),
        }
        browser.close().await;
    }
    println!("{walked} ways were walked again, not these: {failed:#?}");
    assert!(walked >= 2, "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_whose_session_dies_stops_and_says_so() {
    let shop = Shop::open();
    let customer = Visitor::of(&shop, "customer").await;
    let settings =
        Settings { browsers: 1, max_duration: Some(Duration::from_secs(90)), ..Settings::default() };
    let logout = async {
        tokio::time::sleep(Duration::from_secs(12)).await;
        let client = Client::new(&Trust::System).unwrap();
        let request = Request::post(shop.url.join("rest/user/logout").unwrap().as_str())
            .header("authorization", format!("Bearer {}", customer.token().unwrap()))
            .body(full(""))
            .unwrap();
        assert!(client.send(request).await.unwrap().status().is_success());
    };
    let (outcome, ()) = tokio::join!(crawl(&shop, &customer, settings), logout);
    describe(&outcome);
    assert!(matches!(outcome.end, End::Stale { .. }), "{:?}", outcome.end);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_is_not_there_is_an_error() {
    let mut shop = Shop::open();
    shop.close();
    let settings = Settings { browsers: 1, ..Settings::default() };
    let error = try_crawl(&shop, &Visitor::stranger(), settings).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. } | Error::Start(_)), "{error:?}");
}
