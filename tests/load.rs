//! Tokens that end in the middle of a load, on the real command and the sample shop.
//!
//! It runs for `LOAD_SECONDS`, by default three minutes, and prints what it saw; `make test-load` runs it.

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
use serde_json::Value;
use support::{Place, Shop};
use tokio::task::JoinSet;

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
    let said = proxy.has_said("\"listening\"").await;
    let listening: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    let upstream = format!("http://{}", listening["address"].as_str().unwrap()).parse().unwrap();
    let client =
        Client::with(ClientSettings { upstream: Some(upstream), ..ClientSettings::default() }).unwrap();

    let (good, bad) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let end = Instant::now() + Duration::from_secs(seconds);
    let url = shop.url.join("rest/user/whoami").unwrap();
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (client, url, good, bad) = (client.clone(), url.clone(), Arc::clone(&good), Arc::clone(&bad));
        clients.spawn(async move {
            while Instant::now() < end {
                let request = Request::get(url.as_str()).body(empty()).unwrap();
                let answer = client.send(request).await.unwrap();
                let body = read(answer.into_body(), 1 << 20).await.unwrap();
                let is_anna = String::from_utf8_lossy(&body).contains("anna");
                if is_anna { &good } else { &bad }.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
    proxy.signal(nix::sys::signal::Signal::SIGINT);
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
