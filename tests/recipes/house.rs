//! A small application whose login asks for more than a form finder knows, and that can be rebuilt with other ids.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
};

use http::Response;
use serde_json::Value;
use url::form_urlencoded;

use crate::support::{Got, World};

pub(crate) const NAME: &str = "anna@house.test";
pub(crate) const PASSWORD: &str = "Stamp-1234-abc";

/// The application. It ends when dropped.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) world: World,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_rebuilt: AtomicBool,
    /// Sessions of earlier generations are dead.
    generation: AtomicU32,
}

impl House {
    pub(crate) async fn open() -> Self {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        Self { world: World::open(move |got| answer(got, &shared)).await, state }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.world.url(path)
    }

    /// Gives every element another id and name.
    pub(crate) fn rebuild(&self) {
        self.state.is_rebuilt.store(true, Relaxed);
    }

    /// Ends all sessions.
    pub(crate) fn evict(&self) {
        self.state.generation.fetch_add(1, Relaxed);
    }

    /// Everything that came in since the last call, to look for secrets in.
    pub(crate) fn traffic(&self) -> String {
        self.world.take().iter().fold(String::new(), |mut all, got| {
            let _ = writeln!(all, "{}", got.text());
            all
        })
    }
}

fn answer(got: &Got, state: &State) -> Response<String> {
    let port = got.header("host").rsplit(':').next().unwrap_or_default().to_owned();
    let page = |text: &str, message: &str| page(text, message, &port, state.is_rebuilt.load(Relaxed));
    let sid = format!("stamp-{}", state.generation.load(Relaxed));
    let is_in = got.header("cookie").contains(&format!("sid={sid}"));
    let path = got.target.split('?').next().unwrap_or_default();
    let (status, body) = match (got.method.as_str(), path) {
        ("GET", "/login") => (200, page(LOGIN, "")),
        ("GET", "/all") => (200, page(include_str!("pages/all.html"), "")),
        ("GET", "/inner") => (200, page(include_str!("pages/inner.html"), "")),
        ("GET", "/pop") => (200, page(include_str!("pages/pop.html"), "")),
        ("GET", "/home") if is_in => (200, page(include_str!("pages/home.html"), "")),
        ("GET", "/home") => (302, String::new()),
        ("GET", "/api/me") if is_in => (200, format!(r#"{{"name":"{NAME}"}}"#)),
        ("GET", "/api/me") => (401, r#"{"error":"who are you"}"#.to_owned()),
        ("POST", "/session") if form_is_right(&got.body) => (303, String::new()),
        ("POST", "/session") => (401, page(LOGIN, r#"<p role="alert">You are not known here</p>"#)),
        ("POST", "/told") if all_is_right(&got.body) => (200, "{}".to_owned()),
        ("POST", "/told") => (401, "{}".to_owned()),
        _ => (404, String::new()),
    };
    let kind = if path.starts_with("/api") || path == "/told" { "application/json" } else { "text/html" };
    let mut response = Response::builder().status(status).header("content-type", kind);
    if status == 302 {
        response = response.header("location", "/login");
    }
    if status == 303 {
        response = response.header("location", "/home");
    }
    if got.method == "POST" && status < 400 {
        response = response.header("set-cookie", format!("sid={sid}; Path=/; HttpOnly"));
    }
    response.body(body).unwrap()
}

fn form_is_right(body: &str) -> bool {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let is = |name: &str, value: &str| pairs.contains(&(name.to_owned(), value.to_owned()));
    is("mail", NAME) && is("pass", PASSWORD) && is("tenant", "north") && is("terms", "on")
}

fn all_is_right(body: &str) -> bool {
    let told: Value = serde_json::from_str(body).unwrap_or_default();
    let is = |name: &str, value: &str| told[name] == value;
    is("mail", NAME)
        && is("pass", PASSWORD)
        && is("tenant", "north")
        && is("nick", "nik")
        && is("badge", "b-7")
        && is("word", "sesame")
        && told["terms"] == true
}

/// A page with its ids, or with others when it is rebuilt.
fn page(text: &str, message: &str, port: &str, is_rebuilt: bool) -> String {
    let text = text.replace("{message}", message).replace("{other}", &format!("http://localhost:{port}"));
    IDS.iter().enumerate().fold(text, |text, (at, id)| {
        let new = if is_rebuilt {
            format!("field-{}", (b'a' + u8::try_from(at).unwrap()) as char)
        } else {
            (*id).into()
        };
        text.replace(&format!("{{{id}}}"), &new)
    })
}

const LOGIN: &str = include_str!("pages/login.html");
const IDS: &[&str] = &[
    "menu", "mail", "pass", "tenant", "terms", "go", "list", "form", "nick", "badge", "confirm", "word",
    "done",
];
