//! A crawl of the sample shop with real browsers: it finds nearly everything, and stays logged in.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "clippy knows the tests, not what they share")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use handstamp::{
    browser::{Browser, Launch},
    crawl::{
        BoxError, Carriage, Crawl, End, Error, Event, Graph, Outcome, Passage, Policy, Reason, Record,
        Settings, Source, Status,
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
use tokio_util::sync::CancellationToken;
use url::Url;

/// The shop as a process of its own, which ends with this value.
struct Shop {
    child: Child,
    url: Url,
    users: Vec<Value>,
}

impl Shop {
    fn open() -> Self {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_handstamp")).with_file_name("examples").join("shop");
        let mut child = Command::new(program)
            .arg("--exit-with-stdin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example `shop` is built by cargo test");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let url = Url::parse(ready["url"].as_str().unwrap()).unwrap();
        Self { child, url, users: ready["users"].as_array().unwrap().clone() }
    }

    fn user(&self, role: &str) -> &Value {
        self.users.iter().find(|u| u["role"] == role).unwrap()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn call(url: Url, body: Option<Value>) -> Value {
    let client = Client::new(&Trust::System).unwrap();
    let method = if body.is_some() { "POST" } else { "GET" };
    let request = Request::builder()
        .method(method)
        .uri(url.as_str())
        .header("content-type", "application/json")
        .body(full(body.map(|b| b.to_string()).unwrap_or_default()))
        .unwrap();
    let answer = client.send(request).await.unwrap();
    serde_json::from_slice(&read(answer.into_body(), 1_000_000).await.unwrap()).unwrap()
}

/// Logs in, and gives the token and the number of the basket.
async fn login(shop: &Shop, role: &str) -> (String, String) {
    let user = shop.user(role);
    let body = json!({ "email": user["username"], "password": user["password"] });
    let answer = call(shop.url.join("rest/user/login").unwrap(), Some(body)).await;
    let session = &answer["authentication"];
    let basket = session["bid"].as_str().map_or_else(|| session["bid"].to_string(), str::to_owned);
    (session["token"].as_str().unwrap().to_owned(), basket)
}

/// Opens browsers that find the session in their storage.
struct LoggedIn {
    preload: String,
}

impl LoggedIn {
    fn new(shop: &Shop, token: &str, basket: &str) -> Self {
        let origin = shop.url.origin().ascii_serialization();
        let preload = format!(
            "if (location.origin === {origin:?}) {{ localStorage.setItem('token', {token:?}); \
             sessionStorage.setItem('bid', {basket:?}); document.cookie = 'token=' + {token:?} + '; path=/' }}"
        );
        Self { preload }
    }
}

impl Source for LoggedIn {
    async fn open(&self, _worker: usize, proxy: SocketAddr) -> Result<Browser, BoxError> {
        let launch = Launch { proxy: Some(proxy), insecure: true, ..Launch::default() };
        let browser = Browser::launch(&launch).await?;
        browser.control().add_preload(&self.preload).await?;
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

async fn crawl(shop: &Shop, token: &str, basket: &str, settings: Settings) -> Outcome {
    try_crawl(shop, token, basket, settings).await.unwrap()
}

async fn try_crawl(shop: &Shop, token: &str, basket: &str, settings: Settings) -> Result<Outcome, Error> {
    let clock = std::time::Instant::now();
    let is_loud = std::env::var_os("CRAWL_LOUD").is_some();
    let crawl = Crawl {
        start: shop.url.clone(),
        scope: Scope::new([Origin::of(&shop.url).unwrap()]).exclude(Regex::new("/truth.json").unwrap()),
        settings: Settings { policy: Policy::All, ..settings },
        stamp: Some(stamp(shop, token)),
        rotation: None,
        authority: Authority::ephemeral().unwrap(),
        client: Client::new(&Trust::System).unwrap(),
        source: LoggedIn::new(shop, token, basket),
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

/// Which of the published endpoints and views of a role were not reached.
fn missed(truth: &Value, role: &str, records: &[Record], graph: &Graph) -> (Vec<String>, usize) {
    let requests: BTreeSet<String> = records
        .iter()
        .filter(|r| r.passage == Passage::InScope && r.status.is_some())
        .map(|r| format!("{} {}", r.method, r.url.path()))
        .collect();
    let urls: BTreeSet<String> =
        graph.states.iter().map(|s| format!("#{}", s.url.fragment().unwrap_or_default())).collect();
    let is_mine = |entry: &&Value| entry["users"].as_array().unwrap().iter().any(|u| u == role);
    let endpoints =
        truth["endpoints"].as_array().unwrap().iter().filter(is_mine).filter(|e| e["kind"] == "api");
    let endpoints = endpoints.map(|e| (format!("{} {}", text(e, "method"), text(e, "template")), &requests));
    let views = truth["views"].as_array().unwrap().iter().filter(is_mine).filter(|v| v["kind"] == "view");
    let all: Vec<_> = endpoints.chain(views.map(|v| (text(v, "route"), &urls))).collect();
    let count = all.len();
    let missed = all.into_iter().filter(|(template, seen)| {
        let template = pattern(template);
        !seen.iter().any(|s| template.is_match(s))
    });
    (missed.map(|(template, _)| template).collect(), count)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

/// What a published template such as `/api/things/{id}` matches.
fn pattern(template: &str) -> Regex {
    let parts: Vec<String> = template.split(['{', '}']).step_by(2).map(regex::escape).collect();
    Regex::new(&format!("^{}$", parts.join("[^/]+"))).unwrap()
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

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_of_the_shop_reaches_what_its_user_can_reach_and_stays_logged_in() {
    let shop = Shop::open();
    let (token, basket) = login(&shop, "customer").await;
    let outcome = crawl(
        &shop,
        &token,
        &basket,
        Settings { max_duration: Some(Duration::from_secs(240)), ..Settings::default() },
    )
    .await;
    describe(&outcome);
    let truth = call(shop.url.join("truth.json").unwrap(), None).await;
    let (missed, count) = missed(&truth, "customer", &outcome.records, &outcome.graph);
    println!("missed {} of {count}: {missed:#?}", missed.len());
    if let Some(path) = std::env::var_os("CRAWL_DUMP") {
        std::fs::write(path, format!("{:#?}", outcome.graph)).unwrap();
    }
    assert_no_secret_is_written(&outcome, &token);
    assert_ways_can_be_walked_again(&shop, &outcome, &token, &basket).await;
    assert_eq!(outcome.end, End::Complete);
    assert!(missed.len() * 20 <= count, "less than 95 % were reached");

    let bare: Vec<_> =
        outcome.records.iter().filter(|r| r.is_api_call() && r.session == Carriage::Bare).collect();
    assert!(bare.is_empty(), "calls without the session: {bare:?}");
    let logouts =
        outcome.graph.actions.iter().filter(|a| a.status == Status::Avoided(Reason::Logout)).count();
    assert!(logouts > 0, "the way out is seen, and left alone");
    assert!(
        !outcome.records.iter().any(|r| r.url.path().contains("logout") && r.passage == Passage::InScope)
    );
    let whoami = outcome.records.iter().rfind(|r| r.url.path() == "/rest/user/whoami").unwrap();
    assert_eq!(whoami.session, Carriage::Carried);
}

/// Writes the report, and looks for the token in it.
fn assert_no_secret_is_written(outcome: &Outcome, token: &str) {
    let dir = tempfile::tempdir().unwrap();
    Output::create(dir.path()).unwrap().write(outcome, &About::default(), &Redactor::new([token])).unwrap();
    let folders = [dir.path().to_owned(), dir.path().join("paths")];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let files: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(!text.is_empty() && !text.contains(token), "{} holds no token", path.display());
    }
    for name in ["urls.txt", "requests.jsonl", "graph.json", "crawl.har", "report.html", "paths/s0.json"] {
        assert!(files.contains(&dir.path().join(name)), "{name} is among {files:?}");
    }
    let pictures = std::fs::read_dir(dir.path().join("screenshots")).unwrap().count();
    // A state that is seen in passing alone may have gone before its picture is taken.
    let states = outcome.graph.states.len();
    assert!(pictures * 10 >= states * 9, "{pictures} pictures of {states} states");
    let har: Value = serde_json::from_slice(&std::fs::read(dir.path().join("crawl.har")).unwrap()).unwrap();
    assert_eq!(har["log"]["version"], "1.2");
    assert!(har["log"]["entries"].as_array().unwrap().len() > 100);
}

/// Replays some of the ways that were written, each to its end, where it is checked that the browser has arrived.
async fn assert_ways_can_be_walked_again(shop: &Shop, outcome: &Outcome, token: &str, basket: &str) {
    let dir = tempfile::tempdir().unwrap();
    Output::create(dir.path()).unwrap().write(outcome, &About::default(), &Redactor::new([token])).unwrap();
    let preload = LoggedIn::new(shop, token, basket).preload;
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
        let file = dir.path().join(format!("paths/{}.json", state.id));
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
    let (token, basket) = login(&shop, "customer").await;
    let settings =
        Settings { browsers: 1, max_duration: Some(Duration::from_secs(90)), ..Settings::default() };
    let logout = async {
        tokio::time::sleep(Duration::from_secs(12)).await;
        let client = Client::new(&Trust::System).unwrap();
        let request = Request::post(shop.url.join("rest/user/logout").unwrap().as_str())
            .header("authorization", format!("Bearer {token}"))
            .body(full(""))
            .unwrap();
        assert!(client.send(request).await.unwrap().status().is_success());
    };
    let (outcome, ()) = tokio::join!(crawl(&shop, &token, &basket, settings), logout);
    describe(&outcome);
    assert!(matches!(outcome.end, End::Stale { .. }), "{:?}", outcome.end);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_is_not_there_is_an_error() {
    let mut shop = Shop::open();
    shop.child.kill().unwrap();
    shop.child.wait().unwrap();
    let settings = Settings { browsers: 1, ..Settings::default() };
    let error = try_crawl(&shop, "token-of-nobody", "1", settings).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. } | Error::Start(_)), "{error:?}");
}
