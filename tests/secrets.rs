//! No output of any command shows a password or a token.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

use std::path::Path;

use handstamp::{
    handover::{Format, Way},
    session::{Cookie, Database, HeaderToken, Item, Source, State, file},
    site::Origin,
};
use nix::sys::signal::Signal;
use serde_json::json;
use support::{Call, FakeDriver, Place, Ran, Reply, Shop, forms, leaks, show_none_of, slot};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_login_and_all_that_follows_show_neither_password_nor_token() {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let ((name, password), page) = (shop.anna(), shop.login_page());
    let file = place.path("anna.json");
    let variables = [("SHOP_PASSWORD", password), ("RUST_LOG", "trace")];
    let login = ["login", &page, "-u", name, "--password-env", "SHOP_PASSWORD", "-s", &file];
    let mut outputs =
        vec![place.handstamp_with(&variables, &[&login, &["-vvv"][..]].concat()).await.ends_with(0)];

    let state = file::read(Path::new(&file)).unwrap();
    let mut secrets = vec![password.to_owned()];
    for token in state.tokens() {
        // Names, numbers and yes or no are found everywhere by chance.
        secrets.extend(Some(token.value.expose().to_owned()).filter(|value| value.len() > 12));
    }
    assert!(secrets.iter().any(|s| s.starts_with("eyJ")), "the token of the shop is among them");

    for format in ["--json", "--quiet", "-vvv"] {
        for args in [&["show", &file][..], &["verify", &file], &["sessions"], &["show", "nobody"]] {
            outputs.push(place.handstamp(&[args, &[format]].concat()).await);
        }
        outputs.push(through_the_proxy(&shop, &place, &file, format).await);
    }
    let in_browser = ["verify", &file, "--in-browser", "--url", shop.url.as_str(), "-vvv"];
    outputs.push(place.handstamp(&in_browser).await.ends_with(0));
    show_none_of(&outputs, &secrets);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_shows_no_password_however_it_was_given() {
    let _slot = slot().await;
    let (shop, place) = (Shop::open(), Place::new());
    let (name, page) = (shop.anna().0, shop.login_page());
    let file = place.file("password", PLANTED);
    let args = ["login", &page, "-u", name, "-vvv", "--password-file", &file];
    let ran = place.handstamp(&args).await.ends_with(3);
    show_none_of(&[ran], &[PLANTED.to_owned()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_drivers_and_files_show_no_secret() {
    let place = Place::new();
    let good = place.session("good.json", &planted());
    let text = std::fs::read_to_string(&good).unwrap();
    let mut secrets: Vec<String> = planted().secrets().iter().map(|s| s.expose().to_owned()).collect();
    secrets.extend(["planted-in-the-database-0123".to_owned(), PLANTED.to_owned()]);
    for secret in secrets.iter().take(3) {
        assert!(text.contains(secret), "the file holds what is looked for");
    }
    let broken = [
        place.file("cut.json", &text[..text.len() - 9]),
        place.file(
            "shape.json",
            &text.replacen("\"cookies\": [", "\"cookies\": [\"planted-cookie-0123456789\",", 1),
        ),
        place.file("plain.json", "planted-cookie-0123456789"),
    ];
    let mut outputs = Vec::new();
    for file in broken.iter().chain([&good]) {
        for format in ["-vvv", "--json"] {
            outputs.push(place.handstamp(&["show", file, format]).await);
            outputs.push(place.handstamp(&["verify", file, format]).await);
        }
    }
    for answer in
        [Reply::Error(500, "unknown error", "boom"), Reply::Text(500, "nonsense"), Reply::Value(json!(null))]
    {
        let driver =
            FakeDriver::start(move |call: &Call| (call.path == "goog/cdp/execute").then(|| answer.clone()))
                .await;
        let args =
            ["open", "http://app.test/?token=planted-cookie-0123456789", "-s", &good, "-vvv", "--webdriver"];
        outputs.push(place.handstamp(&[&args[..], &[&driver.url()]].concat()).await);
    }
    let gone =
        ["login", "http://127.0.0.1:1/", "--webdriver", "http://127.0.0.1:1/", "-vvv", "--password", PLANTED];
    outputs.push(place.handstamp(&gone).await.ends_with(4));
    show_none_of(&outputs, &secrets);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_over_shows_on_stdout_alone() {
    let place = Place::new();
    let file = place.session("s.json", &planted());
    let secrets: Vec<String> = planted().secrets().iter().map(|s| s.expose().to_owned()).collect();
    let url = "http://127.0.0.1:1/";
    let mut quiet = Vec::new();
    let of_one_text = |format: &&Format| !matches!(format.word(), "netrc" | "zap");
    for format in Format::ALL.iter().filter(of_one_text) {
        let name = format.word();
        let ran =
            place.handstamp(&["export", "-s", &file, "-f", name, "--url", url, "-vvv"]).await.ends_with(0);
        assert!(secrets.iter().any(|secret| ran.out.contains(secret)), "{name}: {}", ran.out);
        let given = place.file("given", &ran.out);
        quiet.push(Ran { out: String::new(), ..ran });
        if format.way() == Way::Both {
            let import = ["import", &given, "-s", "taken", "-f", name, "--url", url, "-vvv"];
            quiet.push(place.handstamp(&import).await.ends_with(0));
        }
        let target = place.path("out");
        quiet.push(
            place
                .handstamp(&["export", "-s", &file, "-f", name, "--url", url, "-o", &target, "-vvv"])
                .await
                .ends_with(0),
        );
    }
    let (zap, folder) = (["export", "-s", &file, "-f", "zap", "-vvv"], place.path("zap"));
    quiet.push(place.handstamp(&zap).await.ends_with(2));
    quiet.push(place.handstamp(&[&zap[..], &["-o", &folder]].concat()).await.ends_with(0));
    let script = std::fs::read_to_string(Path::new(&folder).join("session.js")).unwrap();
    assert!(secrets.iter().any(|secret| script.contains(secret)));
    let exec = ["exec", "-s", &file, "-vvv", "--", "sh", "-c", "echo \"$HANDSTAMP_COOKIE\""];
    let ran = place.handstamp(&exec).await.ends_with(0);
    assert!(ran.out.contains("planted-cookie-0123456789"), "{}", ran.out);
    quiet.push(Ran { out: String::new(), ..ran });
    show_none_of(&quiet, &secrets);
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let ran = |out: String| Ran { code: Some(0), out, err: String::new() };
    let clean = [ran("nothing here".into())];
    assert!(leaks(&clean, &[PLANTED.to_owned()]).is_empty());
    for form in forms(PLANTED) {
        assert_eq!(leaks(&[ran(format!("a {form} b"))], &[PLANTED.to_owned()]).len(), 1, "{form}");
    }
}

/// A session whose every value is unmistakable.
fn planted() -> State {
    let origin = Origin::parse("http://127.0.0.1:1").unwrap();
    let cookie = Cookie {
        name: "sid".into(),
        value: "planted-cookie-0123456789".into(),
        domain: "127.0.0.1".into(),
        host_only: true,
        path: "/".into(),
        ..Cookie::default()
    };
    let mut state = State { cookies: vec![cookie], scope: vec![origin.clone()], ..State::default() };
    let storage = state.origin_mut(&origin);
    storage.local_storage.push(Item::new("token", "planted-local-0123456789"));
    storage.session_storage.push(Item::new("bid", "planted-tab-0123456789"));
    storage.indexed_db.extend(Database::new(json!({ "name": "db", "version": 1, "stores": [{
        "name": "s", "autoIncrement": false, "indexes": [], "records": [{ "key": "k", "value": "planted-in-the-database-0123" }],
    }] })));
    state.headers.push(HeaderToken {
        origin,
        name: "X-Token".into(),
        value: "planted-header-0123456789".into(),
        source: Source::Memory,
    });
    state
}

/// Sends a request through the proxy, which puts the session on it, and ends the proxy.
async fn through_the_proxy(shop: &Shop, place: &Place, file: &str, format: &str) -> Ran {
    let mut proxy = place.start(&["proxy", "-s", file, "--listen", "127.0.0.1:0", format]);
    let said = proxy.has_said("127.0.0.1:").await;
    let port = said.split("127.0.0.1:").nth(1).unwrap().split(|c: char| !c.is_ascii_digit()).next().unwrap();
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
    let request = format!(
        "GET {}rest/user/whoami HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        shop.url,
        shop.address()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains(shop.anna().0), "the request was logged in: {answer}");
    proxy.signal(Signal::SIGTERM);
    proxy.end().await.ends_with(0)
}

/// A password that occurs nowhere by chance.
const PLANTED: &str = "planted?password>0123/456 789";
