//! What a session needs in fresh browsers, from the login to the table that explains it.

use handstamp::session::{Reload, file};
use http::Response;
use serde_json::{Value, json};

use crate::support::{Got, Place, Ran, World, jwt, slot};

/// An application whose page is logged in when its script finds a token. The first part of a path says where it keeps that:
/// `local`, `split` between sessionStorage and `IndexedDB`, or in `memory` alone.
async fn application() -> (World, String) {
    let token = jwt("anna", 1, std::time::Duration::from_secs(3600));
    let expected = format!("Bearer {token}");
    let issued = token.clone();
    let world = World::open(move |got| {
        let path = got.target.split('?').next().unwrap_or_default();
        match (got.method.as_str(), path) {
            ("POST", "/api/login") if got.body.contains("planted-password") => logged_in(&issued),
            ("POST", _) => answer(401, "application/json", "{}"),
            (_, "/api/me") => me(got, &expected),
            (_, "/local" | "/split" | "/memory") => {
                answer(200, "text/html", &PAGE.replace("MODE", path.trim_start_matches('/')))
            }
            _ => answer(404, "text/plain", "nothing"),
        }
    })
    .await;
    (world, token)
}

fn logged_in(token: &str) -> Response<String> {
    let mut response = answer(200, "application/json", &json!({ "token": token }).to_string());
    response.headers_mut().append("set-cookie", "_track=t-0123456789abcdef; Path=/".parse().unwrap());
    response.headers_mut().append("set-cookie", "XSRF-TOKEN=x-0123456789abcdef; Path=/".parse().unwrap());
    response
}

fn me(got: &Got, expected: &str) -> Response<String> {
    if got.header("authorization") == expected {
        return answer(200, "application/json", r#"{"name":"anna"}"#);
    }
    answer(401, "application/json", "{}")
}

fn answer(status: u16, kind: &str, body: &str) -> Response<String> {
    Response::builder().status(status).header("content-type", kind).body(body.into()).unwrap()
}

const PAGE: &str = r"<!doctype html><title>app</title><body><main></main><script>
const mode = 'MODE', main = document.querySelector('main');
let memory = null;
const base = () => new Promise((done) => {
  const request = indexedDB.open('auth', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('keys');
  request.onsuccess = () => done(request.result);
});
const put = async (value) => { const db = await base();
  await new Promise((done) => { const t = db.transaction('keys', 'readwrite'); t.objectStore('keys').put(value, 'half'); t.oncomplete = done; }); db.close(); };
const get = async () => { const db = await base();
  const value = await new Promise((done) => { const r = db.transaction('keys').objectStore('keys').get('half'); r.onsuccess = () => done(r.result); }); db.close(); return value; };
const store = async (token) => {
  if (mode === 'local') { localStorage.setItem('auth', JSON.stringify({ user: { token } })); localStorage.setItem('theme', 'dark'); }
  if (mode === 'split') { sessionStorage.setItem('half', token.slice(0, 60)); await put(token.slice(60)); }
  memory = token;
};
const read = async () => {
  if (mode === 'local') return JSON.parse(localStorage.getItem('auth') || '{}').user?.token;
  if (mode === 'split') { const [a, b] = [sessionStorage.getItem('half'), await get()]; return a && b && a + b; }
  return memory;
};
const xsrf = () => document.cookie.match(/XSRF-TOKEN=([^;]+)/)?.[1] || '';
const show = async () => {
  const token = await read();
  const answer = token && await fetch('/api/me', { headers: { authorization: 'Bearer ' + token, 'x-xsrf-token': xsrf() } });
  if (answer?.ok) { main.innerHTML = '<h1>hello ' + (await answer.json()).name + '</h1><p>orders</p>'; return; }
  main.innerHTML = '<form><input name=user autocomplete=username><input type=password name=password><button>Log in</button></form>';
  main.querySelector('form').onsubmit = async (event) => {
    event.preventDefault();
    const body = JSON.stringify({ user: event.target.user.value, password: event.target.password.value });
    const answer = await fetch('/api/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (answer.ok) { await store((await answer.json()).token); await show(); }
  };
};
show();
</script></body>";

/// Logs in and explains the session; no output shows the token.
async fn explained(mode: &str, browser: &str) -> (Value, handstamp::session::State, String) {
    let _slot = slot().await;
    let ((world, token), place) = (application().await, Place::new());
    let (url, file) = (world.url(&format!("/{mode}")), place.path("s.json"));
    let login = ["login", &url, "-u", "anna", "--password-env", "PW", "-s", &file, "--browser", browser];
    place
        .handstamp_with(&[("PW", "planted-password")], &login)
        .await
        .ends_with(0)
        .says("proven by GET /api/me");
    world.take();
    let ran = place.handstamp(&["explain", &file, "--browser", browser, "--json"]).await;
    let ran = if mode == "memory" { ran } else { ran.ends_with(0) };
    hides(&ran, &token);
    assert!(world.take().iter().all(|got| got.method == "GET"));
    let words = place.handstamp(&["explain", &file, "--browsers", "0"]).await.ends_with(0);
    hides(&words, &token);
    (ran.json(), file::read(std::path::Path::new(&file)).unwrap(), words.out)
}

fn hides(ran: &Ran, token: &str) {
    let secrets = [token, &token[..60], &token[60..], "planted-password", "0123456789abcdef"];
    assert!(
        !secrets.iter().any(|secret| ran.out.contains(secret) || ran.err.contains(secret)),
        "{}",
        ran.out
    );
}

fn verdict<'a>(told: &'a Value, key: &str) -> &'a Value {
    told["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["key"] == key)
        .unwrap_or_else(|| panic!("{key}: {told}"))
}

/// A token in localStorage, and cookies that are noise.
async fn local(browser: &str) {
    let (told, state, words) = explained("local", browser).await;
    let token = verdict(&told, "auth.user.token");
    assert_eq!(
        (&token["verdict"], &token["kind"], &token["role"]["is"]),
        (&json!("needed"), &json!("jwt"), &json!("session"))
    );
    assert_eq!((&token["onRequests"], &token["inBrowser"]), (&json!("needed"), &json!("needed")), "{token}");
    assert_eq!(verdict(&told, "_track")["verdict"], "noise");
    assert_eq!(verdict(&told, "XSRF-TOKEN")["role"], json!({ "is": "csrf", "scheme": "header-from-cookie" }));
    assert_eq!(told["reload"], "keeps");
    let (requests, browsers) =
        (told["trial"]["requests"].as_u64().unwrap(), told["trial"]["browsers"].as_u64().unwrap());
    assert!(requests <= 7 && browsers <= 4, "{requests} requests, {browsers} browsers");
    assert!(
        told["lifetime"]["by"].as_str().unwrap().starts_with("`exp` of localStorage:auth"),
        "{}",
        told["lifetime"]
    );
    assert_eq!(state.insight.reload, Reload::Keeps);
    assert!(
        words.contains("enough for requests: header:Authorization")
            && words.contains("CSRF, header from cookie"),
        "{words}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_needs_the_token_in_local_storage_and_no_cookie() {
    local("chromium").await;
}

/// Halves of a token in two kinds of storage: both or nothing.
async fn split(browser: &str) {
    let (told, _, _) = explained("split", browser).await;
    let needed: Vec<_> =
        told["trial"]["inBrowser"]["needed"].as_array().unwrap().iter().map(|p| p["kind"].clone()).collect();
    assert_eq!(needed.len(), 2, "{}", told["trial"]);
    assert!(needed.contains(&json!("sessionStorage")) && needed.contains(&json!("database")), "{needed:?}");
    assert_eq!(told["trial"]["inBrowser"]["noise"].as_array().unwrap().len(), 2, "the cookies");
    assert!(told["trial"]["browsers"].as_u64().unwrap() <= 6, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_needs_session_storage_and_the_database_together() {
    split("chromium").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_needs_session_storage_and_the_database_together() {
    split("firefox").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_memory_alone_is_told_to_end_with_a_reload() {
    let (told, state, words) = explained("memory", "chromium").await;
    assert_eq!(
        (&told["reload"], &told["reason"]),
        (&json!("reload-logs-out"), &json!("explained")),
        "{told}"
    );
    assert_eq!((&told["trial"]["browsers"], state.insight.reload), (&json!(1), Reload::LogsOut));
    assert!(
        words.contains("reload-logs-out") && words.contains("enough for requests: header:Authorization"),
        "{words}"
    );
}
