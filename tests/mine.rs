//! What is found without clicking, by a crawl with a real browser: each page hides something in another place.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "clippy knows the tests, not what they share")]

#[path = "bed/mined.rs"]
mod mined;

use std::{
    collections::BTreeSet,
    convert::Infallible,
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use handstamp::{
    browser::{Browser, Launch},
    crawl::{BoxError, Crawl, End, Mining, Outcome, Provenance, Settings, Source, Verdict},
    proxy::{Authority, Client, Trust},
    report::{About, Output, Redactor},
    site::{Origin, Scope},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use url::Url;

/// The pages of the bed's group, and what was asked for.
struct Server {
    start: Url,
    asked: Arc<Mutex<Vec<String>>>,
    _task: JoinSet<()>,
}

impl Server {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let start = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let mut task = JoinSet::new();
        task.spawn(serve(listener, Arc::clone(&asked)));
        Self { start, asked, _task: task }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn found(&self) -> BTreeSet<String> {
        let asked = self.asked();
        let names =
            asked.iter().filter_map(|line| line.strip_prefix("GET /found/mined/")?.strip_suffix("/it"));
        names.map(str::to_owned).collect()
    }
}

async fn serve(listener: TcpListener, asked: Arc<Mutex<Vec<String>>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let asked = Arc::clone(&asked);
        let service = service_fn(move |request: Request<Incoming>| {
            asked.lock().unwrap().push(format!("{} {}", request.method(), request.uri().path()));
            async move { Ok::<_, Infallible>(answer(request).await) }
        });
        connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let (status, kind, content) = match path.as_str() {
        "/" => (200, "text/html", start_page()),
        "/kit.js" => (200, "text/javascript", KIT.to_owned()),
        "/graphql" if String::from_utf8_lossy(&body).contains("__schema") => {
            (200, "application/json", SCHEMA.to_owned())
        }
        "/graphql" => (200, "application/json", r#"{"data":{"me":{"name":"anna"}}}"#.to_owned()),
        _ if path.starts_with("/found/") && path.ends_with("/it") => {
            (200, "text/html", format!("<!doctype html><title>{path}</title>"))
        }
        // Whatever is asked for here, the answer is the same.
        _ if path.starts_with("/anything/") => (200, "text/html", format!("<title>Shell</title>{path}")),
        _ => mined::answer(&path).or_else(|| file(&path)).unwrap_or((404, "text/html", "not found".into())),
    };
    let head = Response::builder().status(status).header("content-type", kind);
    head.body(Full::new(content.into())).unwrap()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/bed/mined")
}

fn file(path: &str) -> Option<(u16, &'static str, String)> {
    let text = fs::read_to_string(folder().join(path.strip_prefix("/mined/")?)).ok()?;
    Some((200, "text/html", text))
}

fn pages() -> BTreeSet<String> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

fn start_page() -> String {
    let links = pages().into_iter().map(|name| format!("<li><a href='/mined/{name}.html'>{name}</a>"));
    format!("<!doctype html><title>the bed</title><script>{START}</script>{}", links.collect::<String>())
}

const KIT: &str = "window.found = (what = 'it') => \
    fetch(`/found/mined/${location.pathname.split('/')[2].split('.')[0]}/${what}`);";
const START: &str = "fetch('/graphql', { method: 'POST', body: JSON.stringify({ query: 'query { me { name } }' }) });\
    window.later = (id) => [fetch('/anything/a'), fetch('/anything/b'), fetch('/nowhere'), fetch('/logout'),\
    fetch('/items/' + id.sku), fetch('/items', { method: 'POST', body: JSON.stringify({ title: 1 }) })];";
const SCHEMA: &str = r#"{"data":{"__schema":{"queryType":{"fields":[{"name":"me","args":[]}]},
    "mutationType":{"fields":[{"name":"rename","args":[{"name":"to"}]}]},"subscriptionType":null}}}"#;

/// Opens browsers without a session.
struct Plain;

impl Source for Plain {
    async fn open(&self, _worker: usize, proxy: SocketAddr) -> Result<Browser, BoxError> {
        Ok(Browser::launch(&Launch { proxy: Some(proxy), insecure: true, ..Launch::default() }).await?)
    }
}

async fn crawl(server: &Server, mine: Mining) -> Outcome {
    let limit = Some(Duration::from_secs(240));
    let crawl = Crawl {
        start: server.start.clone(),
        scope: Scope::new([Origin::of(&server.start).unwrap()]),
        settings: Settings { mine, max_duration: limit, ..Settings::default() },
        stamp: None,
        rotation: None,
        authority: Authority::ephemeral().unwrap(),
        client: Client::new(&Trust::System).unwrap(),
        source: Plain,
        events: |_| {},
        resume: None,
        cancel: CancellationToken::new(),
    };
    let outcome = crawl.run().await.unwrap();
    println!("{:?} after {:.1} s, {:?}", outcome.end, outcome.duration.as_secs_f64(), outcome.totals);
    outcome
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "crawls for a minute or two; run by make test-crawl"]
async fn each_hidden_place_is_read_and_what_is_there_is_told_with_its_source() {
    let server = Server::open().await;
    let outcome = crawl(&server, Mining::On).await;
    let missed: BTreeSet<String> = pages().difference(&server.found()).cloned().collect();
    for mined in outcome.mined.iter().filter(|m| m.verdict != Verdict::Confirmed) {
        println!("{mined:?}");
    }
    println!("missed {} of {}: {missed:?}", missed.len(), pages().len());
    assert_eq!(outcome.end, End::Complete);
    assert!(missed.is_empty(), "{missed:?}");
    assert!(outcome.totals.by_interaction < outcome.totals.endpoints);
    nothing_was_written_to(&server);
    the_report_tells_what_is_known(&outcome);
}

/// Only the page itself writes, and the one question that reads.
fn nothing_was_written_to(server: &Server) {
    let asked = server.asked();
    let writing: BTreeSet<&String> = asked.iter().filter(|line| !line.starts_with("GET ")).collect();
    assert_eq!(writing.into_iter().collect::<Vec<_>>(), ["POST /graphql"]);
    assert!(!asked.iter().any(|line| line.contains("logout")));
}

fn the_report_tells_what_is_known(outcome: &Outcome) {
    let dir = tempfile::tempdir().unwrap();
    let written =
        Output::create(dir.path()).unwrap().write(outcome, &About::default(), &Redactor::new([])).unwrap();
    if let Some(kept) = std::env::var_os("MINE_KEEP") {
        fs::copy(&written.openapi, PathBuf::from(&kept).join("openapi.yaml")).unwrap();
        fs::copy(&written.endpoints, PathBuf::from(&kept).join("endpoints.json")).unwrap();
    }
    let document: Value = serde_json::from_slice(&fs::read(&written.endpoints).unwrap()).unwrap();
    let all = document["endpoints"].as_array().unwrap();
    let find = |method: &str, path: &str| {
        let found = all.iter().find(|e| e["method"] == method && e["path"] == path);
        found.cloned().unwrap_or_else(|| panic!("{method} {path} in {document:#}"))
    };
    let concat = find("GET", "/found/mined/concat/it");
    assert_eq!((&concat["provenance"], &concat["confirmed"]), (&"mined".into(), &true.into()));
    assert!(concat["sources"].to_string().contains("/mined/concat.html:"), "{concat}");
    let posted = find("POST", "/items");
    assert_eq!((&posted["confirmed"], &posted["parameters"][0]["name"]), (&false.into(), &"title".into()));
    assert_eq!(find("GET", "/items/{sku}")["unconfirmed"], "its parameters are not known");
    assert_eq!(find("POST", "/graphql")["operations"][1]["name"], "rename");
    assert_eq!(find("POST", "/graphql")["provenance"], "interaction");
    assert!(
        !all.iter().any(|e| e["path"].as_str().unwrap().starts_with("/anything")),
        "a shell is no endpoint"
    );
    let refused = document["refused"].to_string();
    assert!(refused.contains("/nowhere") && refused.contains("/anything/a"), "{refused}");
    let yaml = fs::read_to_string(&written.openapi).unwrap();
    assert!(yaml.contains("\"/mined/json-id/items/{itemId}/detail\":"), "{yaml}");
    let routes = outcome.graph.states.iter().filter(|state| state.trail.provenance == Provenance::Mined);
    assert!(routes.count() > 0, "views that only mining reached are told as such");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "crawls for a minute or two; run by make test-crawl"]
async fn without_mining_nothing_of_it_is_found() {
    let server = Server::open().await;
    let outcome = crawl(&server, Mining::Off).await;
    assert_eq!(outcome.end, End::Complete);
    assert_eq!(server.found(), BTreeSet::new());
    assert!(outcome.mined.is_empty());
    assert!(outcome.records.iter().all(|record| record.provenance == Provenance::Interaction));
}
