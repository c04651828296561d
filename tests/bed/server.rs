//! Serves the pages of the bed, and notes what was found in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    fmt::Write as _,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinSet, time};
use url::Url;

use crate::{
    forms, mined,
    page::{Page, folder},
    traps,
};

/// The bed, reachable as `127.0.0.1` and as `localhost`: two origins, and two sites.
pub(crate) struct Server {
    port: u16,
    shared: Arc<Shared>,
    _task: JoinSet<()>,
}

struct Shared {
    start: String,
    notes: Mutex<Notes>,
}

/// What came, by the name of the page.
#[derive(Default)]
struct Notes {
    found: BTreeSet<(String, String)>,
    requests: BTreeMap<String, usize>,
}

impl Server {
    pub(crate) async fn open(pages: &[Page]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { start: start_page(pages), notes: Mutex::default() });
        let mut task = JoinSet::new();
        task.spawn(serve(listener, Arc::clone(&shared)));
        Self { port, shared, _task: task }
    }

    pub(crate) fn start(&self) -> Url {
        format!("http://127.0.0.1:{}/", self.port).parse().unwrap()
    }

    pub(crate) fn other(&self) -> Url {
        format!("http://localhost:{}/", self.port).parse().unwrap()
    }

    /// Whether a page's `what` was found.
    pub(crate) fn has_found(&self, page: &str, what: &str) -> bool {
        self.shared.notes.lock().unwrap().found.contains(&(page.to_owned(), what.to_owned()))
    }

    /// How many requests a page cost: those for it and its parts, and those that name it as their referrer.
    pub(crate) fn requests(&self, page: &str) -> usize {
        self.shared.notes.lock().unwrap().requests.get(page).copied().unwrap_or_default()
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| {
            let shared = Arc::clone(&shared);
            async move { Ok::<_, Infallible>(answer(request, &shared).await) }
        });
        connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, shared: &Shared) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let text = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut path = head.uri.path().to_owned();
    shared.count(&path, text("referer"));
    // `/slow/MS/PATH` answers with PATH after so many milliseconds.
    if let Some((ms, rest)) = path.strip_prefix("/slow/").and_then(|r| r.split_once('/')) {
        time::sleep(Duration::from_millis(ms.parse().unwrap_or_default())).await;
        path = format!("/{rest}");
    }
    if let Some(what) = path.strip_prefix("/found/") {
        shared.note(what);
        return page(StatusCode::OK, "text/html", "<!doctype html><title>found</title>found");
    }
    let query = head.uri.query().unwrap_or_default();
    let made = forms::answer(&path, query).or_else(|| traps::answer(&path, query));
    if let Some((status, kind, content)) = made.or_else(|| mined::answer(&path)) {
        return dynamic(status, kind, content);
    }
    if let Some(name) = path.strip_prefix("/forms/").filter(|name| !name.contains('.')) {
        return shared.form(name, query, text("content-type"), &body);
    }
    if let Some(to) = path.strip_prefix("/go") {
        let mut response = page(StatusCode::FOUND, "text/html", "");
        response.headers_mut().insert("location", to.parse().unwrap());
        return response;
    }
    match path.as_str() {
        "/" => page(StatusCode::OK, "text/html", shared.start.clone()),
        "/echo" => page(StatusCode::OK, "application/json", body),
        "/rows" => page(StatusCode::OK, "application/json", rows(head.uri.query().unwrap_or_default())),
        _ => file(&path),
    }
}

/// An answer that a group makes up; a redirect's content is where it leads.
fn dynamic(status: u16, kind: &str, content: String) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(status).unwrap();
    let location = status.is_redirection().then(|| content.parse().unwrap());
    let mut response = page(status, kind, content);
    if let Some(location) = location {
        response.headers_mut().insert("location", location);
    }
    response
}

impl Shared {
    /// Takes what a form sent, or says what is wrong with it.
    fn form(&self, name: &str, query: &str, kind: &str, body: &[u8]) -> Response<Full<Bytes>> {
        match forms::check(name, query, kind, body) {
            Ok(what) => {
                self.note(&format!("forms/{name}/{what}"));
                page(StatusCode::OK, "application/json", "{\"saved\": true}")
            }
            Err(error) => {
                let told = serde_json::json!({ "error": error }).to_string();
                page(StatusCode::UNPROCESSABLE_ENTITY, "application/json", told)
            }
        }
    }

    fn note(&self, what: &str) {
        if let Some((page, what)) = what.rsplit_once('/') {
            self.notes.lock().unwrap().found.insert((page.to_owned(), what.to_owned()));
        }
    }

    fn count(&self, path: &str, referer: &str) {
        let referer = Url::parse(referer).map(|url| url.path().to_owned()).unwrap_or_default();
        let names: BTreeSet<String> = [path, &referer].into_iter().filter_map(page_of).collect();
        if path.starts_with("/found/") || path == "/kit.js" {
            return;
        }
        let mut notes = self.notes.lock().unwrap();
        for name in names {
            *notes.requests.entry(name).or_default() += 1;
        }
    }
}

/// The page that a path belongs to: `/traps/feed.rows.html` and `/traps/feed/4` to `traps/feed`.
fn page_of(path: &str) -> Option<String> {
    let mut parts = path.trim_start_matches('/').split('/');
    let (group, name) = (parts.next()?, parts.next()?);
    let name = name.split('.').next().unwrap_or(name);
    folder().join(group).join(format!("{name}.html")).is_file().then(|| format!("{group}/{name}"))
}

/// A file of the bed, a part of a library, or for a path below a page, the page: it routes by itself.
fn file(path: &str) -> Response<Full<Bytes>> {
    let path = path.trim_start_matches('/');
    if path.split('/').any(|part| part.starts_with("..")) {
        return page(StatusCode::NOT_FOUND, "text/plain", "");
    }
    let libraries = folder().join("../../target/bed/node_modules");
    let found = match path.strip_prefix("lib/") {
        Some(path) => fs::read(libraries.join(path)).ok(),
        None => fs::read(folder().join(path)).ok(),
    };
    match found {
        Some(content) => page(StatusCode::OK, kind(path), content),
        None => match page_of(path) {
            Some(name) => page(StatusCode::OK, "text/html", fs::read(folder().join(name + ".html")).unwrap()),
            None => page(StatusCode::NOT_FOUND, "text/html", "<!doctype html><title>not found</title>"),
        },
    }
}

fn page(status: StatusCode, kind: &str, content: impl Into<Bytes>) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header("content-type", format!("{kind}; charset=utf-8"))
        .header("cache-control", "no-store")
        .header("access-control-allow-origin", "*")
        .body(Full::new(content.into()))
        .unwrap()
}

fn kind(path: &str) -> &'static str {
    match Path::new(path).extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "js" | "mjs" | "cjs" => "text/javascript",
        "css" => "text/css",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "xml" => "application/xml",
        "txt" => "text/plain",
        _ => "text/html",
    }
}

/// Twenty rows from `from` on, of as many as `of` says.
fn rows(query: &str) -> String {
    let number = |name: &str| {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(n, _)| n == name).find_map(|(_, v)| v.parse().ok()).unwrap_or(0_usize)
    };
    let (from, of) = (number("from"), number("of"));
    serde_json::to_string(&(from..of.min(from + 20)).collect::<Vec<_>>()).unwrap()
}

/// Links to every page, a list a group.
fn start_page(pages: &[Page]) -> String {
    let mut text = "<!doctype html><title>the bed</title>".to_owned();
    let mut group = "";
    for page in pages {
        if page.group() != group {
            group = page.group();
            let _ = write!(text, "</ul><h2>{group}</h2><ul id=\"{group}\">");
        }
        let name = &page.name;
        let _ = write!(text, "<li><a href=\"/{name}.html\">{name}</a></li>");
    }
    text
}
