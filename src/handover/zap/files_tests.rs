//! The files are read by whoever reads such: our own reader of plans, and an engine for the scripts.

use std::{collections::BTreeMap, fs};

use http::{HeaderValue, Method as Verb};
use rquickjs::{Context as Realm, Runtime};

use super::*;
use crate::{
    context::{Authentication, Config, Management, ScriptSource, Strategy},
    script::{Globals, Limits, Message, SessionScript, Values},
    session::{Check, HeaderToken, Indicator, Method, Source},
};

const SHOP: &str = "https://shop.example";
const API: &str = "http://api.shop.example:8000";

fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

fn state() -> State {
    let cookie = |name: &str, path: &str, host_only: bool| Cookie {
        name: name.into(),
        value: format!("{name}-\"v\"==").into(),
        domain: "shop.example".into(),
        path: path.into(),
        host_only,
        http_only: true,
        ..Cookie::default()
    };
    let mut state = State {
        cookies: vec![cookie("sid", "/", false), cookie("deep", "/app", true)],
        headers: vec![HeaderToken {
            origin: origin(API),
            name: "Authorization".into(),
            value: "Bearer t".into(),
            source: Source::Memory,
        }],
        scope: vec![origin(SHOP), origin(API)],
        check: Some(Check {
            method: "POST".into(),
            url: format!("{API}/me").parse().unwrap(),
            headers: vec![("Accept".into(), "a/b".into())],
            body: Some("{\"q\": 1}".into()),
            indicator: Indicator::Status { logged_in: 200, logged_out: 401 },
            evidence: String::new(),
        }),
        ..State::default()
    };
    state.origin_mut(&origin(SHOP)).local_storage.push(Item::new("to\"ken", "a\nb\u{2028}"));
    state.origin_mut(&origin(SHOP)).session_storage.push(Item::new("tab", "1"));
    state
}

fn made() -> BTreeMap<&'static str, String> {
    let names = Names { context: "my: shop".into(), user: "anna".into() };
    files(&state(), names, None, None).unwrap().into_iter().collect()
}

#[test]
fn the_plan_is_read_back_as_it_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in made() {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let config = Config::read(&folder.path().join("plan.yaml"), &|_| None).unwrap();
    let unused: Vec<_> = config.remarks.iter().map(|remark| remark.key.as_str()).collect();
    assert_eq!(unused, ["env.parameters", "jobs"], "these are for ZAP alone");
    let (context, user) = config.find(None, None).unwrap();
    assert_eq!((context.name.as_str(), user.name.as_str(), context.urls.len()), ("my: shop", "anna", 2));
    assert!(context.scope().contains(&format!("{API}/v1").parse().unwrap()));
    let Authentication::Script(script) = &context.authentication else { panic!("no script") };
    assert!(matches!(&script.source, ScriptSource::File(file) if file.is_file()));
    let Management::Explicit(Method::Script { file, .. }) = &context.management else { panic!("no script") };
    assert!(file.is_file());
    let Strategy::Poll(poll) = &context.verification.strategy else { panic!("no poll") };
    assert_eq!((poll.url.path(), poll.headers[0].0.as_str(), poll.body.is_some()), ("/me", "Accept", true));
    assert_eq!(context.verification.logged_in.as_ref().unwrap().finds("HTTP/1.1 200 OK"), Some(true));
}

/// What a request carries after the session script.
async fn processed(url: &str, cookie: Option<&str>) -> (String, String) {
    let text = &made()["session.js"];
    let script = SessionScript::from_source("session.js", text, &Globals::new(), Limits::default()).unwrap();
    let (values, none) = (Values::new(), BTreeMap::new());
    let mut message = Message::request(Verb::GET, url.parse().unwrap());
    if let Some(cookie) = cookie {
        message.headers.insert("cookie", HeaderValue::from_str(cookie).unwrap());
    }
    script.extract(&message, &values, &none).await.unwrap();
    script.process(&mut message, &values, &none).await.unwrap();
    let header = |name: &str| {
        message.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    (header("cookie"), header("authorization"))
}

#[tokio::test]
async fn the_session_script_puts_on_what_belongs_to_an_origin_and_path() {
    let pair = |name: &str| format!("{name}={name}-\"v\"==");
    let (deep, sid) = (pair("deep"), pair("sid"));
    let put = processed("https://shop.example/app/x", Some("a=1; sid=old")).await;
    assert_eq!(put, (format!("a=1; {deep}; {sid}"), String::new()));
    assert_eq!(processed("https://shop.example/apple", None).await.0, sid);
    let api = processed("http://API.shop.example:8000/", None).await;
    assert_eq!(api, (sid, "Bearer t".to_owned()), "a cookie of the whole domain goes along");
    for other in ["http://shop.example/", "https://www.shop.example/", "http://api.shop.example/"] {
        assert_eq!(processed(other, Some("a=1")).await, ("a=1".to_owned(), String::new()), "{other}");
    }
}

/// Runs a script in a bare engine after `before`, and gives the text of `after`.
fn ran(name: &str, before: &str, after: &str) -> String {
    let runtime = Runtime::new().unwrap();
    let realm = Realm::full(&runtime).unwrap();
    realm.with(|ctx| {
        let text = format!("{before}\n{}\n{after}", made()[name]);
        ctx.eval::<String, _>(text).unwrap_or_else(|error| panic!("{error}: {:?}", ctx.catch()))
    })
}

const BROWSER: &str = r"
  const did = [];
  const Java = { type: () => function (name, value) {
    const made = { name, value };
    for (const key of ['path', 'isSecure', 'isHttpOnly', 'domain']) made[key] = (v) => { did.push(`${key} ${v}`); return made; };
    made.build = () => `${name}=${value}`;
    return made;
  } };
  const driver = {
    manage: () => ({ addCookie: (cookie) => did.push(`cookie ${cookie}`) }),
    executeScript: (text) => {
      const window = {};
      for (const area of ['localStorage', 'sessionStorage']) window[area] = { setItem: (n, v) => did.push(`${area} ${n} ${v}`) };
      new Function('window', text)(window);
    },
    navigate: () => ({ refresh: () => did.push('refresh') }),
  };
  const at = (url) => ({ waitForURL: () => url, getWebDriver: () => driver });
";

#[test]
fn the_browser_script_fills_the_storage_of_its_origin_and_loads_the_page_again() {
    let did =
        ran("browser.js", BROWSER, "browserLaunched(at('https://SHOP.example/#/login')); did.join('|')");
    for part in [
        "domain shop.example|cookie sid=sid-\"v\"==",
        "path /app",
        "isHttpOnly true",
        "localStorage to\"ken a\nb\u{2028}",
        "sessionStorage tab 1|refresh",
    ] {
        assert!(did.contains(part), "{part}: {did}");
    }
    assert_eq!(did.matches("domain ").count(), 1, "a host's own cookie names no domain: {did}");
    let elsewhere = ran(
        "browser.js",
        BROWSER,
        "browserLaunched(at('https://evil.example/?https://shop.example')); did.join('|')",
    );
    assert_eq!(elsewhere, "");
}

#[test]
fn the_authentication_script_asks_for_the_page_of_the_check() {
    let before = "const Java = { type: () => function (...all) { this.text = all.map((a) => a.text ?? a).join(' '); } };
        const sent = [];
        const message = { setRequestHeader: (header) => sent.push(header.text) };
        const helper = { prepareMessage: () => message, sendAndReceive: (m) => sent.push(m === message) };";
    let sent = ran("authentication.js", before, "authenticate(helper, {}, {}); sent.join('|')");
    assert_eq!(sent, "GET http://api.shop.example:8000/me true HTTP/1.1|true");
}
