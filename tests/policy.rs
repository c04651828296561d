//! What a crawl may do, by its options, told by the server: policies, exclusions, robots, rate, name, and replays that write.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;
#[path = "policy/yard.rs"]
mod yard;

use std::{collections::BTreeMap, fs, path::Path};

use handstamp::{
    session::{Cookie, State},
    site::Origin,
};
use serde_json::Value;
use support::{Got, Place, slot};
use yard::Yard;

/// What was found by a crawl, and what the server saw of it.
struct Crawled {
    log: Vec<Got>,
    folder: String,
    span: (usize, f64),
    _place: Place,
}

/// Crawls the yard from a path on, with a session that the yard does not ask for.
async fn crawl(path: &str, options: &[&str]) -> Crawled {
    let (yard, place) = (Yard::open().await, Place::new());
    let (start, folder) = (yard.world.url(path), place.path("crawl"));
    let session = place.session("somebody.json", &somebody(&start));
    let args = ["crawl", &start, "-s", &session, "-o", &folder, "--browsers", "1", "--no-screenshots"];
    place.handstamp(&[&args, options].concat()).await.ends_with(0);
    Crawled { span: yard.span(), log: yard.world.take(), folder, _place: place }
}

fn somebody(start: &str) -> State {
    let cookie = Cookie {
        name: "sid".into(),
        value: "somebody-4f1c9a7e2b60".into(),
        domain: "127.0.0.1".into(),
        path: "/".into(),
        ..Cookie::default()
    };
    State {
        cookies: vec![cookie],
        scope: vec![Origin::parse(start).unwrap()],
        created: 1,
        ..State::default()
    }
}

impl Crawled {
    fn document(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(Path::new(&self.folder).join(name)).unwrap()).unwrap()
    }

    /// Where a request stands in the server's log, by its method and the beginning of its target.
    fn place(&self, request: &str) -> Option<usize> {
        let (method, target) = request.split_once(' ').unwrap();
        self.log.iter().position(|got| got.method == method && got.target.starts_with(target))
    }

    #[track_caller]
    fn sent(&self, requests: &[&str]) {
        let lines: Vec<String> =
            self.log.iter().map(|got| format!("{} {}", got.method, got.target)).collect();
        let missing: Vec<_> = requests.iter().filter(|request| self.place(request).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?} were not sent: {lines:#?}");
    }

    #[track_caller]
    fn never_sent(&self, requests: &[&str]) {
        let sent: Vec<_> = requests.iter().filter(|request| self.place(request).is_some()).collect();
        assert!(sent.is_empty(), "{sent:?} were sent");
    }

    /// Why actions were left alone, by their names.
    fn avoided(&self) -> BTreeMap<String, String> {
        let graph = self.document("graph.json");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let actions =
            graph["actions"].as_array().unwrap().iter().filter(|action| action["avoided"].is_string());
        actions.map(|action| (text(&action["name"]), text(&action["avoided"]))).collect()
    }

    #[track_caller]
    fn left_alone(&self, expected: &[(&str, &str)]) {
        let avoided = self.avoided();
        let wrong: Vec<_> =
            expected.iter().filter(|(name, why)| avoided.get(*name).is_none_or(|told| told != why)).collect();
        assert!(wrong.is_empty(), "{wrong:?} are not told: {avoided:#?}");
    }

    /// The requests that were recorded and answered by the crawl itself.
    #[track_caller]
    fn held(&self, requests: &[&str]) {
        let text = fs::read_to_string(Path::new(&self.folder).join("requests.jsonl")).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let held: Vec<String> = lines
            .filter(|line| line["held"] == true)
            .map(|line| {
                let url: url::Url = line["url"].as_str().unwrap().parse().unwrap();
                format!("{} {}", line["method"].as_str().unwrap(), &url[url::Position::BeforePath..])
            })
            .collect();
        let missing: Vec<_> =
            requests.iter().filter(|request| !held.iter().any(|held| held.starts_with(*request))).collect();
        assert!(missing.is_empty(), "{missing:?} are not among {held:#?}");
    }

    /// Why an endpoint that was read somewhere was not asked for.
    fn unconfirmed(&self, path: &str) -> Value {
        let document = self.document("endpoints.json");
        let all = document["endpoints"].as_array().unwrap();
        let found =
            all.iter().find(|endpoint| endpoint["path"] == path && endpoint["unconfirmed"].is_string());
        found.map(|endpoint| endpoint["unconfirmed"].clone()).unwrap_or_default()
    }
}

/// What takes something away, pays, or sends something to people.
const HARM: [&str; 8] = [
    "DELETE /api/things/1",
    "POST /api/pay",
    "POST /api/messages",
    "POST /api/things/5/remove",
    "GET /things/2/delete",
    "GET /do?what=4",
    "GET /tidy",
    "GET /sweep",
];
/// What nobody may do, nor ask for because it was read somewhere.
const NEVER: [&str; 5] = [
    "GET /logout",
    "POST /account/password",
    "POST /api/account/close",
    "GET /quiet",
    "GET /api/things/3/remove",
];
const NEVER_LEFT: [(&str, &str); 3] =
    [("Log out", "logout"), ("Save", "changes the password"), ("Delete my account", "closes the account")];

#[tokio::test(flavor = "multi_thread")]
async fn an_observer_only_looks_and_tells_what_it_left_alone() {
    let _slot = slot().await;
    let crawled = crawl("/", &["--policy", "observe"]).await;
    crawled.never_sent(&[&HARM[..], &NEVER, &["GET /find", "POST /api/like"]].concat());
    let writing: Vec<_> = crawled.log.iter().filter(|got| got.method != "GET").collect();
    assert!(writing.is_empty(), "{writing:?}");
    crawled.sent(&["GET /things", "GET /account"]);
    crawled.held(&["POST /api/like"]);
    crawled.left_alone(&NEVER_LEFT);
    crawled.left_alone(&[
        ("Find", "sends a form"),
        ("Delete thing", "does harm"),
        ("Pay now", "does harm"),
        ("Send message", "does harm"),
        ("Second", "does harm"),
        ("Remove", "does harm"),
        ("Delete everything", "does harm"),
    ]);
    let page = fs::read_to_string(Path::new(&crawled.folder).join("report.html")).unwrap();
    assert!(page.contains("Avoided: does harm") && page.contains("Avoided: sends a form"));
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_what_does_harm_is_recorded_and_never_sent() {
    let _slot = slot().await;
    let crawled = crawl("/", &[]).await;
    crawled.never_sent(&[&HARM[..], &NEVER].concat());
    crawled.sent(&["POST /api/like", "GET /find?q="]);
    crawled.held(&HARM);
    crawled.left_alone(&NEVER_LEFT);
    assert_eq!(crawled.unconfirmed("/quiet"), "does harm");
    assert_eq!(crawled.unconfirmed("/api/things/3/remove"), "left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_fired_when_that_is_asked_for_and_what_does_harm_comes_last() {
    let _slot = slot().await;
    let crawled = crawl("/", &["--policy", "all"]).await;
    crawled.sent(&HARM);
    crawled.never_sent(&NEVER);
    crawled.left_alone(&NEVER_LEFT);
    // One button says nothing of what it does.
    let told = HARM.iter().filter(|request| !request.ends_with("/remove"));
    let first_harm = told.filter_map(|request| crawled.place(request)).min();
    let plain = ["POST /api/like", "GET /find?q=", "GET /account"].map(|request| crawled.place(request));
    assert!(plain.iter().all(|place| *place < first_harm), "{plain:?} before {first_harm:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_excluded_is_reached_in_no_way_and_each_request_says_who_asks_at_its_pace() {
    let _slot = slot().await;
    let options = [
        "--exclude",
        "/private/",
        "--exclude-text",
        "^Spill",
        "--exclude-selector",
        ".danger",
        "--max-rate",
        "20",
        "--identify",
        "team red",
    ];
    let crawled = crawl("/fenced", &options).await;
    crawled.never_sent(&["GET /private", "GET /spill", "GET /danger"]);
    crawled.sent(&["GET /open", "GET /shared", "GET /known/by-script", "GET /things"]);
    crawled.left_alone(&[
        ("Ledger", "out of scope"),
        ("Spill it", "excluded"),
        ("One", "excluded"),
        ("Two", "excluded"),
    ]);
    for path in ["/danger/link", "/danger/button", "/danger/form", "/spill", "/spill-quietly"] {
        assert_eq!(crawled.unconfirmed(path), "excluded", "{path}");
    }
    let own = concat!("handstamp/", env!("CARGO_PKG_VERSION"), " (team red)");
    let nameless: Vec<_> = crawled.log.iter().filter(|got| got.header("x-scanner") != own).collect();
    assert!(nameless.is_empty(), "{nameless:?}");
    // Each waits for its turn; how long it is under way afterwards may differ by much on a busy machine.
    let (count, seconds) = crawled.span;
    let least = f64::from(u32::try_from(count - 1).unwrap()) / 20.0 - 1.0;
    assert!(count > 20 && seconds >= least, "{count} requests in {seconds} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_are_obeyed_where_that_is_asked_for() {
    let _slot = slot().await;
    let crawled = crawl("/robots", &["--robots", "--identify"]).await;
    crawled.sent(&["GET /robots.txt", "GET /closed/but-open", "GET /closed/api", "GET /known/mined"]);
    crawled.never_sent(&[
        "GET /closed/a?",
        "GET /closed/by-script",
        "GET /closed/search",
        "GET /closed/mined",
        "GET /list?sort",
    ]);
    assert!(!crawled.log.iter().any(|got| got.target == "/closed/a"));
    assert!(crawled.log.iter().all(|got| got.header("x-scanner").starts_with("handstamp/")));
    let why = "disallowed by robots.txt";
    crawled.left_alone(&[("Closed", why), ("Sorted", why), ("Search", why)]);
    assert_eq!(crawled.unconfirmed("/closed/mined"), why);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_robots_disallow_is_told_before_any_browser_opens() {
    let (yard, place) = (Yard::open().await, Place::new());
    let (start, out) = (yard.world.url("/closed/a"), place.path("out"));
    let session = place.session("somebody.json", &somebody(&yard.world.url("/")));
    let ran = place.handstamp(&["crawl", &start, "-s", &session, "-o", &out, "--robots"]).await;
    ran.ends_with(1).says("does not let").says("/closed/a").says("hint:");
    assert!(yard.world.take().iter().all(|got| got.target == "/robots.txt"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_write_are_sent_as_the_others_only_where_that_is_asked_for() {
    let _slot = slot().await;
    let (yard, place) = (Yard::open().await, Place::new());
    let (start, config) = (yard.world.url("/desk"), place.file("yard.yaml", &yard.config()));
    let mut bobs = BTreeMap::new();
    for (name, option) in [("reads", "--no-screenshots"), ("writes", "--replay-writes")] {
        let out = place.path(name);
        let args = [
            "crawl",
            &start,
            "--users",
            "alice,bob",
            "--config",
            &config,
            "-o",
            &out,
            "--no-mine",
            "--browsers",
            "1",
        ];
        place.handstamp(&[&args[..], &[option, "--identify", "replayed"]].concat()).await.ends_with(0);
        let log = yard.world.take();
        let count = |who: &str, method: &str| {
            let is_theirs = |got: &&Got| got.method == method && got.header("cookie").contains(who);
            log.iter().filter(is_theirs).filter(|got| got.target != "/login").count()
        };
        assert!(count("sid=alice", "POST") > 0, "alice writes");
        assert_eq!(count("sid=", "DELETE"), 0, "what is held is not replayed either");
        let own = |got: &&Got| got.target != "/login" && got.target != "/api/me";
        assert!(log.iter().filter(own).all(|got| got.header("x-scanner").contains("replayed")), "{log:#?}");
        bobs.insert(name, count("sid=bob", "POST"));
        let access: Value =
            serde_json::from_slice(&fs::read(Path::new(&out).join("access.json")).unwrap()).unwrap();
        let findings = access["findings"].as_array().unwrap().iter();
        let written: Vec<_> = findings.filter(|finding| finding["method"] == "POST").collect();
        assert_eq!(written.is_empty(), name == "reads", "{written:?}");
    }
    assert_eq!(bobs, BTreeMap::from([("reads", 0), ("writes", 1)]));
}
