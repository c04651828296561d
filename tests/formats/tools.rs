//! The tools themselves take what was written for them; they are installed by `make test-formats`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use handstamp::{
    handover::{Format, import},
    session::{Cookie, Credential, Database, HttpScheme, Item, Method, Recipe, SameSite, State},
    site::Origin,
};
use http::Response;
use serde_json::{Value, json};
use tokio::process::Command;
use url::Url;

use crate::{
    run::{encrypted, is_logged_in},
    sample::{cookie, for_server},
    support::{Place, Running, Site, World, slot},
};

/// A place with a session for a server, and the tools beside it.
pub(crate) struct Bench {
    pub(crate) place: Place,
    pub(crate) world: World,
    pub(crate) state: State,
    pub(crate) session: String,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let (place, world) = (Place::new(), World::kind().await);
        let state = for_server(&world.url("/"));
        let session = place.session("s.json", &state);
        Self { place, world, state, session }
    }

    /// The session in a format, and the file that it was written to.
    pub(crate) async fn exported(&self, format: &str) -> String {
        let file = self.place.path(&format!("{format}.out"));
        let args = ["export", "-s", &self.session, "-f", format, "-o", &file];
        self.place.handstamp(&args).await.ends_with(0);
        file
    }

    /// Runs a tool to its end, which has to be a good one.
    pub(crate) async fn run(&self, program: impl AsRef<Path>, args: &[&str], input: Option<&str>) -> String {
        run(&self.place, program, args, input).await
    }

    #[track_caller]
    pub(crate) fn got_all(&self) {
        is_logged_in(&self.world.one(), &self.state);
    }

    #[track_caller]
    fn got_cookies(&self) {
        let alone = State { headers: Vec::new(), ..self.state.clone() };
        is_logged_in(&self.world.one(), &alone);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs curl, wget, HTTPie; run by make test-formats"]
async fn clients_of_the_command_line_are_logged_in_by_their_own_files() {
    let bench = Bench::new().await;
    let url = bench.world.url("/me");
    let command = fs::read_to_string(bench.exported("curl").await).unwrap();
    bench.run("sh", &[], Some(&command)).await;
    bench.got_all();
    let config = fs::read_to_string(bench.exported("curl-config").await).unwrap();
    bench.run("curl", &["-sS", "-K", "-", &url], Some(&config)).await;
    bench.got_all();
    let headers = format!("@{}", bench.exported("headers").await);
    bench.run("curl", &["-sS", "-H", &headers, &url], None).await;
    bench.got_all();
    let cookies = bench.exported("cookies.txt").await;
    bench.run("curl", &["-sS", "-b", &cookies, &url], None).await;
    bench.got_cookies();
    let cookies = bench.exported("wget").await;
    bench.run("wget", &["-qO-", &format!("--load-cookies={cookies}"), &url], None).await;
    bench.got_cookies();
    let session = format!("--session={}", bench.exported("httpie").await);
    bench.run(tool("python/bin/http"), &["--ignore-stdin", &session, &url], None).await;
    bench.got_all();
    // What HTTPie wrote back is taken again.
    let again = fs::read(bench.place.path("httpie.out")).unwrap();
    let again = import(&again, None, Some(&url.parse().unwrap())).unwrap();
    assert_eq!((again.format, again.state.cookies.len(), again.state.headers.len()), (Format::Httpie, 2, 1));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs curl and wget; run by make test-formats"]
async fn the_jars_that_tools_write_are_taken() {
    let (place, world) = (Place::new(), World::open(|_| answer_with_cookies()).await);
    let (curls, wgets) = (place.path("curl.txt"), place.path("wget.txt"));
    run(&place, "curl", &["-sS", "-c", &curls, &world.url("/")], None).await;
    let save = format!("--save-cookies={wgets}");
    run(&place, "wget", &["-qO-", "--keep-session-cookies", &save, &world.url("/")], None).await;
    for file in [curls, wgets] {
        let imported = import(&fs::read(&file).unwrap(), None, None).unwrap();
        let mut names: Vec<_> = imported.state.cookies.iter().map(|cookie| cookie.name.clone()).collect();
        names.sort();
        assert_eq!(
            (imported.format, names),
            (Format::CookiesTxt, vec!["lasting".into(), "sid".into()]),
            "{file}"
        );
    }
}

fn answer_with_cookies() -> Response<String> {
    let mut answer = Response::new("yes".to_owned());
    for line in ["sid=a b; Path=/; HttpOnly", "lasting=1; Path=/; Max-Age=9999"] {
        answer.headers_mut().append("set-cookie", line.parse().unwrap());
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs curl; run by make test-formats"]
async fn curl_takes_name_and_password_from_a_netrc() {
    let (place, world) = (Place::new(), World::kind().await);
    let url: Url = world.url("/").parse().unwrap();
    let state = State {
        method: Method::Http { scheme: HttpScheme::Basic },
        scope: Origin::of(&url).into_iter().collect(),
        recipe: Some(Recipe {
            login_url: url,
            username: Some("anna".into()),
            password: Some(Credential::File(place.file("password", "p \"w\"").into())),
            totp: None,
            steps: None,
        }),
        ..State::default()
    };
    let (session, file) = (place.session("s.json", &state), place.path("netrc"));
    place.handstamp(&["export", "-s", &session, "-f", "netrc", "-o", &file]).await.ends_with(0);
    run(&place, "curl", &["-sS", "--netrc-file", &file, &world.url("/")], None).await;
    assert_eq!(world.one().header("authorization"), "Basic YW5uYTpwICJ3Ig==");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs newman; run by make test-formats"]
async fn newman_reads_the_environment() {
    let bench = Bench::new().await;
    let environment = bench.exported("postman").await;
    let header = |name: &str| json!({ "key": name, "value": format!("{{{{{name}}}}}") });
    let collection = json!({
        "info": { "name": "c", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
        "item": [{ "name": "me", "request": {
            "method": "GET", "url": "{{baseUrl}}/me",
            "header": [header("Cookie"), header("X-Token"), header("User-Agent")],
        } }],
    });
    let file = bench.place.file("collection.json", &collection.to_string());
    let newman = tool("node_modules/newman/bin/newman.js");
    bench.run("node", &[newman.to_str().unwrap(), "run", &file, "-e", &environment], None).await;
    bench.got_all();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Playwright; run by make test-formats"]
async fn playwright_restores_all_and_the_logout_lasts() {
    let (_slot, place, mut site) = (slot().await, Place::new(), Site::open().await);
    let state = for_site(&site);
    let session = place.session("s.json", &state);
    let (storage, script, har) = (place.path("state.json"), place.path("init.js"), place.path("seen.har"));
    for (format, file) in [("playwright", &storage), ("playwright-init-script", &script)] {
        place.handstamp(&["export", "-s", &session, "-f", format, "-o", file]).await.ends_with(0);
    }
    let saved = node(&place, "playwright.mjs", &[&storage, &script, site.page("/").as_str(), &har]).await;
    let first = site.saw("first").await;
    assert_eq!(
        (&first["local"]["token"], &first["session"]["tab"]),
        (&json!("own"), &json!("own")),
        "{first}"
    );
    assert_eq!(first["cookie"], "seen=own", "{first}");
    let database = site.saw("first-database").await;
    assert_eq!(database["jwt"], json!({ "value": "own" }), "{database}");
    for who in ["frame", "popup", "after"] {
        let saw = site.saw(who).await;
        assert_eq!(
            (&saw["local"]["token"], &saw["session"]["tab"]),
            (&Value::Null, &Value::Null),
            "{who}: {saw}"
        );
    }
    assert_eq!(site.saw("renewed").await["session"]["tab"], "renewed");
    assert_eq!(site.saw("tab").await["session"]["tab"], "own", "a new tab gets its own");
    assert_eq!(site.saw("tab-after").await["session"]["tab"], Value::Null, "and keeps its own logout");
    // What Playwright saves is taken again.
    let imported = import(saved.as_bytes(), None, None).unwrap();
    assert_eq!(imported.format, Format::Playwright);
    assert_eq!((imported.state.cookies.len(), imported.state.origins[0].indexed_db.len()), (2, 1));
    let imported = import(&fs::read(&har).unwrap(), None, None).unwrap();
    assert_eq!((imported.format, imported.state.cookies.len()), (Format::Har, 2));
    assert_eq!(imported.state.scope, state.scope);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Puppeteer and Selenium; run by make test-formats"]
async fn puppeteer_and_selenium_take_the_cookies_and_theirs_are_taken() {
    let (_slot, place, site) = (slot().await, Place::new(), Site::open().await);
    let session = place.session("s.json", &for_site(&site));
    let url = site.page("/");
    for (format, script) in [("puppeteer", "puppeteer.mjs"), ("selenium", "add_cookies.py")] {
        let file = place.path(format);
        place.handstamp(&["export", "-s", &session, "-f", format, "-o", &file]).await.ends_with(0);
        let said = if format == "puppeteer" {
            node(&place, script, &[&file, url.as_str()]).await
        } else {
            let script = here(script);
            run(&place, tool("python/bin/python"), &[&script, &file, url.as_str()], None).await
        };
        let visit = site.visits().into_iter().find(|visit| visit.target.ends_with(format)).unwrap();
        let mut sent: Vec<_> = visit.cookies.split("; ").collect();
        sent.sort_unstable();
        assert_eq!(sent, ["hidden=own", "seen=own"], "{format}");
        let imported = import(said.as_bytes(), None, None).unwrap();
        assert_eq!(imported.format.word(), format, "{said}");
        let hidden = imported.state.cookies.iter().find(|cookie| cookie.name == "hidden").unwrap();
        assert!(hidden.http_only && hidden.same_site == Some(SameSite::Strict), "{said}");
        assert_eq!(hidden.expires, Some(end()), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs curl, wget, HTTPie, Node.js and Python; run by make test-formats"]
async fn commands_that_know_nothing_run_logged_in() {
    let bench = Bench::new().await;
    let url = bench.world.url("/me");
    let (address, pem, _server) = encrypted().await;
    let secure = format!("https://{address}/me");
    let encrypted = bench.place.session("encrypted.json", &for_server(&secure));
    let ca = bench.place.file("ca.pem", &pem);
    let (http, python) = (tool("python/bin/http"), tool("python/bin/python"));
    let (urls, fetch) = (here("urls.py"), here("fetch.mjs"));
    let commands: [(&[&str], usize); 5] = [
        (&["curl", "-sS", &url], 1),
        (&["wget", "-qO-", &url], 1),
        (&[http.to_str().unwrap(), "--ignore-stdin", &url], 1),
        (&[python.to_str().unwrap(), &urls, &url], 2),
        (&["node", &fetch, &url], 1),
    ];
    for (command, requests) in commands {
        let mut exec = bench.place.command(&[&["exec", "-s", &bench.session, "--"], command].concat());
        exec.env("TOOLS", tool(""));
        Running::start(exec).end().await.ends_with(0).says("yes");
        let all = bench.world.take();
        assert_eq!(all.len(), requests, "{command:?}");
        for got in &all {
            is_logged_in(got, &bench.state);
        }
        // The same over TLS: each of them has to trust the proxy's certificates.
        let command: Vec<&str> =
            command.iter().map(|word| if *word == url { &*secure } else { word }).collect();
        let mut exec =
            bench.place.command(&[&["exec", "-s", &encrypted, "--ca", &ca, "--"], &command[..]].concat());
        exec.env("TOOLS", tool(""));
        let ran = Running::start(exec).end().await.ends_with(0);
        assert_eq!(
            ran.out.matches("planted-cookie-0123456789").count(),
            requests,
            "{command:?}: {}",
            ran.out
        );
    }
}

/// A session for a site whose pages tell what they see.
fn for_site(site: &Site) -> State {
    let origin = Origin::of(&site.page("/")).unwrap();
    let mut state = State { scope: vec![origin.clone()], ..State::default() };
    let hidden = cookie("hidden", "own", "127.0.0.1");
    state.cookies = vec![
        cookie("seen", "own", "127.0.0.1"),
        Cookie { http_only: true, same_site: Some(SameSite::Strict), expires: Some(end()), ..hidden },
    ];
    let stored = state.origin_mut(&origin);
    stored.local_storage.push(Item::new("token", "own"));
    stored.session_storage.push(Item::new("tab", "own"));
    stored.indexed_db.extend(Database::new(json!({ "name": "keys", "version": 1, "stores": [{
        "name": "tokens", "autoIncrement": false, "indexes": [],
        "records": [{ "key": "jwt", "value": { "value": "own" } }],
    }] })));
    state
}

/// A time that browsers accept: within 400 days, and the same all through a run.
fn end() -> i64 {
    handstamp::session::now() / 86_400 * 86_400 + 30 * 86_400
}

async fn node(place: &Place, script: &str, args: &[&str]) -> String {
    let script = here(script);
    run(place, "node", &[&[script.as_str()][..], args].concat(), None).await
}

/// Runs a program to its end, which has to be a good one, and gives what it said on stdout.
async fn run(place: &Place, program: impl AsRef<Path>, args: &[&str], input: Option<&str>) -> String {
    let mut command = Command::new(program.as_ref());
    command.args(args).env("TOOLS", tool("")).env("HTTPIE_CONFIG_DIR", place.path("httpie"));
    command.env("CHROMIUM", found(&["chromium", "chromium-browser", "google-chrome"]));
    command.env("CHROMEDRIVER", found(&["chromedriver"])).env("HOME", place.path("home"));
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut running = Running::start(command);
    if let Some(input) = input {
        running.feed(input).await;
    }
    running.end().await.ends_with(0).out
}

/// A program of the path.
pub(crate) fn found(names: &[&str]) -> PathBuf {
    let folders: Vec<_> = env::split_paths(&env::var_os("PATH").unwrap()).collect();
    let all = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|path| path.exists()).unwrap_or_else(|| panic!("one of {names:?} is installed"))
}

/// Something that the setup installed.
pub(crate) fn tool(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/formats").join(name)
}

/// A script beside this file.
fn here(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats").join(name);
    path.to_str().unwrap().to_owned()
}
