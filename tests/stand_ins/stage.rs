//! A folder with the stand-ins, a session, and a site: what a tool finds that starts one.

use std::{
    fs,
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
use serde_json::{Map, Value, json};
use tokio::process::Command;

use crate::support::{Place, Running, Site};

/// The folder, the session, and the site.
pub(crate) struct Stage {
    pub(crate) place: Place,
    pub(crate) site: Site,
    session: String,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let (place, site) = (Place::new(), Site::open().await);
        place.handstamp(&["drivers", "install", &place.path("bin")]).await.ends_with(0);
        let session = place.session("s.json", &session_of(&site, "own"));
        Self { place, site, session }
    }

    pub(crate) fn link(&self, kind: Kind) -> String {
        let name = if kind == Kind::Firefox { "handstamp-geckodriver" } else { "handstamp-chromedriver" };
        self.place.path(&format!("bin/{name}"))
    }

    /// The variables that a tool would pass on.
    pub(crate) fn surround(&self, command: &mut Command) {
        command.env("HANDSTAMP_SESSION", &self.session).env("HANDSTAMP_HOME", self.place.path("home"));
        command.env("TMPDIR", self.place.path("tmp"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }

    pub(crate) fn command(&self, kind: Kind, args: &[&str]) -> Command {
        let mut command = Command::new(self.link(kind));
        command.args(args);
        self.surround(&mut command);
        command
    }

    pub(crate) fn driver(&self, kind: Kind, args: &[&str]) -> Running {
        Running::start(self.command(kind, args))
    }

    pub(crate) async fn saw(&self, who: &str) -> Value {
        self.site.clone().saw(who).await
    }

    pub(crate) async fn sees_the_session(&self, client: &Client, who: &str) {
        self.shows(client, who).await;
        is_logged_in(&self.saw(who).await);
    }

    /// Opens a page that reports under a name.
    pub(crate) async fn shows(&self, client: &Client, who: &str) {
        client.goto(self.site.page(&format!("/?who={who}")).as_str()).await.unwrap();
    }

    /// Checks that no process names a folder of this place, nor runs under its links, and that no folder of ours is left.
    #[track_caller]
    pub(crate) fn is_empty(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
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

/// A session at the site, whose values bear a name.
pub(crate) fn session_of(site: &Site, name: &str) -> State {
    let mut state = State::default();
    state.cookies.push(Cookie {
        name: "seen".into(),
        value: format!("{name}-cookie").into(),
        domain: "127.0.0.1".into(),
        host_only: true,
        path: "/".into(),
        ..Cookie::default()
    });
    let storage = state.origin_mut(&Origin::of(&site.page("/")).unwrap());
    storage.local_storage.push(Item::new("token", format!("{name}-local")));
    storage.session_storage.push(Item::new("tab", format!("{name}-session")));
    state
}

#[track_caller]
pub(crate) fn is_logged_in(saw: &Value) {
    is_logged_in_as(saw, "own");
}

#[track_caller]
pub(crate) fn is_logged_in_as(saw: &Value, name: &str) {
    assert_eq!(saw["local"], json!({ "token": format!("{name}-local") }), "{saw}");
    assert_eq!(saw["session"], json!({ "tab": format!("{name}-session") }), "{saw}");
    assert_eq!(saw["cookie"], format!("seen={name}-cookie"), "{saw}");
}

/// Checks that the logout of an application has lasted.
#[track_caller]
pub(crate) fn is_logged_out(saw: &Value) {
    assert_eq!(
        (&saw["local"], &saw["session"], &saw["cookie"]),
        (&json!({}), &json!({}), &json!("")),
        "a logout stays one: {saw}"
    );
}

/// Waits until a stand-in listens, and gives its port.
pub(crate) async fn port(driver: &mut Running, kind: Kind) -> u16 {
    let words = if kind == Kind::Firefox { "Listening on " } else { "started successfully on port " };
    let said = driver.has_said(words).await;
    let line = said.lines().rfind(|line| line.contains(words)).unwrap();
    let digits = line.trim_end_matches('.').rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap()
}

pub(crate) fn plain_options() -> Value {
    json!({ "goog:chromeOptions": { "args": ["--headless=new", "--no-sandbox"] } })
}

/// Opens a browser at an address, as a client does that knows nothing of handstamp.
pub(crate) async fn open(url: &str, capabilities: Value) -> Result<Client, String> {
    let mut all: Map<String, Value> = capabilities.as_object().unwrap().clone();
    all.entry("browserName").or_insert(json!("chrome"));
    let client = ClientBuilder::new(HttpConnector::new()).capabilities(all).connect(url).await;
    client.map_err(|error| format!("{error}: {error:?}"))
}
