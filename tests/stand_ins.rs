//! The stand-ins for drivers, as tools start them: their arguments, their end, and browsers that are logged in.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder};
use handstamp::{
    browser::Kind,
    session::{Cookie, Item, State},
    site::Origin,
};
use hyper_util::client::legacy::connect::HttpConnector;
use nix::sys::signal::Signal;
use serde_json::{Map, Value, json};
use support::{Place, Running, Site, slot};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_of_the_stand_in_is_logged_in_and_nothing_of_it_stays() {
    let _slot = slot().await;
    let stage = Stage::set().await;
    let mut driver = stage.driver(Kind::Chromium, &["--port=0", "--enable-chrome-logs"]);
    let port = port_of(&driver.has_said("started successfully on port ").await);
    let client = open(port, zap_options()).await.unwrap();
    assert!(client.capabilities().unwrap()["webSocketUrl"].is_string(), "it was asked for");
    stage.sees_the_session(&client, "first").await;
    let tab = client.new_window(true).await.unwrap().handle;
    client.switch_to_window(tab).await.unwrap();
    stage.sees_the_session(&client, "tab").await;
    let popup = stage.site.page("/?who=popup");
    client
        .execute("window.open(arguments[0], '_blank', 'noopener')", vec![json!(popup.as_str())])
        .await
        .unwrap();
    let saw = stage.saw("popup").await;
    // Known: the pipe is the tool's own, BiDi is what is left, and of Chromium it may lose the race with such a pop-up's
    // first document; what tabs share is in place all the same.
    assert_eq!(
        (&saw["local"]["token"], &saw["cookie"]),
        (&json!("own-local"), &json!("seen=own-cookie")),
        "{saw}"
    );
    println!("sessionStorage of a pop-up without opener: {}", saw["session"]);
    // The tool dies without a word to its browser.
    driver.signal(Signal::SIGTERM);
    driver.end().await.ends_with(0);
    stage.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_it_is_the_real_driver_and_with_a_wrong_one_browsers_are_refused() {
    let stage = Stage::set().await;
    for kind in [Kind::Chromium, Kind::Firefox] {
        let version = stage.driver(kind, &["--version"]).end().await.ends_with(0);
        version.says(if kind == Kind::Chromium { "ChromeDriver " } else { "geckodriver " });
    }
    let mut command = stage.command(Kind::Chromium, &["--port=0"]);
    command.env_remove("HANDSTAMP_SESSION");
    let mut driver = Running::start(command);
    driver.has_said("started successfully").await;
    driver.signal(Signal::SIGTERM);
    driver.end().await.says("browsers are not logged in");
    let mut command = stage.command(Kind::Chromium, &["--port=0"]);
    command.env("HANDSTAMP_SESSION", "nobody");
    let mut driver = Running::start(command);
    let port = port_of(&driver.has_said("started successfully on port ").await);
    let refused = open(port, json!({})).await.unwrap_err();
    assert!(refused.contains("nobody"), "{refused}");
    driver.signal(Signal::SIGTERM);
    driver.end().await.ends_with(0).says("no browser can be logged in");
    stage.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_stand_in_is_killed_its_driver_and_browsers_end_too() {
    let _slot = slot().await;
    let stage = Stage::set().await;
    let mut driver = stage.driver(Kind::Chromium, &["--port=0"]);
    let port = port_of(&driver.has_said("started successfully on port ").await);
    let client = open(port, plain_options()).await.unwrap();
    stage.sees_the_session(&client, "first").await;
    driver.signal(Signal::SIGKILL);
    driver.end().await;
    stage.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_made_and_removed_and_what_is_not_ours_is_left_alone() {
    let place = Place::new();
    let folder = place.path("bin");
    place
        .handstamp(&["drivers", "install", &folder, "--plain-names"])
        .await
        .ends_with(0)
        .says("handstamp-geckodriver");
    for name in ["handstamp-chromedriver", "handstamp-geckodriver", "chromedriver", "geckodriver"] {
        assert!(Path::new(&folder).join(name).is_file(), "{name}");
    }
    place.handstamp(&["drivers", "install", &folder]).await.ends_with(0);
    let other = Path::new(&folder).join("geckodriver");
    fs::remove_file(&other).unwrap();
    fs::write(&other, "mine").unwrap();
    let refused = place.handstamp(&["drivers", "install", &folder, "--plain-names"]).await.ends_with(2);
    refused.says("is something else");
    place.handstamp(&["drivers", "remove", &folder]).await.ends_with(0).says("removed");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "only the other one is left");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes Selenium from PyPI; run by make test-stand-ins"]
async fn selenium_s_own_services_open_browsers_that_are_logged_in() {
    for browser in ["chromium", "firefox"] {
        let _slot = slot().await;
        let stage = Stage::set().await;
        let python = target().join("python/bin/python");
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/stand_ins/selenium_services.py");
        let mut command = Command::new(python);
        command.arg(script).arg(browser).arg(stage.link(if browser == "firefox" {
            Kind::Firefox
        } else {
            Kind::Chromium
        }));
        command.arg(stage.site.page("").as_str().trim_end_matches('/'));
        stage.surround(&mut command);
        let ran = Running::start(command).end().await.ends_with(0);
        ran.says("done");
        for who in ["first", "tab", "popup"] {
            is_logged_in(&stage.saw(who).await);
        }
        let out = stage.saw("out").await;
        assert_eq!((&out["local"], &out["session"]), (&json!({}), &json!({})), "a logout stays one: {out}");
        stage.is_empty();
    }
}

/// A folder with the links, a session, and a site.
struct Stage {
    place: Place,
    site: Site,
    session: String,
}

impl Stage {
    async fn set() -> Self {
        let (place, site) = (Place::new(), Site::open().await);
        place.handstamp(&["drivers", "install", &place.path("bin")]).await.ends_with(0);
        let mut state = State::default();
        state.cookies.push(Cookie {
            name: "seen".into(),
            value: "own-cookie".into(),
            domain: "127.0.0.1".into(),
            host_only: true,
            path: "/".into(),
            ..Cookie::default()
        });
        let storage = state.origin_mut(&Origin::of(&site.page("/")).unwrap());
        storage.local_storage.push(Item::new("token", "own-local"));
        storage.session_storage.push(Item::new("tab", "own-session"));
        let session = place.session("s.json", &state);
        Self { place, site, session }
    }

    fn link(&self, kind: Kind) -> String {
        let name = if kind == Kind::Firefox { "handstamp-geckodriver" } else { "handstamp-chromedriver" };
        self.place.path(&format!("bin/{name}"))
    }

    /// The variables that a tool would pass on.
    fn surround(&self, command: &mut Command) {
        command.env("HANDSTAMP_SESSION", &self.session).env("HANDSTAMP_HOME", self.place.path("home"));
        command.env("TMPDIR", self.place.path("tmp"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }

    fn command(&self, kind: Kind, args: &[&str]) -> Command {
        let mut command = Command::new(self.link(kind));
        command.args(args);
        self.surround(&mut command);
        command
    }

    fn driver(&self, kind: Kind, args: &[&str]) -> Running {
        Running::start(self.command(kind, args))
    }

    async fn saw(&self, who: &str) -> Value {
        self.site.clone().saw(who).await
    }

    async fn sees_the_session(&self, client: &Client, who: &str) {
        client.goto(self.site.page(&format!("/?who={who}")).as_str()).await.unwrap();
        is_logged_in(&self.saw(who).await);
    }

    /// Checks that no process names a folder of this place, nor runs under its links, and that no folder of ours is left.
    #[track_caller]
    fn is_empty(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut left = self.left();
        while !left.is_empty() && Instant::now() < deadline {
            std::thread::yield_now();
            left = self.left();
        }
        assert_eq!(left, [""; 0], "these processes and folders are left");
    }

    fn left(&self) -> Vec<String> {
        let folders = fs::read_dir(self.place.path("tmp")).unwrap().flatten();
        let folders = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
        folders.filter(|name| name.starts_with("handstamp-")).chain(self.processes()).collect()
    }

    fn processes(&self) -> Vec<String> {
        let marks = [self.place.path("bin"), self.place.path("tmp")];
        let all = fs::read_dir("/proc").unwrap().flatten();
        let lines = all.filter_map(|p| String::from_utf8(fs::read(p.path().join("cmdline")).ok()?).ok());
        lines
            .filter(|line| marks.iter().any(|mark| line.contains(mark)))
            .map(|line| line.replace('\0', " "))
            .collect()
    }
}

#[track_caller]
fn is_logged_in(saw: &Value) {
    assert_eq!(saw["local"], json!({ "token": "own-local" }), "{saw}");
    assert_eq!(saw["session"], json!({ "tab": "own-session" }), "{saw}");
    assert_eq!(saw["cookie"], "seen=own-cookie", "{saw}");
}

fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/stand-ins")
}

fn port_of(said: &str) -> u16 {
    let (_, rest) = said.rsplit_once("on port ").unwrap();
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// What ZAP asks Chromium for, and what this machine needs.
fn zap_options() -> Value {
    let args = [
        "--proxy-bypass-list=<-loopback>",
        "--ignore-certificate-errors",
        "--remote-debugging-pipe",
        "--enable-unsafe-extension-debugging",
        "--headless=new",
        "--no-sandbox",
    ];
    json!({ "acceptInsecureCerts": true, "webSocketUrl": true, "goog:chromeOptions": { "args": args } })
}

fn plain_options() -> Value {
    json!({ "goog:chromeOptions": { "args": ["--headless=new", "--no-sandbox"] } })
}

async fn open(port: u16, capabilities: Value) -> Result<Client, String> {
    let mut all: Map<String, Value> = capabilities.as_object().unwrap().clone();
    all.insert("browserName".into(), json!("chrome"));
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(all)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await;
    client.map_err(|error| format!("{error}: {error:?}"))
}
