//! Steps that only a person can make, and a script that stands for the person.

use std::{
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use handstamp::{
    browser::{Browser, Kind, Launch, script},
    login::{self, Credentials, Outcome, Refusal, Settings, Step, Witness},
};
use http::Response;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use super::gate::{PASSWORD, cookie, json as json_text, page, status, to};
use crate::support::{Got, Place, World, slot};

/// Notes the steps, and does the person's part as soon as it is asked for.
struct Helper {
    steps: Mutex<Vec<String>>,
    is_done: Arc<AtomicBool>,
}

impl Witness for Helper {
    fn step(&self, step: &Step) {
        if matches!(step, Step::Waiting { .. }) {
            self.is_done.store(true, Ordering::SeqCst);
        }
        self.steps.lock().unwrap().push(step.to_string());
    }
}

/// An application whose logins go on once a person has done something.
async fn app(is_done: Arc<AtomicBool>) -> World {
    World::open(move |got| answer(got, &is_done)).await
}

fn answer(got: &Got, is_done: &AtomicBool) -> Response<String> {
    let (path, is_in) =
        (got.target.split('?').next().unwrap(), got.header("cookie").contains("sid=s3ss10n-0f-anna"));
    let is_done = is_done.load(Ordering::SeqCst);
    match (got.method.as_str(), path) {
        ("GET", "/done") => json_text(&is_done.to_string()),
        ("GET", "/home") if is_in => page("<h1>Welcome anna</h1><script>fetch('/me')</script>"),
        ("GET", "/me") if is_in => json_text(r#"{"user":"anna"}"#),
        ("GET", "/me") => status(page("{}"), 401),
        ("GET", "/enter") if is_done => cookie(to("/home"), "sid=s3ss10n-0f-anna"),
        ("GET", "/captcha") => page(&format!("{FORM}{CAPTCHA}")),
        ("GET", "/key" | "/sms") => page(FORM),
        ("POST", "/captcha") if got.body.contains("g-recaptcha-response=solved") => {
            cookie(to("/home"), "sid=s3ss10n-0f-anna")
        }
        ("POST", "/captcha") => status(page(&format!("{FORM}{CAPTCHA}")), 400),
        ("POST", "/key") => page(&format!("<p>Use your key</p>{KEY}{WAIT}")),
        ("POST", "/sms") => page(&format!(
            "<form><label>SMS code <input name=code autocomplete=one-time-code></label></form>{WAIT}"
        )),
        ("GET", "/hand") => page(&format!("<input type=password>{WAIT}")),
        ("GET", "/favicon.ico") => status(page(""), 404),
        _ => to("/hand"),
    }
}

const FORM: &str = "<form method=post><input name=user><input type=password name=password>
    <textarea name=g-recaptcha-response style='display:none'></textarea><button>Log in</button></form>";
const CAPTCHA: &str = "<div class=g-recaptcha style='width:300px;height:70px'>I am not a robot</div><script>
    setInterval(async () => { if (await (await fetch('/done')).json()) document.querySelector('textarea').value = 'solved'; }, 300);</script>";
const KEY: &str = "<script>navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32), timeout: 60000 } }).catch(() => {});</script>";
const WAIT: &str = "<script>setInterval(async () => { if (await (await fetch('/done')).json()) location = '/enter'; }, 300);</script>";

async fn outcome(kind: Kind, path: &str, person: Option<Duration>) -> (Outcome, Vec<String>) {
    let is_done = Arc::new(AtomicBool::new(false));
    let world = app(Arc::clone(&is_done)).await;
    let browser = Browser::launch(&Launch { kind, ..Launch::default() }).await.unwrap();
    let traffic = browser.control().record().await.unwrap();
    browser.control().add_preload(script("login-passkey")).await.unwrap();
    let settings = Settings {
        url: world.url(path).parse().unwrap(),
        credentials: Credentials {
            username: Some("anna".into()),
            password: PASSWORD.into(),
            ..Credentials::default()
        },
        limit: Duration::from_secs(6),
        person,
        challenges: None,
    };
    let helper = Helper { steps: Mutex::default(), is_done };
    let login = login::run(browser.page(), &traffic, &settings, &helper).await;
    browser.close().await;
    (login.unwrap().outcome, helper.steps.into_inner().unwrap())
}

async fn goes_on_after_the_person(kind: Kind) {
    let _slot = slot().await;
    for (path, what) in [("/captcha", "CAPTCHA"), ("/key", "passkey"), ("/sms", "one-time password")] {
        let (outcome, steps) = outcome(kind, path, Some(Duration::from_secs(30))).await;
        assert!(matches!(outcome, Outcome::Through { .. }), "{path}: {outcome:?} {steps:?}");
        assert!(
            steps.iter().any(|step| step.starts_with("waiting for you") && step.contains(what)),
            "{path}: {steps:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_waits_for_the_person_and_goes_on_by_itself() {
    goes_on_after_the_person(Kind::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_waits_for_the_person_and_goes_on_by_itself() {
    goes_on_after_the_person(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_there_what_is_missing_is_named() {
    let _slot = slot().await;
    for (path, expected) in
        [("/captcha", Refusal::Captcha), ("/key", Refusal::Passkey), ("/sms", Refusal::CodeNeeded)]
    {
        let (outcome, _) = outcome(Kind::Chromium, path, None).await;
        assert!(
            matches!(&outcome, Outcome::Failed { refusal, .. } if *refusal == expected),
            "{path}: {outcome:?}"
        );
    }
}

/// A driver that somebody else has started, in whose browser a person logs in.
async fn driver() -> (Child, String) {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some((_, rest)) = line.split_once("started successfully on port ") {
            break rest.trim_end_matches('.').to_owned();
        }
    };
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, format!("http://127.0.0.1:{port}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_by_hand_is_kept_as_soon_as_it_is_proven() {
    let _slot = slot().await;
    let is_done = Arc::new(AtomicBool::new(false));
    let (world, place) = (app(Arc::clone(&is_done)).await, Place::new());
    let (_driver, address) = driver().await;
    let url = world.url("/hand");
    place.handstamp(&["login", &url, "--manual"]).await.ends_with(2).says("--headed");
    let args = [
        "login",
        &url,
        "--manual",
        "--webdriver",
        &address,
        "--json",
        "-s",
        "hand",
        "--wait-for-person",
        "3s",
    ];
    let told = place.handstamp(&args).await.ends_with(3).json();
    assert_eq!(told["reason"], json!("unanswered"), "{told}");
    is_done.store(true, Ordering::SeqCst);
    let args = ["login", &url, "--manual", "--webdriver", &address, "--json", "-s", "hand"];
    let told = place.handstamp(&args).await.ends_with(0).json();
    assert_eq!(told["reason"], json!("logged-in"), "{told}");
    place.handstamp(&["verify", "hand"]).await.ends_with(0);
}
