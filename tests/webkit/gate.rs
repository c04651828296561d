//! `WebKit` through the gateway, for clients that know nothing of it.

use std::{convert::Infallible, path::PathBuf, process::Stdio, time::Duration};

use bytes::Bytes;
use fantoccini::Client;
use handstamp::{
    session::{Cookie, Credential, HeaderToken, HttpScheme, Item, Method, Recipe, Source, State, now},
    site::Origin,
};
use http_body_util::Full;
use hyper::{Response, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, process::Command, task::JoinSet, time};

use super::{
    prompt::{PASSWORD, server},
    stage::{Gate, is_logged_in, is_stranger, session_at},
    support::{LOGOUT, Place, Site, World, acceptor, slot},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn a_client_finds_itself_logged_in_at_the_first_navigation_and_its_logout_lasts() {
    let _slot = slot().await;
    let mut site = Site::open().await;
    let mut gate = Gate::open(&session_at(&site), &["--browser", "webkit"]).await;
    let client = gate.client(json!({})).await.unwrap();
    gate.running.has_said("opened MiniBrowser ").await;
    assert!(site.visits().is_empty(), "the application was asked: {:?}", site.visits());
    client.goto(site.page("/?who=first").as_str()).await.unwrap();
    is_logged_in(&site.saw("first").await);
    assert!(site.visits()[0].cookies.contains("hidden=own-hidden"), "{:?}", site.visits());
    client.goto(site.other("/?who=elsewhere").as_str()).await.unwrap();
    is_stranger(&site.saw("elsewhere").await);
    let first = client.window().await.unwrap();
    let tab = client.new_window(true).await.unwrap();
    client.switch_to_window(tab.handle).await.unwrap();
    client.goto(site.page("/?who=tab").as_str()).await.unwrap();
    let saw = site.saw("tab").await;
    let shared = (json!({ "token": "own-local" }), json!({}), json!("seen=own-cookie"));
    assert_eq!((&saw["local"], &saw["session"], &saw["cookie"]), (&shared.0, &shared.1, &shared.2), "{saw}");
    client.close_window().await.unwrap();
    client.switch_to_window(first).await.unwrap();
    client.goto(site.page("/?who=before").as_str()).await.unwrap();
    is_logged_in(&site.saw("before").await);
    run(&client, LOGOUT).await;
    for who in ["after", "later"] {
        client.goto(site.page(&format!("/?who={who}")).as_str()).await.unwrap();
        is_stranger(&site.saw(who).await);
    }
    client.close().await.unwrap();
    gate.running.has_said("its client ended it").await;
    gate.has_no_browsers();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn two_clients_at_once_have_a_browser_each_and_the_end_of_the_gateway_ends_both() {
    let _slot = slot().await;
    let mut site = Site::open().await;
    let gate = Gate::open(&session_at(&site), &[]).await;
    let asked = || json!({ "browserName": "MiniBrowser" });
    let (one, two) = tokio::try_join!(gate.client(asked()), gate.client(asked())).unwrap();
    for (client, who) in [(&one, "one"), (&two, "two")] {
        client.goto(site.page(&format!("/?who={who}")).as_str()).await.unwrap();
        is_logged_in(&site.saw(who).await);
    }
    one.persist().await.unwrap();
    two.persist().await.unwrap();
    gate.running.signal(nix::sys::signal::Signal::SIGINT);
    let Gate { running, place, .. } = gate;
    running.end().await.ends_with(0).says("the gateway is being ended");
    place.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn a_header_that_no_browser_can_have_goes_through_both_proxies() {
    let _slot = slot().await;
    let app = World::kind().await;
    let origin = Origin::parse(&app.url("/")).unwrap();
    let (name, value) = ("Authorization".into(), "Bearer of-memory".into());
    let token = HeaderToken { origin: origin.clone(), name, value, source: Source::Memory };
    let mut state = State { headers: vec![token], created: now(), scope: vec![origin], ..State::default() };
    state.cookies.push(Cookie {
        name: "sid".into(),
        value: "own".into(),
        domain: "127.0.0.1".into(),
        path: "/".into(),
        host_only: true,
        ..Cookie::default()
    });
    let gate = Gate::open(&state, &["--browser", "webkit"]).await;
    let client = gate.client(json!({})).await.unwrap();
    client.goto(&app.url("/page")).await.unwrap();
    let got = app.take();
    let has_all = |got: &crate::support::Got| {
        got.header("authorization") == "Bearer of-memory" && got.header("cookie").contains("sid=own")
    };
    assert!(got.iter().any(has_all), "{got:?}");
    client.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn https_is_spoken_with_whom_the_gateway_trusts_alone() {
    let _slot = slot().await;
    let (origin, pem, _server) = secure().await;
    let mut state = State::default();
    let storage = state.origin_mut(&Origin::parse(&origin).unwrap());
    storage.local_storage.push(Item::new("token", "own-local".to_owned()));
    storage.session_storage.push(Item::new("tab", "own-session".to_owned()));
    let place = Place::new();
    let (file, ca) = (place.session("session.json", &state), place.file("ca.pem", &pem));
    let args = ["gateway", "--listen", "127.0.0.1:0", "--session", &file, "--browser", "webkit"];
    let gate = Gate::start(place, &[&args[..], &["--ca", &ca]].concat()).await;
    let client = gate.client(json!({})).await.unwrap();
    client.goto(&origin).await.unwrap();
    let seen = client.execute("return window.seen", Vec::new()).await.unwrap();
    assert_eq!(seen, json!({ "local": "own-local", "session": "own-session" }));
    client.close().await.unwrap();
    drop(gate);
    let gate = Gate::open(&state, &["--browser", "webkit"]).await;
    let client = gate.client(json!({})).await.unwrap();
    client.goto(&origin).await.unwrap();
    let text = client.source().await.unwrap();
    assert!(text.contains("is not trusted") && !text.contains("window.seen"), "{text}");
    client.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn a_session_of_digest_is_let_in_through_the_gateway() {
    let _slot = slot().await;
    let (world, place) = (server(HttpScheme::Digest, String::new()).await, Place::new());
    let password = Some(Credential::File(place.file("password", PASSWORD).into()));
    let (login_url, username) = (world.url("/").parse().unwrap(), Some("anna".into()));
    let recipe = Some(Recipe { login_url, username, password, totp: None, steps: None });
    let method = Method::Http { scheme: HttpScheme::Digest };
    let file = place.session("session.json", &State { method, recipe, created: now(), ..State::default() });
    let args = ["gateway", "--listen", "127.0.0.1:0", "--session", &file, "--browser", "webkit"];
    let gate = Gate::start(place, &args).await;
    let client = gate.client(json!({})).await.unwrap();
    for path in ["/", "/again"] {
        client.goto(&world.url(path)).await.unwrap();
        let source = client.source().await.unwrap();
        assert!(source.contains("hello anna"), "{source}");
    }
    client.close().await.unwrap();
}

/// A server with TLS whose page notes what its first script saw.
async fn secure() -> (String, String, JoinSet<()>) {
    let (tls, pem) = acceptor();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((tcp, _)) = listener.accept().await {
            let tls = tls.clone();
            connections.spawn(async move {
                let Ok(stream) = tls.accept(tcp).await else { return };
                let service = service_fn(|_| async {
                    let mut page = Response::new(Full::new(Bytes::from(PAGE)));
                    page.headers_mut().insert("content-type", "text/html".parse().unwrap());
                    Ok::<_, Infallible>(page)
                });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (origin, pem, tasks)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn selenium_for_python_has_a_webkit_that_is_logged_in() {
    let _slot = slot().await;
    let mut site = Site::open().await;
    let mut gate = Gate::open(&session_at(&site), &[]).await;
    let tools = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(tools.join("target/webkit/python/bin/python"));
    command.arg(tools.join("tests/webkit/selenium_python.py"));
    command.args([&gate.url(""), site.page("").as_str().trim_end_matches('/')]).stdin(Stdio::null());
    let output = time::timeout(LIMIT, command.kill_on_drop(true).output()).await.expect("it ends").unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    is_logged_in(&site.saw("first").await);
    for turn in 0..2 {
        is_stranger(&site.saw_again("after", turn).await);
    }
    gate.running.has_said("its client ended it").await;
    gate.has_no_browsers();
}

async fn run(client: &Client, script: &str) -> Value {
    client.execute(script, Vec::new()).await.unwrap()
}

const PAGE: &str = "<!doctype html><script>window.seen = { local: localStorage.token, session: sessionStorage.tab }</script><p>page";
const LIMIT: Duration = Duration::from_secs(120);
