//! What is asked of every application: logged in, injected, replayed, refused, and of some a crawl.

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, Output},
    time::Instant,
};

use serde_json::{Value, json};

use super::{
    app::{App, Proxy, curl, document},
    truth::Truth,
};

/// What tells a user of the application from a stranger.
pub(crate) struct Expected {
    /// A path that answers users.
    pub(crate) api: &'static str,
    /// The status with which it answers strangers.
    pub(crate) anonymous: u16,
    pub(crate) form: Form,
}

/// What a stranger sees on the first page.
#[derive(PartialEq)]
pub(crate) enum Form {
    Shown,
    BehindButton,
}

/// One application, with a folder and a store of its own.
pub(crate) struct Trial {
    app: App,
    folder: PathBuf,
    browser: String,
    body: Option<&'static str>,
    /// How many of the application's endpoints a crawl has to reach.
    least: usize,
}

impl Trial {
    pub(crate) fn new(name: &'static str) -> Self {
        let folder = env::temp_dir().join(format!("handstamp-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let browser = env::var("HANDSTAMP_APPS_BROWSER").unwrap_or_else(|_| "chromium".into());
        Self { app: App::start(name), folder, browser, body: None, least: 0 }
    }

    /// Replays by sending this JSON.
    pub(crate) fn posting(mut self, body: &'static str) -> Self {
        self.body = Some(body);
        self
    }

    /// Fails when a crawl reaches fewer of the application's endpoints.
    pub(crate) fn reaching(mut self, least: usize) -> Self {
        self.least = least;
        self
    }

    /// All but the crawl.
    pub(crate) fn run(&self, expected: &Expected) {
        self.run_with(expected, || "not crawled".into());
    }

    /// All of it.
    pub(crate) fn run_and_crawl(&self, expected: &Expected) {
        self.run_with(expected, || self.crawls());
    }

    fn run_with(&self, expected: &Expected, crawl: impl FnOnce() -> String) {
        let begun = Instant::now();
        let login = self.logs_in();
        let seconds = begun.elapsed().as_secs_f32();
        let evidence = login["verdict"]["evidence"].as_str().unwrap_or_default();
        let fresh = self.is_logged_in_when_injected(expected);
        let replay = self.replays(expected);
        let crawl = crawl();
        let minimal = self.explains();
        self.refuses_a_wrong_password();
        let row = [
            self.app.name,
            &format!("{seconds:.1}"),
            &tokens(&login),
            &minimal,
            evidence,
            &fresh,
            &replay,
            &crawl,
        ];
        eprintln!("| {} |", row.join(" | "));
    }

    fn logs_in(&self) -> Value {
        let output = self.login("session.json", &self.app.password);
        let login = document(&output);
        assert_eq!(output.status.code(), Some(0), "the login ends well: {login}");
        assert_eq!(login["verdict"]["state"], "proven", "{login}");
        assert_eq!(login["reason"], "logged-in");
        assert!(
            !String::from_utf8_lossy(&output.stdout).contains(&self.app.password),
            "the password is told"
        );
        login
    }

    /// The smallest sets that were found to be enough, and what finding them took.
    fn explains(&self) -> String {
        let output = self.handstamp(&["explain", "./session.json"]).output().expect("the binary runs");
        let told = document(&output);
        assert!(matches!(output.status.code(), Some(0 | 3 | 5)), "the trial comes to an end: {told}");
        let set = |of: &str| {
            let name = |part: &Value| {
                let name = ["name", "key", "database"].iter().find_map(|field| part[*field].as_str());
                format!("{} {}", part["kind"].as_str().unwrap_or_default(), name.unwrap_or_default())
            };
            let first = told["trial"][of]["sufficient"][0].as_array();
            let parts = first.map(|set| set.iter().map(name).collect::<Vec<_>>());
            parts.map_or_else(|| "undecided".to_owned(), |parts| parts.join(" and "))
        };
        let (requests, browser) = (set("onRequests"), set("inBrowser"));
        let (asked, opened) = (&told["trial"]["requests"], &told["trial"]["browsers"]);
        format!("requests: {requests}; browser: {browser} ({asked} requests, {opened} browsers)")
    }

    fn refuses_a_wrong_password(&self) {
        let output = self.login("refused.json", "not-the-password");
        let refusal = document(&output);
        assert_eq!(output.status.code(), Some(3), "a wrong password is noticed: {refusal}");
        assert_eq!(refusal["reason"], "refused", "{refusal}");
        assert!(refusal["evidence"].as_str().is_some_and(|e| !e.is_empty()), "{refusal}");
        assert!(!self.folder.join("refused.json").exists(), "nothing is kept of a refused login");
    }

    fn is_logged_in_when_injected(&self, expected: &Expected) -> String {
        let output = self.look("./session.json");
        assert_eq!(output.status.code(), Some(0), "a fresh browser is logged in: {}", document(&output));
        assert!(
            fs::metadata(self.folder.join("page.png")).is_ok_and(|m| m.len() > 2000),
            "there is a picture"
        );
        fs::write(self.folder.join("none.json"), json!({ "cookies": [], "origins": [] }).to_string())
            .expect("the folder can be written");
        let stranger = self.look("./none.json");
        // Where the form waits behind a button, a page without one says nothing of who looks at it.
        let code = if expected.form == Form::Shown { 3 } else { 5 };
        assert_eq!(
            stranger.status.code(),
            Some(code),
            "a stranger is not logged in: {}",
            document(&stranger)
        );
        "logged in".into()
    }

    fn replays(&self, expected: &Expected) -> String {
        let url = format!("{}{}", self.app.origin(), expected.api);
        let proxy = Proxy::start(self.handstamp(&[
            "proxy",
            "--session",
            "./session.json",
            "--listen",
            "127.0.0.1:0",
        ]));
        let body = self.body.map(|b| vec!["-H", "content-type: application/json", "-d", b]);
        let ask = |way: &[&str]| curl(&[way, &body.clone().unwrap_or_default(), &[&url]].concat());
        let user = ask(&["--noproxy", "", "--proxy", &format!("http://{}", proxy.address)]);
        let stranger = ask(&["--noproxy", "*"]);
        assert_eq!(user.0, 200, "{url} answers a plain client behind the proxy: {}", user.1);
        assert_eq!(stranger.0, expected.anonymous, "{url} answers strangers otherwise");
        assert_ne!(user.1, stranger.1, "the answers differ");
        format!("{} {}, anonymous {}", expected.api, user.0, stranger.0)
    }

    fn crawls(&self) -> String {
        let length = env::var("HANDSTAMP_APPS_CRAWL").unwrap_or_else(|_| "60s".into());
        let output = self
            .handstamp(&["crawl", &self.app.url, "--session", "./session.json", "--max-duration", &length])
            .args(["--output", "crawl", "--browser", &self.browser])
            .output()
            .expect("the binary runs");
        let summary = document(&output);
        assert_eq!(output.status.code(), Some(0), "the crawl ends well: {summary}");
        let number = |key: &str| summary[key].as_u64().unwrap_or_default();
        let (calls, carried) = (number("calls"), number("carried"));
        assert!(number("requests") > 10, "the crawl gets somewhere: {summary}");
        let verify = self.handstamp(&["verify", "./session.json"]).output().expect("the binary runs");
        assert_eq!(verify.status.code(), Some(0), "the crawl has not logged out: {}", document(&verify));
        let share =
            (carried * 100).checked_div(calls).map_or("no calls".into(), |share| format!("{share} %"));
        format!("{} requests, {}, {share}", number("requests"), self.reached(number("endpoints")))
    }

    /// What the crawl reached of what there is, where that is known; a crawl that is much worse than it was fails.
    fn reached(&self, found: u64) -> String {
        let Some(truth) = Truth::of(self.app.name) else { return format!("{found} endpoints") };
        let reached = truth.reached(&self.folder.join("crawl"));
        eprintln!("{}: missed {}", self.app.name, reached.missed.join(", "));
        let least = self.least;
        assert!(reached.endpoints >= least, "the crawl reached {reached}, less than {least}");
        reached.to_string()
    }

    fn login(&self, session: &str, password: &str) -> Output {
        let session = format!("./{session}");
        let mut command = self.handstamp(&["login", &self.app.url, "--session", &session]);
        command
            .args(["--browser", &self.browser, "--password-env", "APP_PASSWORD"])
            .env("APP_PASSWORD", password);
        if !self.app.username.is_empty() {
            command.args(["--username", &self.app.username]);
        }
        command.output().expect("the binary runs")
    }

    fn look(&self, session: &str) -> Output {
        self.handstamp(&["verify", "--in-browser", session, "--url", &self.app.url])
            .args(["--screenshot", "page.png", "--browser", &self.browser])
            .output()
            .expect("the binary runs")
    }

    fn handstamp(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_handstamp"));
        command
            .args(arguments)
            .arg("--json")
            .current_dir(&self.folder)
            .env("HANDSTAMP_HOME", self.folder.join("home"));
        command
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// How many tokens a login found, and where the headers among them come from.
fn tokens(login: &Value) -> String {
    let list = |key: &str| login[key].as_array().cloned().unwrap_or_default();
    let headers: Vec<_> = list("headers")
        .iter()
        .map(|h| {
            format!("{} from {}", h["name"].as_str().unwrap_or("?"), h["source"].as_str().unwrap_or("?"))
        })
        .collect();
    let cookies = list("cookies").len();
    format!(
        "{} ({cookies} cookies{}{})",
        list("tokens").len(),
        if headers.is_empty() { "" } else { "; " },
        headers.join(", ")
    )
}
