//! Configurations of every shape: read as they are, refused with all that is wrong, and never leaking a secret.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use handstamp::{
    context::{
        Authentication, Config, Context, Error, Frequency, Management, Poll, Problems, ScriptSource,
        SecretSource, StepKind, Strategy, User, Weight, schema,
    },
    session::{Credential, HttpScheme, Method, Reference, TotpAlgorithm},
};
use url::Url;

mod support;

use support::Place;

#[test]
fn a_form_plan_is_read_with_its_variables_and_scope() {
    let config = read("form");
    let context = config.context(None).unwrap();
    let Authentication::Form(login) = &context.authentication else { panic!("a form") };
    assert_eq!(login.login_page, Some(url("https://shop.example/login.php")));
    assert_eq!(login.request_url, "https://shop.example/login.php");
    assert_eq!(login.body.as_ref().unwrap().expose(), "user={%username%}&pass={%password%}&go=1");
    let logged_in = context.verification.logged_in.as_ref().unwrap();
    assert_eq!(logged_in.finds(r#"<p><a href="logout.php">Log out</a>"#), Some(true));
    assert_eq!(context.verification.strategy, Strategy::Response);
    assert_eq!(context.management, Management::Explicit(Method::Cookie));
    let [anna, bond] = context.users.as_slice() else { panic!("two users") };
    assert_eq!(anna.password.as_ref().unwrap().resolve().unwrap().expose(), "planted-in-vars");
    assert_eq!((bond.name.as_str(), bond.username.as_deref()), ("007", Some("7")));
    assert_eq!(bond.password, Some(SecretSource::Reference(Credential::Env("ANNAS_PASSWORD".into()))));
    assert_eq!(context.session(anna).unwrap(), Reference::Name("Old-shop/anna".into()));
}

#[test]
fn the_scope_of_a_plan_is_what_zap_makes_of_it() {
    let config = read("form");
    let scope = config.contexts[0].scope();
    for inside in ["https://shop.example/", "https://SHOP.example/a/b?c", "https://api.shop.example/v1?x"] {
        assert!(scope.contains(&url(inside)), "{inside}");
    }
    for outside in [
        "http://shop.example/",
        "https://shop.example/logout.php?x=1",
        "https://cdn.example/",
        "https://shop.example.evil.example/",
        "https://www.shop.example/",
    ] {
        assert!(!scope.contains(&url(outside)), "{outside}");
    }
    let below = &read("http").contexts[0];
    assert!(below.scope().contains(&url("http://intranet.example:8080/app/x")));
    assert!(!below.scope().contains(&url("http://intranet.example:8080/other")));
}

#[test]
fn a_json_plan_is_read_with_its_poll_its_header_templates_and_its_second_factor() {
    let config = read("json");
    let context = &config.contexts[0];
    assert!(matches!(&context.authentication, Authentication::Json(login) if login.body.is_some()));
    let poll = poll(context);
    assert_eq!((poll.method.as_str(), poll.frequency), ("POST", Frequency::Seconds(30)));
    assert_eq!(poll.body.as_ref().unwrap().expose(), "a=planted-poll");
    let headers: Vec<_> = poll.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(headers, [("Accept", "application/json"), ("X-Key", "planted-header")]);
    let Management::Explicit(Method::Headers { headers }) = &context.management else { panic!("headers") };
    let told: Vec<_> = headers.iter().map(|h| format!("{}: {}", h.name, h.value)).collect();
    assert_eq!(told.len(), 6);
    assert_eq!(told[0], "Authorization: Bearer {%json:authentication.token%}");
    let totp = context.users[0].totp.as_ref().unwrap();
    assert_eq!((totp.period, totp.digits, totp.algorithm), (60, 8, TotpAlgorithm::Sha256));
}

#[test]
fn http_and_manual_plans_are_read() {
    let config = read("http");
    let [intranet, manual] = config.contexts.as_slice() else { panic!("two contexts") };
    let Authentication::Http { hostname, port, realm } = &intranet.authentication else { panic!("http") };
    assert_eq!(
        (hostname.as_deref(), *port, realm.as_deref()),
        (Some("intranet.example"), Some(8080), Some("staff"))
    );
    assert_eq!(intranet.verification.strategy, Strategy::Both);
    assert_eq!(intranet.management, Management::Explicit(Method::Http { scheme: HttpScheme::Basic }));
    assert_eq!(manual.authentication, Authentication::Manual);
    assert_eq!((poll(manual).method.as_str(), poll(manual).frequency), ("HEAD", Frequency::Requests(10)));
    assert_eq!(manual.management, Management::Autodetect);
}

#[test]
fn script_plans_are_read_with_their_parameters() {
    let config = read("script");
    let [scripted, inline, recorded] = config.contexts.as_slice() else { panic!("three contexts") };
    let Authentication::Script(script) = &scripted.authentication else { panic!("a script") };
    assert_eq!(script.source, ScriptSource::File(PathBuf::from("tests/config/login.js")));
    assert_eq!(script.parameters["apiKey"].expose(), "planted-parameter");
    assert_eq!(scripted.verification.strategy, Strategy::Request);
    let Management::Explicit(Method::Script { file, parameters }) = &scripted.management else {
        panic!("a session script")
    };
    assert_eq!(file, Path::new("tests/config/session.js"));
    assert_eq!(parameters["domain"], "scripted.example");
    assert_eq!(scripted.users[0].more["tenant"].resolve().unwrap().expose(), "planted-tenant");
    let Authentication::Script(script) = &inline.authentication else { panic!("a script") };
    assert!(
        matches!(&script.source, ScriptSource::Inline(text) if text.contains("${credentials.getParam('a')}"))
    );
    let Authentication::Client(login) = &recorded.authentication else { panic!("a recorded flow") };
    assert_eq!((login.page_wait, login.min_wait), (Duration::from_secs(3), Duration::from_secs(2)));
}

#[test]
fn browser_plans_are_read_with_their_steps() {
    let config = read("browser");
    let [spa, found] = config.contexts.as_slice() else { panic!("two contexts") };
    let Authentication::Browser(login) = &spa.authentication else { panic!("a browser") };
    assert_eq!(login.login_page, url("https://spa.example/#/login"));
    assert_eq!((login.page_wait, login.step_delay), (Duration::from_secs(7), Duration::from_secs(1)));
    let kinds: Vec<_> = login.steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds.len(), StepKind::ALL.len());
    assert!(StepKind::ALL.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    assert_eq!(login.steps[0].timeout, Duration::from_secs(2));
    assert_eq!(login.steps[1].value.as_ref().unwrap().resolve().unwrap().expose(), "planted-step");
    assert_eq!(found.authentication, Authentication::Autodetect { login_page: None });
    let totp = spa.users[0].totp.as_ref().unwrap();
    assert_eq!((totp.period, totp.digits, totp.algorithm), (30, 6, TotpAlgorithm::Sha1));
}

#[test]
fn a_template_with_keys_without_values_is_read() {
    let config = read("template");
    let context = &config.contexts[0];
    assert_eq!(context.authentication, Authentication::Manual);
    assert_eq!(context.management, Management::Explicit(Method::Cookie));
    assert!(context.users.is_empty());
}

#[test]
fn our_own_keys_are_read() {
    let config = read("own");
    let [own, digest, storage] = config.contexts.as_slice() else { panic!("three contexts") };
    let sources: Vec<_> = own.users.iter().flat_map(|user| [password(user), second_factor(user)]).collect();
    assert_eq!(
        sources,
        [
            Credential::Env("ANNAS_PASSWORD".into()),
            Credential::Command("pass show totp".into()),
            Credential::File("tests/config/jim.password".into()),
            Credential::File("/run/jim.totp".into()),
            Credential::Command("pass show eve".into()),
            Credential::Env("EVES_TOTP".into()),
        ]
    );
    assert_eq!(own.forced().unwrap().name, "jim");
    let logout = own.logout.as_ref().unwrap();
    assert_eq!((logout.method.as_str(), logout.url.path()), ("POST", "/logout"));
    assert_eq!((own.renewal.max_failures, own.renewal.back_off), (Some(2), Some(Duration::from_secs(5))));
    assert_eq!(digest.management, Management::Explicit(Method::Http { scheme: HttpScheme::Digest }));
    assert_eq!(digest.users, own.users);
    assert_eq!(storage.management, Management::Explicit(Method::Browser));
}

#[test]
fn a_user_is_found_by_names_or_by_being_the_only_one() {
    let (own, form, http, json) = (read("own"), read("form"), read("http"), read("json"));
    let names = |config: &Config, context, user| {
        config.find(context, user).map(|(c, u)| format!("{}/{}", c.name, u.name)).map_err(|e| e.to_string())
    };
    assert_eq!(names(&json, None, None).unwrap(), "api/anna");
    assert_eq!(names(&own, Some("own"), None).unwrap(), "own/jim", "the forced user");
    assert_eq!(names(&own, None, Some("digest/eve")).unwrap(), "digest/eve");
    let wrong = |config, context, user, text: &str| {
        let told = names(config, context, user).unwrap_err();
        assert!(told.contains(text), "{told}");
    };
    wrong(&own, None, None, "choose one with --context: `own`, `digest`, `storage`");
    wrong(&own, Some("owm"), None, "did you mean `own`?");
    wrong(&form, None, None, "choose one with --user: `anna`, `007`");
    wrong(&form, None, Some("ana"), "did you mean `anna`?");
    wrong(&form, None, Some("x"), "there are `anna`, `007`");
    wrong(&http, Some("manual"), None, "has no users");
    assert!(matches!(own.context(Some("x")), Err(Error::NoContext { .. })));
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_place_and_a_hint() {
    let problems = refused("bad");
    insta::assert_snapshot!(told(&problems));
}

#[test]
fn what_is_no_yaml_is_told_with_its_line() {
    for (text, expected) in [
        ("contexts:\n  - name: x\n   urls: y\n", "plan.yaml:3:"),
        ("contexts: [\n", "it is not YAML"),
        ("", "plan.yaml:1:1: `contexts` is missing"),
        ("just text", "it has to be a map, not a single value"),
        ("contexts: {a: 1}", "it has to be a list, not a map"),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let gone = Config::read(Path::new("no/such.yaml"), &nothing).unwrap_err().to_string();
    assert!(gone.starts_with("no/such.yaml: it cannot be read: ") && gone.contains("hint: "), "{gone}");
}

#[test]
fn hostile_documents_are_read_or_refused_and_nothing_worse() {
    let whole = fs::read_to_string("tests/config/bad.yaml").unwrap();
    for end in (0..whole.len()).step_by(7).filter(|end| whole.is_char_boundary(*end)) {
        let _ = parse(&whole[..end]);
    }
    let mut bomb = "vars: {v0: ''}\na0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for n in 1..20 {
        bomb.extend([format!("a{n}: &a{n} [{}]\n", format!("*a{},", n - 1).repeat(9))]);
    }
    assert!(parse(&bomb).is_err());
    let mut chain = "vars:\n  v0: ''\n".to_owned();
    for n in 1..60 {
        chain.extend([format!("  v{n}: '${{v{0}}}${{v{0}}}'\n", n - 1)]);
    }
    let error = parse(&(chain + "contexts: [{name: '${v59}', urls: ['http://a/']}]")).unwrap_err();
    assert!(error.to_string().contains("has no end"), "{error}");
}

#[test]
fn no_secret_shows_in_what_is_read_or_refused() {
    for name in PLANS {
        shows_nothing(&format!("{:#?}", read(name)));
    }
    let problems = refused("bad");
    shows_nothing(&format!("{problems:#?}"));
    shows_nothing(&told(&problems));
}

#[test]
fn the_committed_schema_is_what_the_code_makes() {
    let committed = fs::read_to_string("examples/handstamp.schema.json").unwrap();
    assert_eq!(
        committed,
        format!("{:#}\n", schema()),
        "run `cargo run -- check --schema > examples/handstamp.schema.json`"
    );
}

#[tokio::test]
async fn check_tells_what_is_wrong_and_what_is_fine() {
    let place = Place::new();
    let variables = [("ANNAS_PASSWORD", "planted-environment")];
    for name in PLANS {
        let ran = place.handstamp_with(&variables, &["check", &path(name)]).await.ends_with(0);
        ran.says("is fine").says("context `");
        shows_nothing(&(ran.out + &ran.err));
        let json =
            place.handstamp_with(&variables, &["check", &path(name), "--json", "-vvv"]).await.ends_with(0);
        assert_eq!(json.json()["schema"], "handstamp.check/1");
        assert_eq!(json.json()["fine"], true);
        shows_nothing(&(json.out + &json.err));
    }
    let ran = place.handstamp(&["check", &path("form")]).await.ends_with(2);
    ran.says("the variable `${ANNAS_PASSWORD}` is not set");
    let bad = place.handstamp(&["check", &path("bad"), "--json"]).await.ends_with(2);
    assert!(bad.json()["problems"].as_array().unwrap().len() > 30);
    shows_nothing(&(bad.out + &bad.err));
    let schema = place.handstamp(&["check", "--schema", "--json"]).await.ends_with(0);
    assert_eq!(schema.json()["title"], "handstamp.yaml");
    place.handstamp(&["check"]).await.ends_with(2).says("there is no configuration to check");
}

const PLANS: [&str; 7] = ["form", "json", "http", "script", "browser", "template", "own"];

fn path(name: &str) -> String {
    format!("tests/config/{name}.yaml")
}

#[track_caller]
fn read(name: &str) -> Config {
    let known = |name: &str| (name == "ANNAS_PASSWORD").then(|| "planted-environment".to_owned());
    Config::read(Path::new(&path(name)), &known).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refused(name: &str) -> Problems {
    Config::read(Path::new(&path(name)), &nothing).unwrap_err()
}

fn parse(text: &str) -> Result<Config, Problems> {
    Config::parse(text, Path::new("plan.yaml"), &nothing)
}

fn nothing(_: &str) -> Option<String> {
    None
}

fn told(problems: &Problems) -> String {
    assert!(problems.of(Weight::Problem).next().is_some());
    problems.list.iter().map(|p| p.told(&problems.file)).collect::<Vec<_>>().join("\n")
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn poll(context: &Context) -> &Poll {
    let Strategy::Poll(poll) = &context.verification.strategy else { panic!("a poll") };
    poll
}

fn password(user: &User) -> Credential {
    user.password.as_ref().unwrap().reference().unwrap().clone()
}

fn second_factor(user: &User) -> Credential {
    user.totp.as_ref().unwrap().secret.reference().unwrap().clone()
}

#[track_caller]
fn shows_nothing(text: &str) {
    assert!(!text.is_empty());
    let shown: Vec<_> = text.lines().filter(|l| l.to_lowercase().contains("planted")).collect();
    assert_eq!(shown, [""; 0]);
}
