//! `handstamp push zap` against a server that has ZAP's API, with its traps.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

#[path = "zap/application.rs"]
mod application;
#[path = "zap/model.rs"]
mod model;
#[path = "zap/stand_in.rs"]
mod stand_in;
mod support;

use std::collections::BTreeMap;

use application::Application;
use handstamp::{
    handover::zap::{Names, files},
    session::{Check, Cookie, HeaderToken, Indicator, Item, Reference, Source, State, Store},
    site::Origin,
};
use nix::sys::signal::Signal;
use serde_json::Value;
use stand_in::{KEY, StandIn};
use support::{Place, Ran, Running};

const SITE: &str = "http://shop.example:8000";
const API: &str = "https://api.shop.example";
const ALL: &[&str] = &["replacer", "script"];

fn cookie(name: &str, domain: &str, value: &str) -> Cookie {
    let (name, value, domain) = (name.into(), value.into(), domain.into());
    Cookie { name, value, domain, path: "/".into(), host_only: true, ..Cookie::default() }
}

fn header(origin: &str, name: &str, value: &str) -> HeaderToken {
    let origin = Origin::parse(origin).unwrap();
    HeaderToken { origin, name: name.into(), value: value.into(), source: Source::Memory }
}

fn session(turn: &str) -> State {
    let mut state = State {
        cookies: vec![
            cookie("Sid", "shop.example", &format!("planted-a=={turn}")),
            cookie("sid", "shop.example", &format!("planted-b {turn}")),
            cookie("api", "api.shop.example", &format!("planted-c-{turn}")),
        ],
        headers: vec![
            header(API, "Authorization", &format!("Bearer planted-{turn}")),
            header(API, "X-Csrf", &format!("planted-x-{turn}")),
        ],
        scope: [SITE, API].map(|text| Origin::parse(text).unwrap()).to_vec(),
        check: Some(Check {
            method: "GET".into(),
            url: format!("{API}/me").parse().unwrap(),
            headers: vec![("Accept".into(), "application/json".into())],
            body: None,
            indicator: Indicator::Status { logged_in: 200, logged_out: 401 },
            evidence: String::new(),
        }),
        created: 1_800_000_000,
        ..State::default()
    };
    state.origin_mut(&Origin::parse(SITE).unwrap()).local_storage.push(Item::new("token", "planted-stored"));
    state
}

/// A place with a session in its store, and a ZAP.
struct Scene {
    place: Place,
    zap: StandIn,
}

impl Scene {
    async fn with(version: &str, components: &[&'static str]) -> Self {
        let scene = Self { place: Place::new(), zap: StandIn::open(version, components).await };
        scene.save(&session("1"));
        scene
    }

    fn save(&self, state: &State) {
        let store = Store::open(self.place.path("store").as_ref()).unwrap();
        store.save(&Reference::Name("shop/anna".into()), state).unwrap();
    }

    fn args<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let fixed = ["push", "zap", "--url", &self.zap.url, "--api-key-env", "KEY"];
        [&fixed[..], &["--context", "shop", "--user", "anna"], more].concat()
    }

    /// Pushes, and checks that nothing secret was said.
    async fn push(&self, more: &[&str]) -> Ran {
        let ran = self.place.handstamp_with(&[("KEY", KEY)], &self.args(more)).await;
        assert!(!format!("{}{}", ran.out, ran.err).contains("planted"), "{}\n{}", ran.out, ran.err);
        ran
    }

    fn follow(&self) -> Running {
        let mut command = self.place.command(&self.args(&["--follow", "--json"]));
        Running::start({
            command.env("KEY", KEY);
            command
        })
    }

    fn cookies(&self, url: &str) -> BTreeMap<String, String> {
        self.zap.model().sent(url).0
    }

    fn headers(&self, url: &str) -> BTreeMap<String, String> {
        self.zap.model().sent(url).1
    }
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    map.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_out_with_every_request_that_it_is_for_and_with_no_other() {
    let scene = Scene::with("2.17.0", ALL).await;
    let ran = scene.push(&[]).await.ends_with(0);
    for word in ["3 cookies, 2 header rules", "api.shop.example:443, shop.example:8000", "ZAP 2.17.0"] {
        ran.says(word);
    }
    ran.says("storage of http://shop.example:8000 (1 entries)").says("hint: let ZAP start its browsers");
    let own = scene.cookies("http://SHOP.example:8000/basket");
    assert_eq!(pairs(&own), [("Sid", "planted-a==1"), ("sid", "planted-b 1")]);
    assert!(scene.headers("http://shop.example:8000/").is_empty());
    let api = scene.headers("https://api.shop.example/v1?x=1");
    assert_eq!(pairs(&api), [("Authorization", "Bearer planted-1"), ("X-Csrf", "planted-x-1")]);
    for other in [
        "https://api.shop.example:8443/",
        "http://api.shop.example/",
        "https://evil.example/?https://api.shop.example/",
    ] {
        let sent = scene.zap.model().sent(other);
        assert!(sent.0.is_empty() && sent.1.is_empty(), "{other}: {sent:?}");
    }
    let model = scene.zap.model();
    let context = &model.contexts[0];
    assert_eq!((context.name.as_str(), context.users[0].name.as_str()), ("shop", "anna"));
    assert!(context.users[0].is_enabled && context.users[0].credentials == "handstamp shop/anna");
    assert_eq!(context.users[0].cookies.len(), 3);
    let include = context.include.iter().map(|e| regex::Regex::new(e).unwrap()).collect::<Vec<_>>();
    assert!(include.iter().any(|e| e.is_match("http://shop.example:8000")) && include.len() == 2);
    assert_eq!(context.checking["pollUrl"], "https://api.shop.example/me");
    assert_eq!(context.checking["pollHeaders"], "Accept: application/json");
    assert!(context.checking["loggedInPattern"].contains("200"));
    assert!(context.checking["loggedOutPattern"].contains("401"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_push_changes_nothing_and_a_removal_leaves_what_was_there_before() {
    let scene = Scene::with("2.17.0", ALL).await;
    {
        let mut zap = scene.zap.model();
        zap.add_token("shop.example:8000", "sid");
        zap.create("shop.example:8000", "by hand");
        zap.sites.get_mut("shop.example:8000").unwrap().sessions[0]
            .values
            .insert("sid".into(), "mine".into());
        zap.rules
            .push([("description", "mine"), ("enabled", "false")].map(|(k, v)| (k.into(), v.into())).into());
        zap.variables.insert("ZAP_AUTH_HEADER".into(), "Authorization".into());
    }
    let before = scene.zap.model().state();
    scene.push(&[]).await.ends_with(0);
    let once = scene.zap.model().state();
    assert_ne!(before, once);
    scene.push(&[]).await.ends_with(0);
    assert_eq!(scene.zap.model().state(), once, "a second time is like the first");
    let removed = scene.push(&["--remove", "--json"]).await.ends_with(0).json();
    assert_eq!((removed["event"].as_str(), removed["notes"].as_array().unwrap().len()), (Some("removed"), 0));
    assert_eq!(scene.zap.model().state(), before);
    scene.push(&["--remove"]).await.ends_with(0).says("nothing of `shop/anna` was pushed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_that_others_made_gets_its_settings_back() {
    for components in [ALL, &["replacer", "verification"]] {
        let scene = Scene::with("2.18.0", components).await;
        {
            let mut zap = scene.zap.model();
            let mut context = model::Context::new(7, "shop");
            context.include.push("http://shop\\.example.*".into());
            context.authentication =
                [("methodName", "formBasedAuthentication"), ("loginUrl", "http://shop.example/in?a=1&b=2")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into();
            context.management.insert("methodName".into(), "httpAuthSessionManagement".into());
            context.checking.insert("loggedInPattern".into(), "Sign out".into());
            context.checking.insert("loggedOutPattern".into(), "Sign in".into());
            zap.contexts.push(context);
            zap.next = 8;
        }
        let before = scene.zap.model().contexts.clone();
        scene.push(&[]).await.ends_with(0);
        let during = scene.zap.model().contexts[0].clone();
        assert_eq!(during.authentication["methodName"], "manualAuthentication");
        assert_eq!(during.checking["checkingStrategy"], "POLL_URL");
        assert!(during.include.len() == 3 && during.management["methodName"].starts_with("cookie"));
        scene.push(&["--remove"]).await.ends_with(0);
        let mut after = scene.zap.model().contexts.clone();
        after[0].checking.retain(|name, value| before[0].checking.contains_key(name) || !value.is_empty());
        assert_eq!(after, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_users_keep_their_way_to_log_in() {
    let scene = Scene::with("2.17.0", ALL).await;
    {
        let mut zap = scene.zap.model();
        let mut context = model::Context::new(7, "shop");
        context.authentication.insert("methodName".into(), "formBasedAuthentication".into());
        context.users.push(model::User { id: "5".into(), name: "ben".into(), ..model::User::default() });
        zap.contexts.push(context);
        zap.next = 8;
    }
    scene.push(&[]).await.ends_with(0).says("keeps its authentication `formBasedAuthentication`");
    assert_eq!(scene.zap.model().contexts[0].authentication["methodName"], "formBasedAuthentication");
    scene.push(&["--remove"]).await.ends_with(0);
    assert_eq!(scene.zap.model().contexts[0].users.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_replacer_one_header_goes_by_variables_and_the_rest_is_told() {
    let scene = Scene::with("2.17.0", &["script"]).await;
    scene.zap.model().variables.insert("ZAP_AUTH_HEADER".into(), "Authorization".into());
    let ran = scene.push(&[]).await.ends_with(0);
    ran.says("the header X-Csrf for https://api.shop.example stays behind")
        .says("goes to every port and scheme");
    assert_eq!(pairs(&scene.headers("https://api.shop.example/")), [("Authorization", "Bearer planted-1")]);
    assert!(scene.headers("http://shop.example:8000/").is_empty());
    scene.push(&["--remove"]).await.ends_with(0);
    assert_eq!(pairs(&scene.zap.model().variables), [("ZAP_AUTH_HEADER", "Authorization")]);

    scene.zap.model().variables.insert("ZAP_AUTH_HEADER_VALUE".into(), "theirs".into());
    scene.push(&[]).await.ends_with(0).says("that is taken");
    assert_eq!(scene.zap.model().variables["ZAP_AUTH_HEADER_VALUE"], "theirs");

    let bare = Scene::with("2.17.0", &[]).await;
    bare.push(&[]).await.ends_with(0).says("this ZAP can set no header");
    assert_eq!(bare.cookies("https://api.shop.example/").len(), 1, "cookies go all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_takes_each_renewal_there_and_drops_what_the_session_lost() {
    let scene = Scene::with("2.17.0", ALL).await;
    let mut running = scene.follow();
    running.has_said("\"event\":\"pushed\"").await;
    let mut renewed = session("2");
    renewed.cookies.remove(1);
    renewed.cookies[0].name = "next".into();
    renewed.headers.pop();
    scene.save(&renewed);
    let said = running.has_said("\"event\":\"renewed\"").await;
    assert!(!said.contains("planted"), "{said}");
    assert_eq!(pairs(&scene.cookies("http://shop.example:8000/")), [("next", "planted-a==2")]);
    assert_eq!(pairs(&scene.headers("https://api.shop.example/")), [("Authorization", "Bearer planted-2")]);
    let rules = scene.zap.model().rules.len();
    assert_eq!(rules, 1, "the old rules are gone");
    running.signal(Signal::SIGTERM);
    running.end().await.ends_with(0);
    scene.push(&["--remove"]).await.ends_with(0);
    assert!(scene.zap.model().contexts.is_empty() && scene.zap.model().tokens.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zap_that_forgot_everything_gets_it_again_with_the_next_renewal() {
    let scene = Scene::with("2.17.0", ALL).await;
    let mut running = scene.follow();
    running.has_said("\"event\":\"pushed\"").await;
    {
        let mut zap = scene.zap.model();
        zap.contexts.clear();
        zap.sites.clear();
        zap.tokens.clear();
        zap.rules.clear();
    }
    scene.save(&session("2"));
    let ends = |out: &str| {
        out.matches("\"event\":\"pushed\"").count() + out.matches("\"event\":\"renewed\"").count()
    };
    let said = running.has_said("\"event\":\"renewed\"").await;
    assert_eq!(ends(&said), 2, "{said}");
    assert_eq!(scene.zap.model().contexts.len(), 1);
    assert_eq!(scene.cookies("http://shop.example:8000/").len(), 2);
    running.signal(Signal::SIGTERM);
    running.end().await.ends_with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_for_a_zap_that_is_yet_to_start_is_a_configuration_too() {
    let place = Place::new();
    let names = Names { context: "shop".into(), user: "anna".into() };
    for (name, content) in files(&session("1"), names, None, None).unwrap() {
        place.file(name, &content);
    }
    place.handstamp(&["check", &place.path("plan.yaml")]).await.ends_with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_by_its_own_name_where_the_configuration_has_another_user() {
    let scene = Scene::with("2.17.0", ALL).await;
    let config = scene
        .place
        .file("h.yaml", "contexts: [{name: inn, urls: ['http://inn.example/'], users: [{name: ben}]}]");
    let args = [
        "push",
        "zap",
        "--url",
        &scene.zap.url,
        "--api-key-env",
        "KEY",
        "--config",
        &config,
        "-s",
        "shop/anna",
    ];
    scene.place.handstamp_with(&[("KEY", KEY)], &args).await.ends_with(0).says("as `shop/anna`");
    let more = [&args[..], &["--user", "ben"]].concat();
    scene.place.handstamp_with(&[("KEY", KEY)], &more).await.ends_with(0).says("as `inn/ben`");
    let zap = scene.zap.model();
    let inn = zap.contexts.iter().find(|context| context.name == "inn").unwrap();
    assert_eq!(inn.include, ["^http://inn\\.example/.*$"], "the scope is that of the configuration");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_logs_in_and_renews_in_time() {
    let application = Application::open().await;
    let scene = Scene { place: Place::new(), zap: StandIn::open("2.17.0", ALL).await };
    let url = &application.url;
    let login =
        format!("{{loginRequestUrl: '{url}login', loginRequestBody: 'u={{%username%}}&p={{%password%}}'}}");
    let config = scene.place.file(
        "h.yaml",
        &format!(
            "contexts: [{{name: shop, urls: ['{url}'], authentication: {{method: form, parameters: {login}}},
              verification: {{method: poll, pollUrl: '{url}me', loggedInRegex: hello}},
              users: [{{name: anna, credentials: {{username: anna, password: pw}}}}]}}]"
        ),
    );
    let mut command = scene.place.command(&scene.args(&["--follow", "--json", "--config", &config]));
    command.env("KEY", KEY);
    let mut running = Running::start(command);
    running.has_said("\"event\":\"pushed\"").await;
    let first = scene.cookies(url);
    assert!(first["sid"].starts_with("planted-"), "{first:?}");
    running.has_said("\"event\":\"renewed\"").await;
    assert_ne!(scene.cookies(url), first);
    running.signal(Signal::SIGTERM);
    running.end().await.ends_with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_is_told_with_a_hint_and_without_secrets() {
    let scene = Scene::with("2.17.0", ALL).await;
    let args = scene.args(&["--json"]);
    let wrong = scene.place.handstamp_with(&[("KEY", "wrong-planted")], &args).await.ends_with(1);
    wrong.says("refuses the key");
    let reason =
        |ran: &Ran| -> Value { serde_json::from_str::<Value>(ran.out.trim()).unwrap()["reason"].clone() };
    assert_eq!(reason(&wrong), "unanswered");
    assert!(!format!("{}{}", wrong.out, wrong.err).contains("planted"));
    assert!(scene.zap.model().contexts.is_empty());
    scene.place.handstamp_with(&[], &args).await.ends_with(2);

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{nobody}");
    let gone = scene.place.handstamp(&["push", "zap", "--url", &url, "-s", "shop/anna", "--json"]).await;
    assert_eq!(reason(&gone.ends_with(1)), "unreachable");

    scene.place.handstamp(&["push", "zap", "-s", "nobody"]).await.ends_with(2);
    scene.place.handstamp(&["push", "zap"]).await.ends_with(2).says("hint: name one with --session");
    let nowhere = scene.place.session("s.json", &State::default());
    let ran = scene.place.handstamp_with(&[("KEY", KEY)], &scene.args(&["-s", &nowhere])).await;
    ran.ends_with(2).says("belongs to no origin");
}
