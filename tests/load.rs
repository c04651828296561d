//! Tokens that end in the middle of a load, on the real command and the sample shop.
//!
//! It runs for `LOAD_SECONDS`, by default three minutes, and prints what it saw; `make test-load` runs it.

#![expect(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use std::{
    env, fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use handstamp::proxy::{Client, ClientSettings, empty, read};
use http::Request;
use nix::sys::signal::Signal;
use serde_json::Value;
use support::{Place, Shop};
use tokio::task::JoinSet;
use url::Url;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; run by make test-load"]
async fn no_client_sees_a_logged_out_answer_while_tokens_of_30_seconds_end() {
    let seconds: u64 = env::var("LOAD_SECONDS").map_or(180, |text| text.parse().unwrap());
    let place = Place::new();
    let journal = place.path("journal.jsonl");
    let shop = Shop::open_with(&["--listen", "127.0.0.1:0", "--token-lifetime", "30", "--log", &journal]);
    let config = place.file("handstamp.yaml", &configuration(&shop));
    let mut command =
        place.command(&["proxy", "--config", &config, "--user", "anna", "--listen", "127.0.0.1:0", "--json"]);
    command.env("ANNA", shop.anna().1);
    let mut proxy = support::Running::start(command);
    let client = client(&mut proxy).await;

    let (good, bad) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let end = Instant::now() + Duration::from_secs(seconds);
    let url = shop.url.join("rest/user/whoami").unwrap();
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (client, url, good, bad) = (client.clone(), url.clone(), Arc::clone(&good), Arc::clone(&bad));
        clients.spawn(async move {
            while Instant::now() < end {
                let is_anna = is_anna(&client, &url).await;
                if is_anna { &good } else { &bad }.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
    proxy.signal(Signal::SIGINT);
    proxy.end().await.ends_with(0);
    let logins = fs::read_to_string(&journal)
        .unwrap()
        .lines()
        .filter(|line| line.contains("/rest/user/login"))
        .count();
    let ended = seconds.div_ceil(TOKEN_SECONDS);
    let (good, bad) = (good.load(Ordering::Relaxed), bad.load(Ordering::Relaxed));
    println!(
        "{CLIENTS} clients, {seconds} s: {good} answers for the user, {bad} for a stranger; {logins} logins, at most {ended} tokens came to their end"
    );
    assert_eq!(bad, 0);
    assert!(good > 1000, "{good}");
    // The first login, and one for each token that came to its end.
    assert!(logins as u64 <= 1 + ended, "{logins} logins");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes the life of a token; run by make test-load"]
async fn an_application_that_renews_its_tokens_by_itself_does_so_in_a_browser_and_nobody_logs_in_again() {
    let place = Place::new();
    let journal = place.path("journal.jsonl");
    let life = ["--token-lifetime", "20", "--refresh"];
    let shop = Shop::open_with(&[&["--listen", "127.0.0.1:0", "--log", &journal], &life[..]].concat());
    let (name, password) = shop.anna();
    let page = shop.login_page();
    let login = ["login", &page, "--username", name, "--password-env", "ANNA", "--session", "shop"];
    place.handstamp_with(&[("ANNA", password)], &login).await.ends_with(0);
    let mut command = place.command(&["proxy", "--session", "shop", "--listen", "127.0.0.1:0", "--json"]);
    command.env("ANNA", password);
    let mut proxy = support::Running::start(command);
    let client = client(&mut proxy).await;
    let url = shop.url.join("rest/user/whoami").unwrap();
    let count = |path: &str| {
        let journal = fs::read_to_string(&journal).unwrap();
        journal.lines().filter(|line| line.contains(path)).count()
    };
    let end = Instant::now() + Duration::from_secs(90);
    let mut every = tokio::time::interval(Duration::from_millis(200));
    let mut asked = 0;
    while count("/rest/user/refresh") < 2 {
        every.tick().await;
        assert!(Instant::now() < end, "the token was not renewed");
        assert!(is_anna(&client, &url).await, "after {asked} answers for the user");
        asked += 1;
    }
    proxy.signal(Signal::SIGINT);
    proxy.end().await.ends_with(0);
    println!(
        "{asked} answers for the user, {} renewals, {} login",
        count("/refresh"),
        count("/rest/user/login")
    );
    assert_eq!(count("/rest/user/login"), 1);
}

/// A client that goes through a proxy of handstamp's.
async fn client(proxy: &mut support::Running) -> Client {
    let said = proxy.has_said("\"listening\"").await;
    let listening: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    let upstream = format!("http://{}", listening["address"].as_str().unwrap()).parse().unwrap();
    Client::with(ClientSettings { upstream: Some(upstream), ..ClientSettings::default() }).unwrap()
}

/// Whether the shop answers as it does to its user.
async fn is_anna(client: &Client, url: &Url) -> bool {
    let request = Request::get(url.as_str()).body(empty()).unwrap();
    let answer = client.send(request).await.unwrap();
    let body = read(answer.into_body(), 1 << 20).await.unwrap();
    String::from_utf8_lossy(&body).contains("anna")
}

fn configuration(shop: &Shop) -> String {
    format!(
        r#"
contexts:
  - name: shop
    urls: ["{url}"]
    authentication:
      method: json
      parameters:
        loginPageUrl: "{url}"
        loginRequestUrl: "{url}rest/user/login"
        loginRequestBody: '{{"email":"{{%username%}}","password":"{{%password%}}"}}'
    sessionManagement:
      method: headers
      parameters: {{ Authorization: "Bearer {{%json:authentication.token%}}" }}
    verification:
      method: poll
      pollUrl: "{url}rest/user/whoami"
      loggedInRegex: '\Q"email"\E'
      pollFrequency: 60
      pollUnits: seconds
    users:
      - name: anna
        credentials: {{ username: "{anna}", passwordEnv: ANNA }}
"#,
        url = shop.url,
        anna = shop.anna().0,
    )
}

const CLIENTS: usize = 64;
const TOKEN_SECONDS: u64 = 30;
