//! Logging in to the sample shop with real browsers, and what can be done with the session afterwards.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Instant};

use handstamp::{
    session::{Check, Cookie, Indicator, State, file, now},
    site::Origin,
};
use serde_json::{Value, json};
use support::{FakeDriver, Place, Ran, Shop, Site, slot};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_login_finds_all_that_carries_the_session_and_verify_sees_it_end() {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let file = place.path("anna.json");
    let ran = login(&shop, &place, &["-s", &file]).await.ends_with(0);
    tells_the_session(&shop, &ran.json());

    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{mode:o}");
    let text = fs::read_to_string(&file).unwrap();
    let (name, password) = shop.anna();
    assert!(
        text.contains(name) && !text.contains(password) && !text.contains(&escaped(password)),
        "no password"
    );
    let state = file::read(Path::new(&file)).unwrap();
    let storage = state.origin(&Origin::of(&shop.url).unwrap()).unwrap();
    let token = storage.local_storage.iter().find(|i| i.name == "token").unwrap();
    assert!(storage.session_storage.iter().any(|i| i.name == "bid" && !i.value.is_empty()));
    assert_eq!(state.headers[0].value.expose(), format!("Bearer {}", token.value.expose()));
    let agent = state.user_agent.as_deref().unwrap();
    assert!(agent.contains("Chrome/") && !agent.contains("Headless"), "{agent}");

    let shown = place.handstamp(&["show", &file, "--json"]).await.ends_with(0).json();
    assert_eq!(shown["tokens"], ran.json()["tokens"]);
    place.handstamp(&["show", &file]).await.ends_with(0).says("JSON Web Token in").says("proven by");

    let alive = place.handstamp(&["verify", &file, "--json"]).await.ends_with(0).json();
    assert_eq!((&alive["reason"], &alive["verdict"]["state"]), (&json!("logged-in"), &json!("proven")));
    let seen = place.handstamp(&["verify", &file, "--in-browser", "--url", shop.url.as_str()]).await;
    seen.ends_with(0).says("is not asked to log in");

    let status = ask(&shop, "POST /rest/user/logout", state.headers[0].value.expose()).await;
    assert!(status.contains("200"), "{status}");
    let dead = place.handstamp(&["verify", &file, "--json"]).await.ends_with(3).json();
    assert_eq!((&dead["reason"], &dead["exit"]), (&json!("stale"), &json!(3)));
    assert!(!dead["evidence"].as_str().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_in_the_store_is_stale_once_the_shop_has_a_new_key() {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let ran = login(&shop, &place, &["-s", "shop/anna"]).await.ends_with(0).json();
    assert_eq!(ran["recipe"]["password"], json!({ "env": "SHOP_PASSWORD" }), "a reference, no value");
    let listed = place.handstamp(&["sessions", "--json"]).await.ends_with(0).json();
    assert_eq!((&listed["sessions"][0]["name"], &listed["sessions"][1]), (&json!("shop/anna"), &Value::Null));
    place.handstamp(&["verify", "shop/anna"]).await.ends_with(0).says("logged in: ");
    let address = shop.address();
    drop(shop);
    let away = place.handstamp(&["verify", "shop/anna", "--json"]).await.ends_with(1).json();
    assert_eq!(away["reason"], "unreachable", "{away}");
    let _shop = Shop::open_at(&address);
    place
        .handstamp(&["verify", "shop/anna"])
        .await
        .ends_with(3)
        .says("logged out: ")
        .says("hint: log in again");
    place.handstamp(&["sessions"]).await.ends_with(0).says("logged out");
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_logs_in_with_a_password_from_standard_input() {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let ((name, password), page) = (shop.anna(), shop.login_page());
    let args = ["login", &page, "-u", name, "--password-stdin", "--browser", "firefox", "--json"];
    let ran = place.handstamp_reading(&format!("{password}\n"), &args).await.ends_with(0);
    tells_the_session(&shop, &ran.json());
    assert!(ran.json()["userAgent"].as_str().unwrap().contains("Firefox/"));
    assert_eq!(ran.json()["recipe"]["password"], Value::Null, "what came by a pipe cannot be asked again");
    let listed = place.handstamp(&["sessions", "--json"]).await.json();
    assert_eq!(listed["sessions"][0]["name"], "default");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_with_what_was_seen_and_nothing_is_kept() {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let (name, page) = (shop.anna().0, shop.login_page());
    let file = place.path("anna.json");
    let wrong = [("WRONG", "not-her-pass-word-1")];
    let args = ["login", &page, "-u", name, "--password-env", "WRONG", "-s", &file, "--json"];
    let ran = place.handstamp_with(&wrong, &args).await.ends_with(3);
    let verdict = ran.json();
    assert_eq!((&verdict["verdict"], &verdict["reason"]), (&json!("failed"), &json!("refused")), "{verdict}");
    let evidence = verdict["evidence"].as_str().unwrap();
    assert!(evidence.contains("POST /rest/user/login: 401"), "{evidence}");
    assert!(!format!("{}{}", ran.out, ran.err).contains("not-her-pass-word-1"));
    assert!(!Path::new(&file).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_login_form_is_told_within_the_time_limit() {
    let _slot = slot().await;
    let (site, place) = (Site::open().await, Place::new());
    let began = Instant::now();
    let page = site.page("/?who=x");
    let args = ["login", page.as_str(), "-u", "anna", "--password-env", "P", "--timeout", "4s", "--json"];
    let verdict = place.handstamp_with(&[("P", "x")], &args).await.ends_with(3).json();
    assert_eq!(verdict["reason"], "no-form", "{verdict}");
    assert!(verdict["evidence"].as_str().unwrap().contains("shows no password field"), "{verdict}");
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_is_not_there_is_told_with_a_hint() {
    let _slot = slot().await;
    let place = Place::new();
    // Nothing listens on port 1 of loopback.
    let args = ["login", "http://127.0.0.1:1/", "-u", "anna", "--password", "plain-word", "--json"];
    let ran = place.handstamp(&args).await.ends_with(1);
    let error = ran.json();
    assert_eq!(error["reason"], "unreachable", "{error}");
    assert!(error["hint"].as_str().unwrap().contains("is the application running"), "{error}");
    assert!(ran.err.contains("prefer --password-env"), "a plain password is warned of: {}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_what_works() {
    let _slot = slot().await;
    let place = Place::new();
    let told = place.handstamp(&["doctor", "--json"]).await.ends_with(0).json();
    for (at, name) in ["chromium", "firefox"].iter().enumerate() {
        assert_eq!(
            (&told["browsers"][at]["name"], &told["browsers"][at]["works"]),
            (&json!(name), &json!(true)),
            "{told}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_without_browsers_tells_how_to_get_them() {
    let place = Place::new();
    let told = place.handstamp_with(&[("PATH", "/nowhere")], &["doctor", "--json"]).await.ends_with(4).json();
    assert_eq!(told["browsers"][0]["works"], false, "{told}");
    let said = place.handstamp_with(&[("PATH", "/nowhere")], &["doctor"]).await.ends_with(4);
    said.says("chromium: missing").says("hint: apt-get install");
    let args = ["login", "http://127.0.0.1:1/", "--password", "x"];
    place.handstamp_with(&[("PATH", "/nowhere")], &args).await.ends_with(4).says("hint: install it with");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_told_before_any_browser_is_opened() {
    let (driver, place) = (FakeDriver::start(|_| None).await, Place::new());
    let url = driver.url();
    let login = ["login", "http://app.test/", "--webdriver", &url, "--json"];
    let blocked = format!("{}/below/s.json", place.file("a-file", ""));
    let missing = place.path("no/such/folder/s.json");
    let cases: &[(&[&str], i32, &str, &str)] = &[
        (&["--password-env", "UNSET_HERE"], 2, "bad-session", "UNSET_HERE"),
        (&["--password-file", "/no/such/file"], 2, "bad-session", "/no/such/file"),
        (&["--password-stdin"], 2, "usage", "standard input"),
        (&[], 2, "usage", "no password was given"),
        (&["--password", "x", "-s", &blocked], 1, "unwritable", "cannot write the session file"),
        (&["--password", "x", "-s", &missing], 1, "unwritable", "cannot write the session file"),
    ];
    for (more, code, reason, words) in cases {
        let error = place.handstamp(&[&login, *more].concat()).await.ends_with(*code).json();
        assert_eq!(error["reason"], *reason, "{more:?}: {error}");
        assert!(error["error"].as_str().unwrap().contains(words), "{more:?}: {error}");
        assert!(!error["hint"].as_str().unwrap().is_empty(), "{more:?}: {error}");
    }
    let odd = ["login", "ftp://app.test/", "--webdriver", &url, "--password", "x"];
    place.handstamp(&odd).await.ends_with(2).says("hint: begin it with http");
    assert_eq!(driver.calls().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_without_a_display_is_told_with_a_hint() {
    let place = Place::new();
    let file = place.session("s.json", &state(3600));
    let ran = place.handstamp(&["open", "http://app.test/", "-s", &file]).await.ends_with(4);
    ran.says("needs a display").says("hint: ").says("xvfb-run");
}

#[tokio::test(flavor = "multi_thread")]
async fn session_files_that_cannot_be_read_are_told_with_a_hint() {
    let place = Place::new();
    let whole = fs::read_to_string(place.session("whole.json", &state(3600))).unwrap();
    let cut = place.file("cut.json", &whole[..whole.len() / 2]);
    let mut newer: Value = serde_json::from_str(&whole).unwrap();
    newer["handstamp"]["version"] = json!(9_000_000);
    let newer = place.file("newer.json", &newer.to_string());
    let missing = place.path("missing.json");
    let cases = [
        (&cut, "bad-session", "log in again"),
        (&newer, "bad-session", "upgrade"),
        (&missing, "no-session", "log in"),
    ];
    for (file, reason, hint) in cases {
        for args in [
            &["show", file][..],
            &["verify", file],
            &["proxy", "-s", file],
            &["open", "http://a.test", "-s", file],
        ] {
            let error = place.handstamp(&[args, &["--json"]].concat()).await.ends_with(2).json();
            assert_eq!(error["reason"], reason, "{error}");
            assert!(error["hint"].as_str().unwrap().contains(hint), "{error}");
        }
    }
    place.handstamp(&["show", "nobody"]).await.ends_with(2).says("there is no session `nobody`");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_removed_and_pruned() {
    let place = Place::new();
    place.handstamp(&["sessions"]).await.ends_with(0).says("there are no sessions yet").says("hint: ");
    let store = handstamp::session::Store::open(Path::new(&place.path("store"))).unwrap();
    for (name, seconds) in [("fresh", 3600), ("old", -3600), ("shop/ben", 3600)] {
        store.save(&name.parse().unwrap(), &state(seconds)).unwrap();
    }
    let names = |ran: &Ran| {
        ran.json()["sessions"].as_array().unwrap().iter().map(|s| s["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&place.handstamp(&["sessions", "--json"]).await).len(), 3);
    let pruned = place.handstamp(&["sessions", "prune", "--json"]).await.ends_with(0).json();
    assert_eq!(pruned["removed"], json!(["old"]));
    place.handstamp(&["sessions", "remove", "shop/ben"]).await.ends_with(0).says("removed `shop/ben`");
    place
        .handstamp(&["sessions", "remove", "nobody"])
        .await
        .ends_with(2)
        .says("there is no session `nobody`");
    assert_eq!(names(&place.handstamp(&["sessions", "--json"]).await), [json!("fresh")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_is_printed_and_exported_and_stays_the_same() {
    let place = Place::new();
    let printed = place.handstamp(&["ca"]).await.ends_with(0).out;
    assert!(printed.starts_with("-----BEGIN CERTIFICATE-----"), "{printed}");
    let file = place.path("ca.pem");
    place.handstamp(&["ca", "--export", &file]).await.ends_with(0).says("written to");
    assert_eq!(fs::read_to_string(&file).unwrap().trim(), printed.trim());
    assert_eq!(
        place.handstamp(&["ca", "--json"]).await.json()["certificate"].as_str().unwrap().trim(),
        printed.trim()
    );
    let blocked = format!("{file}/below.pem");
    place.handstamp(&["ca", "--export", &blocked]).await.ends_with(1).says("cannot write");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_that_nobody_reads_is_no_error() {
    let place = Place::new();
    let file = place.session("s.json", &state(3600));
    for args in [
        &["show", &file][..],
        &["show", &file, "--json"],
        &["ca"],
        &["sessions"],
        &["--help"],
        &["--version"],
    ] {
        let mut command = place.command(args);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stdout(writer).stderr(std::process::Stdio::piped());
        let ended = command.output().await.unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!((ended.status.code(), said.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn help_and_usage_go_where_they_belong() {
    let place = Place::new();
    let help = place.handstamp(&["--help"]).await.ends_with(0);
    assert!(help.err.is_empty(), "{}", help.err);
    for word in ["login", "proxy", "open", "show", "verify", "sessions", "doctor", "Exit codes"] {
        assert!(help.out.contains(word), "{word}");
    }
    for command in ["login", "crawl", "proxy", "open", "show", "verify", "sessions", "ca", "doctor"] {
        let help = place.handstamp(&[command, "--help"]).await.ends_with(0);
        assert!(help.out.contains("--timeout") && help.out.contains("--json"), "{command}");
    }
    let wrong = place.handstamp(&["login"]).await.ends_with(2);
    assert!(wrong.out.is_empty() && wrong.err.contains("give an address, or a configuration"), "{wrong:?}");
    place.handstamp(&["login", "http://a.test", "--timeout", "soon"]).await.ends_with(2).says("90s");
    place
        .handstamp(&["login", "http://a.test", "--browser", "netscape"])
        .await
        .ends_with(2)
        .says("chromium, firefox");
    place
        .handstamp(&["proxy", "-s", "x", "--listen", "0.0.0.0:0"])
        .await
        .ends_with(2)
        .says("not on loopback");
}

/// Logs anna in with her password in a variable.
async fn login(shop: &Shop, place: &Place, more: &[&str]) -> Ran {
    let ((name, password), page) = (shop.anna(), shop.login_page());
    let args = ["login", &page, "-u", name, "--password-env", "SHOP_PASSWORD", "--json"];
    place.handstamp_with(&[("SHOP_PASSWORD", password)], &[&args, more].concat()).await
}

/// Checks what a login to the shop tells.
#[track_caller]
fn tells_the_session(shop: &Shop, told: &Value) {
    assert_eq!(
        (&told["schema"], &told["exit"], &told["reason"]),
        (&json!("handstamp.login/1"), &json!(0), &json!("logged-in"))
    );
    assert_eq!(told["verdict"]["state"], "proven", "{told}");
    let origin = shop.url.as_str().trim_end_matches('/');
    let cookies: Vec<_> =
        told["cookies"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert!(cookies.contains(&"token"), "{cookies:?}");
    let storage = &told["origins"][0];
    assert_eq!(storage["origin"], origin);
    assert!(storage["localStorage"].as_array().unwrap().contains(&json!("token")), "{told}");
    assert_eq!(storage["sessionStorage"], json!(["bid"]));
    let header = &told["headers"][0];
    assert_eq!((&header["name"], &header["origin"]), (&json!("Authorization"), &json!(origin)));
    let source = header["source"].as_str().unwrap();
    assert!(source.contains("localStorage") && source.contains("token"), "{source}");
    let left = told["expires"].as_i64().unwrap() - now();
    assert!((3300..=3600).contains(&left), "the token lives for an hour: {left}");
    assert!(told["tokens"].as_array().unwrap().iter().any(|t| t["kind"] == "jwt" && t["expires"].is_i64()));
    assert_eq!(told["scope"], json!([origin]));
    assert!(!told["userAgent"].as_str().unwrap().contains("Headless"), "{told}");
}

/// One request to the shop, straight; gives the status line.
async fn ask(shop: &Shop, what: &str, authorization: &str) -> String {
    let mut stream = TcpStream::connect(shop.address()).await.unwrap();
    let request = format!(
        "{what} HTTP/1.1\r\nHost: {}\r\nAuthorization: {authorization}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        shop.address()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

fn escaped(text: &str) -> String {
    json!(text).to_string().trim_matches('"').to_owned()
}

/// A session that ends so many seconds from now, with a check that nobody answers.
fn state(seconds: i64) -> State {
    let url: url::Url = "http://127.0.0.1:1/".parse().unwrap();
    let check = Check {
        body: None,
        method: "GET".into(),
        url: url.clone(),
        headers: Vec::new(),
        indicator: Indicator::Status { logged_in: 200, logged_out: 401 },
        evidence: "GET /: 200, without the session 401".into(),
    };
    let cookie = Cookie {
        name: "sid".into(),
        value: "value".into(),
        domain: "127.0.0.1".into(),
        host_only: true,
        path: "/".into(),
        http_only: true,
        expires: Some(now() + seconds),
        ..Cookie::default()
    };
    State {
        cookies: vec![cookie],
        check: Some(check),
        scope: vec![Origin::of(&url).unwrap()],
        created: now(),
        ..State::default()
    }
}
