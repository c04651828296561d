//! Serves the pages of this folder on two origins, takes logins, and counts what else it is sent.

use std::{
    collections::HashMap,
    convert::Infallible,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Collected, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    header::{
        AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, LOCATION, SET_COOKIE,
    },
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::{net::TcpListener, task::JoinSet};

/// The one user.
pub(crate) const USER: &str = "anna@tea.test";
/// Her password, which has what forms and scripts must not spoil.
pub(crate) const PASSWORD: &str = "sesame & 42/x=?";
const TOKEN: &str = "t0ken-of-anna-3f9c1d7b5e8a2460";

/// What came in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The fields of each login.
    pub(crate) logins: Vec<HashMap<String, String>>,
    /// What was sent to anything but the login.
    pub(crate) strays: Vec<String>,
    /// Whether the session holds; some ask a question first.
    is_open: bool,
}

/// The application, reachable as `127.0.0.1` and as `localhost`: two origins, and two sites.
#[derive(Debug)]
pub(crate) struct Served {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    _task: JoinSet<()>,
}

impl Served {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::<Mutex<Seen>>::default();
        let mut task = JoinSet::new();
        task.spawn(serve(listener, port, Arc::clone(&seen)));
        Self { port, seen, _task: task }
    }

    /// The address of a page.
    pub(crate) fn page(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, port: u16, seen: Arc<Mutex<Seen>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let seen = Arc::clone(&seen);
        let service = service_fn(move |request| {
            let seen = Arc::clone(&seen);
            async move { Ok::<_, Infallible>(answer(request, port, &seen).await) }
        });
        connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, port: u16, seen: &Mutex<Seen>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    let query: HashMap<String, String> =
        url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let is_json =
        head.headers.get(CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/json"));
    let mut seen = seen.lock().unwrap();
    match head.uri.path() {
        "/login" => login(&mut seen, &fields(&body, is_json), &query, is_json),
        "/stay" => {
            seen.is_open = body.as_ref() == b"answer=Yes";
            redirect("/home")
        }
        "/go.html" => redirect(&format!("http://localhost:{port}/{}", query["to"])),
        "/step" => query
            .get("to")
            .map_or_else(|| reply(200, "text/plain", "go on"), |to| redirect(&format!("/{to}"))),
        "/me" if seen.is_open && knows(&head.headers) => {
            reply(200, "application/json", &serde_json::json!({ "name": USER }).to_string())
        }
        "/me" => reply(401, "application/json", r#"{"error":"who are you?"}"#),
        "/home" => reply(200, "text/html", HOME),
        path if path.starts_with("/stray/") => {
            seen.strays.push(path[7..].to_owned());
            reply(200, "text/html", "thank you")
        }
        path => file(path, port, query.get("lang").map(String::as_str)),
    }
}

fn login(
    seen: &mut Seen,
    fields: &HashMap<String, String>,
    query: &HashMap<String, String>,
    is_json: bool,
) -> Response<Full<Bytes>> {
    seen.logins.push(fields.clone());
    let has = |key: &str| fields.get(key).is_some_and(|v| !v.is_empty());
    let is_whole = query.get("needs").is_none_or(|needs| needs.split(',').all(has));
    let password = fields.get("password").map(String::as_str).unwrap_or_default();
    let is_known =
        fields.get("user").is_some_and(|u| u == USER) && (password == PASSWORD || password == hashed());
    if !is_known || !is_whole {
        return reply(
            401,
            "text/html",
            "<p role=alert>Wrong user name or password</p><form><input type=password></form>",
        );
    }
    let then = query.get("then");
    seen.is_open = then.is_none();
    let mut response = if is_json {
        reply(200, "application/json", &serde_json::json!({ "token": TOKEN }).to_string())
    } else {
        redirect(then.map_or("/home", String::as_str))
    };
    let cookie = format!("sid={TOKEN}; Path=/; HttpOnly; SameSite=Lax");
    response.headers_mut().insert(SET_COOKIE, cookie.parse().unwrap());
    response
}

fn fields(body: &[u8], is_json: bool) -> HashMap<String, String> {
    if !is_json {
        return url::form_urlencoded::parse(body).into_owned().collect();
    }
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let members = value.as_object().into_iter().flatten();
    members.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect()
}

/// What a script makes of the password that must not send it in clear.
pub(crate) fn hashed() -> String {
    Sha256::digest(PASSWORD).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn knows(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or_default();
    text(COOKIE).contains(TOKEN) || text(AUTHORIZATION) == format!("Bearer {TOKEN}")
}

/// A page of this folder, with the other origin and the words of a language in it.
fn file(path: &str, port: u16, language: Option<&str>) -> Response<Full<Bytes>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes");
    let Ok(mut text) = fs::read_to_string(folder.join(path.trim_start_matches('/'))) else {
        return reply(404, "text/plain", "there is nothing here");
    };
    text = text.replace("{{other}}", &format!("http://localhost:{port}"));
    text = text.replace("{{here}}", &format!("http://127.0.0.1:{port}"));
    if let Some(language) = language {
        let all: Value = serde_json::from_str(include_str!("languages.json")).unwrap();
        for (key, word) in all[language].as_object().unwrap() {
            text = text.replace(&format!("{{{{{key}}}}}"), word.as_str().unwrap());
        }
    }
    let is_script = Path::new(path).extension().is_some_and(|e| e == "js");
    reply(200, if is_script { "text/javascript" } else { "text/html" }, &text)
}

fn reply(status: u16, kind: &str, body: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_owned())));
    *response.status_mut() = status.try_into().unwrap();
    response.headers_mut().insert(CONTENT_TYPE, format!("{kind}; charset=utf-8").parse().unwrap());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn redirect(to: &str) -> Response<Full<Bytes>> {
    let mut response = reply(303, "text/plain", "");
    response.headers_mut().insert(LOCATION, to.parse().unwrap());
    response
}

const HOME: &str = "<!doctype html><meta charset=utf-8><title>Home</title><body><script>
const token = localStorage.getItem('token');
fetch('/me', { headers: token ? { authorization: `Bearer ${token}` } : {} })
  .then((answer) => (answer.ok ? answer.json() : null))
  .then((me) => { document.body.textContent = me ? `Hello ${me.name}` : 'Nobody is here'; });
</script>";
