//! Session files and the store, as other tools and other processes see them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    error::Error as _,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use handstamp::{
    session::{
        Check, Cookie, Credential, Database, Error, HeaderToken, Indicator, Item, Recipe, Reference,
        SameSite, Source, State, Store, TotpRecipe, Verdict, file,
    },
    site::Origin,
};
use serde_json::{Value, json};

fn shop() -> Origin {
    Origin::parse("https://shop.example").unwrap()
}

fn cookie(name: &str, same_site: Option<SameSite>) -> Cookie {
    Cookie {
        name: name.into(),
        value: "v;1".into(),
        domain: "shop.example".into(),
        host_only: true,
        path: "/".into(),
        expires: Some(1_900_000_000),
        secure: true,
        http_only: true,
        same_site,
        ..Cookie::default()
    }
}

/// A session that has something of everything.
fn full() -> State {
    let key = Some("https://top.example".to_owned());
    let mut state = State {
        cookies: vec![
            cookie("sid", Some(SameSite::Strict)),
            Cookie { expires: None, host_only: false, ..cookie("unset", None) },
            Cookie { partition_key: key, ..cookie("chips", Some(SameSite::None)) },
        ],
        headers: vec![HeaderToken {
            origin: shop(),
            name: "Authorization".into(),
            value: "Bearer abc".into(),
            source: Source::LocalStorage { origin: shop(), key: "token".into() },
        }],
        user_agent: Some("Mozilla/5.0".into()),
        check: Some(Check {
            body: None,
            method: "GET".into(),
            url: shop().url().join("/me").unwrap(),
            headers: vec![("Accept".into(), "application/json".into())],
            indicator: Indicator::Status { logged_in: 200, logged_out: 401 },
            evidence: "401 without the session".into(),
        }),
        verdict: Some(Verdict::Proven { evidence: "200".into() }),
        scope: vec![shop()],
        recipe: Some(Recipe {
            login_url: shop().url().join("/login").unwrap(),
            username: Some("jim".into()),
            password: Some(Credential::Env("SHOP_PASSWORD".into())),
            totp: Some(TotpRecipe::usual(Credential::Env("SHOP_OTP".into()))),
            steps: Some("/recipes/shop.json".into()),
        }),
        created: 1_800_000_000,
        ..State::default()
    };
    let users = json!({"name": "users", "autoIncrement": false, "records": [{"key": "me", "value": 1}]});
    let storage = state.origin_mut(&shop());
    storage.local_storage.push(Item::new("token", "abc"));
    storage.session_storage.push(Item::new("step", "2"));
    storage.indexed_db.extend(Database::new(json!({"name": "auth", "version": 3, "stores": [users]})));
    let sso = Origin::parse("https://sso.example").unwrap();
    state.origin_mut(&sso).session_storage.push(Item::new("n", "1"));
    state
}

/// A plain file of Playwright's, with keys that handstamp knows nothing of.
fn playwright() -> Value {
    json!({
        "cookies": [
            {"name": "sid", "value": "x", "domain": "shop.example", "path": "/", "expires": 1_900_000_000.5,
             "httpOnly": true, "secure": true, "sameSite": "Lax", "partitionKey": "https://shop.example",
             "_crHasCrossSiteAncestor": false},
            {"name": "lang", "value": "de", "domain": ".shop.example", "path": "/", "expires": -1,
             "httpOnly": false, "secure": false, "sameSite": "None"},
        ],
        "origins": [
            {"origin": "https://shop.example", "localStorage": [{"name": "a", "value": "b"}], "future": 1}],
        "credentials": [{"id": "x"}],
    })
}

/// All messages of an error and of what caused it.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}\n{error}");
        cause = error.source();
    }
    text
}

fn read(content: &str) -> Result<State, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.json");
    fs::write(&path, content).unwrap();
    file::read(&path)
}

#[test]
fn everything_in_a_session_survives_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.json");
    file::write(&path, &full()).unwrap();
    assert_eq!(file::read(&path).unwrap(), full());
}

#[test]
fn the_file_has_the_shape_that_playwright_reads() {
    let document = file::to_json(&full());
    let expected = json!({"name": "unset", "value": "v;1", "domain": ".shop.example", "path": "/",
        "expires": -1, "httpOnly": true, "secure": true, "sameSite": "Lax"});
    assert_eq!(document["cookies"][1], expected);
    assert_eq!(document["cookies"][2]["partitionKey"], "https://top.example");
    let origins = document["origins"].as_array().unwrap();
    assert_eq!(origins.len(), 1, "an origin with nothing but sessionStorage stands under `handstamp`");
    assert_eq!(origins[0]["localStorage"], json!([{"name": "token", "value": "abc"}]));
    assert_eq!(keys(&origins[0]), ["indexedDB", "localStorage", "origin"]);
    assert_eq!(keys(&document), ["cookies", "handstamp", "origins"]);
    assert_eq!(document["handstamp"]["version"], 1);
}

fn keys(value: &Value) -> Vec<&String> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().collect();
    keys.sort();
    keys
}

#[test]
fn a_plain_playwright_file_loads_and_keeps_what_handstamp_does_not_know() {
    let state = file::from_json(playwright()).unwrap();
    assert!(state.cookies[0].host_only && !state.cookies[1].host_only);
    assert_eq!(state.cookies[0].expires, Some(1_900_000_000));
    assert_eq!(state.cookies[1].expires, None);
    let again = file::to_json(&state);
    assert_eq!(again["credentials"], playwright()["credentials"]);
    assert_eq!(again["cookies"][0]["_crHasCrossSiteAncestor"], false);
    assert_eq!(again["origins"][0]["future"], 1);
    assert_eq!(file::from_json(again).unwrap(), state);
}

#[test]
fn session_storage_inside_an_origin_is_understood_too() {
    let entry = json!({"origin": "https://shop.example", "sessionStorage": [{"name": "a", "value": "b"}]});
    let state = file::from_json(json!({"origins": [entry]})).unwrap();
    assert_eq!(state.origins[0].session_storage, [Item::new("a", "b")]);
}

#[test]
fn a_wrong_key_is_named_and_its_value_is_not() {
    let cases = [
        ("/cookies/1/value", "`cookies[1].value`"),
        ("/cookies/0/secure", "`cookies[0].secure`"),
        ("/cookies/0/sameSite", "`cookies[0].sameSite`"),
        ("/cookies/0/expires", "`cookies[0].expires`"),
        ("/cookies", "`cookies`"),
        ("/origins/0/origin", "`origins[0].origin`"),
        ("/origins/0/localStorage/0/value", "`origins[0].localStorage[0].value`"),
        ("/origins/0/indexedDB/0", "`origins[0].indexedDB[0]`"),
        ("/handstamp/version", "`handstamp.version`"),
        ("/handstamp/headers/0/source", "`handstamp.headers[0].source`"),
        ("/handstamp/check", "`handstamp.check`"),
        ("/handstamp/recipe", "`handstamp.recipe`"),
        ("/handstamp/sessionStorage/0/items", "`handstamp.sessionStorage[0].items`"),
    ];
    for (pointer, key) in cases {
        let mut document = file::to_json(&full());
        *document.pointer_mut(pointer).unwrap() = json!({"planted": "planted"});
        let text = told(&read(&document.to_string()).unwrap_err());
        assert!(text.contains(key) && text.contains("hint: ") && !text.contains("planted"), "{text}");
    }
}

#[test]
fn a_missing_key_is_named() {
    let mut document = playwright();
    document["cookies"][0].as_object_mut().unwrap().remove("path");
    let text = told(&read(&document.to_string()).unwrap_err());
    assert!(text.contains("`cookies[0].path` has to be a string"), "{text}");
}

#[test]
fn other_json_is_not_taken_for_a_session() {
    for content in ["{}", "[]", "[{\"name\":\"sid\"}]", "3", "{\"name\":\"handstamp\"}"] {
        assert!(told(&read(content).unwrap_err()).contains("has to be"), "{content}");
    }
}

#[test]
fn a_file_that_was_cut_short_is_refused_with_a_hint_and_without_its_content() {
    let whole = file::to_json(&full()).to_string();
    for end in [0, 1, whole.len() / 2, whole.len() - 1] {
        let text = told(&read(&whole[..end]).unwrap_err());
        assert!(text.contains("hint: ") && text.contains("log in again"), "{text}");
        assert!(!text.contains("Bearer"), "{text}");
    }
}

#[test]
fn a_file_of_a_newer_version_is_refused_with_a_hint() {
    let mut document = file::to_json(&full());
    document["handstamp"]["version"] = json!(2);
    let text = told(&read(&document.to_string()).unwrap_err());
    assert!(text.contains("version 2") && text.contains("hint: upgrade handstamp"), "{text}");
}

#[test]
fn a_file_that_is_missing_or_a_directory_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = file::read(&folder.path().join("none.json")).unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }) && error.to_string().contains("none.json"));
    assert!(matches!(file::read(folder.path()).unwrap_err(), Error::Unreadable { .. }));
}

#[test]
fn a_file_is_for_its_owner_alone_even_if_it_was_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.json");
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    file::write(&path, &full()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing temporary is left");
}

#[test]
fn a_symbolic_link_to_a_session_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target.json"), folder.path().join("link.json"));
    fs::write(&target, "").unwrap();
    symlink(&target, &link).unwrap();
    file::write(&link, &full()).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(file::read(&target).unwrap(), full());
}

#[test]
fn a_place_that_cannot_be_written_is_named_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let error = file::write(&folder.path().join("none/s.json"), &full()).unwrap_err().to_string();
    assert!(error.contains("none/s.json") && error.contains("hint: "), "{error}");
}

#[test]
fn readers_never_see_half_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.json");
    file::write(&path, &full()).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| (0..50).for_each(|_| file::write(&path, &full()).unwrap()));
        while !writer.is_finished() {
            assert_eq!(file::read(&path).unwrap(), full());
        }
    });
}

#[test]
fn a_store_survives_its_writer_being_killed() {
    let home = tempfile::tempdir().unwrap();
    let mut child = other_process("child_saves_until_it_is_killed", home.path());
    let store = Store::open(home.path()).unwrap();
    let name = Reference::Name("child".into());
    until(|| store.generation(&name).unwrap().is_some_and(|number| number > 20));
    assert!(store.lease(&name, LONG).unwrap().is_none(), "the child holds the lease");
    child.kill().unwrap();
    child.wait().unwrap();
    let before = store.generation(&name).unwrap().unwrap();
    assert_eq!(store.load(&name).unwrap(), full());
    store.save(&name, &full()).unwrap();
    assert_eq!(store.generation(&name).unwrap(), Some(before + 1));
    #[cfg(target_os = "linux")]
    assert!(store.lease(&name, LONG).unwrap().is_some(), "the dead child holds nothing");
}

#[test]
fn two_processes_save_into_one_new_store_and_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    let children = [(); 2].map(|()| other_process("child_saves_a_hundred_times", home.path()));
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let store = Store::open(home.path()).unwrap();
    assert_eq!(store.generation(&Reference::Name("child".into())).unwrap(), Some(200));
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn child_saves_until_it_is_killed() {
    let (store, name) = child();
    let _lease = store.lease(&name, LONG).unwrap().unwrap();
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        store.save(&name, &full()).unwrap();
    }
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn child_saves_a_hundred_times() {
    let (store, name) = child();
    (0..100).for_each(|_| store.save(&name, &full()).unwrap());
}

fn child() -> (Store, Reference) {
    let home = std::env::var("SESSION_FILE_TEST_HOME").unwrap();
    (Store::open(Path::new(&home)).unwrap(), Reference::Name("child".into()))
}

fn other_process(test: &str, home: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored"])
        .env("SESSION_FILE_TEST_HOME", home)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn until(condition: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "it did not happen in time");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Longer than any test runs.
const LONG: Duration = Duration::from_secs(600);

/// How long another process is given.
const PATIENCE: Duration = Duration::from_secs(30);
