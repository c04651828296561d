//! `WebKit`, which has neither BiDi nor CDP: what a proxy in front of it does in their place, and what it cannot do.

#![expect(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;

#[path = "webkit/gate.rs"]
mod gate;
#[path = "webkit/hand.rs"]
mod hand;
#[path = "webkit/prompt.rs"]
mod prompt;
#[path = "webkit/record.rs"]
mod record;
#[path = "gateway/stage.rs"]
mod stage;

use std::{fs, time::Duration};

use handstamp::{
    browser::{Browser, Kind, Launch},
    inject::{self, Injected},
    session::{Cookie, Database, Item, State},
    site::Origin,
};
use serde_json::{Value, json};
use support::{LOGOUT, Place, Shop, Site, slot};

async fn open() -> Browser {
    let launch = Launch { kind: Kind::WebKit, deadline: Duration::from_secs(60), ..Launch::default() };
    inject::open(&launch, None).await.unwrap()
}

fn cookie(name: &str, value: &str, host: &str) -> Cookie {
    let (name, value, domain, path) = (name.into(), value.into(), host.into(), "/".into());
    Cookie { name, value, domain, path, host_only: true, ..Cookie::default() }
}

/// A session of both origins of the site.
fn session(site: &Site) -> State {
    let mut state = State::default();
    state.cookies.push(cookie("seen", "own-cookie", "127.0.0.1"));
    state.cookies.push(Cookie { http_only: true, ..cookie("hidden", "own-hidden", "127.0.0.1") });
    state.cookies.push(cookie("seen", "other-cookie", "localhost"));
    for (url, name) in [(site.page("/"), "own"), (site.other("/"), "other")] {
        let storage = state.origin_mut(&Origin::of(&url).unwrap());
        storage.local_storage.push(Item::new("token", format!("{name}-local")));
        storage.session_storage.push(Item::new("tab", format!("{name}-session")));
        storage.indexed_db.extend(Database::new(json!({
            "name": "keys", "version": 1, "stores": [{
                "name": "tokens", "autoIncrement": false, "indexes": [],
                "records": [{ "key": "jwt", "value": { "value": format!("{name}-database") } }],
            }],
        })));
    }
    state
}

#[track_caller]
fn is_logged_in(saw: &Value, name: &str) {
    assert_eq!(saw["local"], json!({ "token": format!("{name}-local") }), "{saw}");
    assert_eq!(saw["session"], json!({ "tab": format!("{name}-session") }), "{saw}");
    assert_eq!(saw["cookie"], format!("seen={name}-cookie"), "{saw}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn the_first_script_sees_the_whole_session_and_the_applications_logout_lasts() {
    let _slot = slot().await;
    let (browser, mut site) = (open().await, Site::open().await);
    let injected = inject::into_browser(&session(&site), browser.control()).await.unwrap();
    assert_eq!(injected, Injected { cookies: 3, origins: 2, refused: Vec::new() });
    assert!(site.visits().is_empty(), "the application was asked: {:?}", site.visits());

    browser.page().goto(&site.page("/?who=first")).await.unwrap();
    is_logged_in(&site.saw("first").await, "own");
    let database = site.saw("first-database").await;
    assert_eq!(database, json!({ "stores": ["tokens"], "jwt": { "value": "own-database" } }));
    assert!(site.visits()[0].cookies.contains("hidden=own-hidden"), "{:?}", site.visits());
    browser.page().goto(&site.other("/?who=other")).await.unwrap();
    is_logged_in(&site.saw("other").await, "other");

    let renew = "localStorage.token = 'renewed'; sessionStorage.tab = 'renewed'";
    browser.page().goto(&site.page("/?who=before")).await.unwrap();
    browser.page().evaluate(renew, &[]).await.unwrap();
    browser.page().goto(&site.page("/?who=renewed")).await.unwrap();
    let saw = site.saw("renewed").await;
    assert_eq!(
        (&saw["local"]["token"], &saw["session"]["tab"]),
        (&json!("renewed"), &json!("renewed")),
        "{saw}"
    );

    // What a second tab has: all that tabs share, and nothing that belongs to one.
    let (first, tab) = (browser.page().window().await.unwrap(), browser.page().new_tab().await.unwrap());
    browser.page().switch_to(&tab).await.unwrap();
    browser.page().goto(&site.other("/?who=tab")).await.unwrap();
    let saw = site.saw("tab").await;
    assert_eq!((&saw["local"]["token"], &saw["session"]), (&json!("other-local"), &json!({})), "{saw}");
    browser.page().switch_to(&first).await.unwrap();

    browser.page().evaluate(LOGOUT, &[]).await.unwrap();
    browser.page().goto(&site.page("/?who=after")).await.unwrap();
    let saw = site.saw("after").await;
    assert_eq!(
        (&saw["local"], &saw["session"], &saw["cookie"]),
        (&json!({}), &json!({}), &json!("")),
        "{saw}"
    );
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn scripts_run_before_the_documents_own_and_traffic_is_told() {
    let _slot = slot().await;
    let (browser, mut site) = (open().await, Site::open().await);
    let traffic = browser.control().record().await.unwrap();
    let script =
        "(() => { localStorage.setItem('ran', (localStorage.getItem('ran') || '') + 'x'); let here; })()";
    browser.control().add_preload(script).await.unwrap();
    browser.page().goto(&site.page("/?who=first")).await.unwrap();
    assert_eq!(site.saw("first").await["local"], json!({ "ran": "x" }));
    let left = "return document.querySelectorAll('script').length + document.documentElement.outerHTML.includes('-scripts')";
    assert_eq!(browser.page().evaluate(left, &[]).await.unwrap(), 2, "only the page's own scripts are there");
    browser.page().goto(&site.page("/strict?who=strict")).await.unwrap();
    assert_eq!(site.saw("strict").await["local"], json!({ "ran": "xx" }), "a strict policy lets it run");
    let kinds: Vec<String> =
        traffic.since(0).into_iter().map(|x| format!("{} {:?}", x.kind, x.status)).collect();
    assert!(
        kinds.contains(&"Document Some(200)".to_owned()) && kinds.contains(&"Fetch Some(200)".to_owned()),
        "{kinds:?}"
    );
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs WebKit; run by make test-webkit"]
async fn a_login_a_check_and_a_crawl_work_with_webkit() {
    let _slot = slot().await;
    let (place, shop) = (Place::new(), Shop::open());
    let (username, password) = shop.anna();
    let webkit = ["--session", "anna", "--browser", "webkit"];
    let login = ["login", &shop.login_page(), "--username", username, "--password-env", "PASSWORD"];
    let ran =
        place.handstamp_with(&[("PASSWORD", password)], &[&login[..], &webkit].concat()).await.ends_with(0);
    ran.says("localStorage of").says("sessionStorage of").says("header Authorization");
    let verify = ["verify", "anna", "--in-browser", "--browser", "webkit"];
    place.handstamp(&verify).await.ends_with(0).says("logged in: a fresh browser");
    let output = place.path("result");
    let crawl = ["crawl", shop.url.as_str(), "--browsers", "1", "--max-states", "6", "--output", &output];
    let ran = place.handstamp(&[&crawl[..], &webkit].concat()).await.ends_with(0);
    ran.says("still logged in").says("sessionStorage in its first tab only");
    let requests = fs::read_to_string(format!("{output}/requests.jsonl")).unwrap();
    let records = requests.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let calls: Vec<Value> = records.filter(|r| r["class"] == "call" && r["in_scope"] == true).collect();
    assert!(!calls.is_empty() && calls.iter().all(|call| call["session"] == true), "{calls:?}");
}
