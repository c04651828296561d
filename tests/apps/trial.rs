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
    reach::{self, Role},
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
    pub(super) app: App,
    pub(super) folder: PathBuf,
    pub(super) browser: String,
    body: Option<&'static str>,
}

impl Trial {
    pub(crate) fn new(name: &'static str) -> Self {
        let folder = env::temp_dir().join(format!("handstamp-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let browser = env::var("HANDSTAMP_APPS_BROWSER").unwrap_or_else(|_| "chromium".into());
        Self { app: App::start(name), folder, browser, body: None }
    }

    /// Replays by sending this JSON.
    pub(crate) fn posting(mut self, body: &'static str) -> Self {
        self.body = Some(body);
        self
    }

    /// All but the crawl.
    pub(crate) fn run(&self, expected: &Expected) {
        self.run_with(expected, || "not crawled".into());
    }

    /// All of it, and a crawl as each of these roles; the first is that of the user who logs in.
    pub(crate) fn run_and_crawl(&self, roles: &[Role], expected: &Expected) {
        self.run_with(expected, || reach::all(self, roles));
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
        let output = self.login("./session.json", &self.app.password);
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
        let output = self.login("./refused.json", "not-the-password");
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

    fn login(&self, session: &str, password: &str) -> Output {
        self.login_as(&self.app.username, session, password)
    }

    pub(super) fn login_as(&self, username: &str, session: &str, password: &str) -> Output {
        let mut command = self.handstamp(&["login", &self.app.url, "--session", session]);
        command
            .args(["--browser", &self.browser, "--password-env", "APP_PASSWORD"])
            .env("APP_PASSWORD", password);
        if !username.is_empty() {
            command.args(["--username", username]);
        }
        command.output().expect("the binary runs")
    }

    fn look(&self, session: &str) -> Output {
        self.handstamp(&["verify", "--in-browser", session, "--url", &self.app.url])
            .args(["--screenshot", "page.png", "--browser", &self.browser])
            .output()
            .expect("the binary runs")
    }

    pub(super) fn handstamp(&self, arguments: &[&str]) -> Command {
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
