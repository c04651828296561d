//! A yard with things in it that a crawl may look at, touch, or has to leave alone; it notes who did what.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use http::Response;

use crate::support::{Got, World};

/// The yard, and when each request came.
pub(crate) struct Yard {
    pub(crate) world: World,
    times: Arc<Mutex<Vec<Instant>>>,
}

impl Yard {
    pub(crate) async fn open() -> Self {
        let times = Arc::<Mutex<Vec<Instant>>>::default();
        let noted = Arc::clone(&times);
        let world = World::open(move |got| {
            noted.lock().unwrap().push(Instant::now());
            answer(got)
        });
        Self { world: world.await, times }
    }

    /// How many requests came, and how many seconds lay between the first and the last.
    pub(crate) fn span(&self) -> (usize, f64) {
        let times = self.times.lock().unwrap();
        let whole = times.last().unwrap().duration_since(times[0]);
        (times.len(), whole.as_secs_f64())
    }

    /// A configuration of its users; only the first is shown a way to write.
    pub(crate) fn config(&self) -> String {
        let base = self.world.url("/");
        format!(
            r#"contexts:
  - name: yard
    urls: ["{base}"]
    authentication:
      method: form
      parameters:
        loginRequestUrl: {base}login
        loginRequestBody: "user={{%username%}}&password={{%password%}}"
    verification: {{method: poll, pollUrl: "{base}api/me", pollFrequency: 60, pollUnits: seconds, loggedInRegex: 'I am', loggedOutRegex: 'please'}}
    sessionManagement: {{method: cookie}}
    users:
      - {{name: alice, credentials: {{username: alice, password: alices-long-password}}}}
      - {{name: bob, credentials: {{username: bob, password: bobs-long-password}}}}
"#
        )
    }
}

fn answer(got: &Got) -> Response<String> {
    let path = got.target.split('?').next().unwrap_or_default();
    let who =
        ["alice", "bob"].into_iter().find(|who| got.header("cookie").contains(&format!("sid={who}-sid")));
    match path {
        "/" => page("Yard", START),
        "/things" => page("Things", THINGS),
        "/account" => page("Account", ACCOUNT),
        "/find" => page("Found", "<p>Nothing of that kind.</p>"),
        "/fenced" => page("Fenced", FENCED),
        "/robots" => page("Gate", GATE),
        "/robots.txt" => text("text/plain", ROBOTS),
        "/login" if got.method == "POST" => login(&got.body),
        "/desk" => page("Desk", if who == Some("alice") { DESK } else { "<p>A desk.</p>" }),
        "/api/me" => match who {
            Some(who) => text("application/json", &format!("{{\"me\": \"I am {who}\"}}")),
            None => status(401, "please log in"),
        },
        "/api/name" if who.is_none() => status(401, "please log in"),
        "/favicon.ico" | "/sitemap.xml" => status(404, "no"),
        _ if path.starts_with("/api/") => {
            text("application/json", "{\"done\": \"it is done, as was asked for\"}")
        }
        _ if KNOWN.iter().any(|known| path.starts_with(known)) => page(path, "<p>You are here.</p>"),
        _ => status(404, "no such place"),
    }
}

fn login(body: &str) -> Response<String> {
    let who =
        ["alice", "bob"].into_iter().find(|who| body.contains(&format!("password={who}s-long-password")));
    let Some(who) = who else { return status(401, "please log in") };
    let cookie = format!("sid={who}-sid-4f1c9a7e2b60; Path=/; HttpOnly");
    Response::builder().status(200).header("set-cookie", cookie).body("in".into()).unwrap()
}

fn page(title: &str, body: &str) -> Response<String> {
    let script = "const send = (path, method = 'POST') => fetch(path, { method, body: method === 'POST' ? '{}' : undefined });";
    text(
        "text/html",
        &format!("<!doctype html><title>{title}</title><script>{script}</script><h1>{title}</h1>{body}"),
    )
}

fn text(kind: &str, body: &str) -> Response<String> {
    Response::builder().header("content-type", kind).body(body.to_owned()).unwrap()
}

fn status(status: u16, body: &str) -> Response<String> {
    Response::builder().status(status).header("content-type", "text/plain").body(body.to_owned()).unwrap()
}

const START: &str = "<nav><a href=/things>Things</a> <a href=/account>Account</a></nav>
<form action=/find><input name=q aria-label='What'><button>Find</button></form>
<button onclick=\"send('/api/like')\">Like</button>";

/// Each does harm, in another way.
const THINGS: &str = "<button onclick=\"send('/api/things/1', 'DELETE')\">Delete thing</button>
<button onclick=\"send('/api/pay')\">Pay now</button>
<button onclick=\"send('/api/messages')\">Send message</button>
<button onclick=\"send('/api/things/5/remove')\">x</button>
<a href=/things/2/delete>Second</a>
<a href='/do?what=4'>Remove</a>
<form action=/tidy><button>Delete everything</button></form>
<button onclick=\"location = '/sweep?n=6'\">Erase it</button>
<a hidden href='/quiet?n=1'>Delete all</a>
<script>const later = () => fetch('/api/things/3/remove');</script>";

const ACCOUNT: &str =
    "<form method=post action=/account/password><input type=password name=old><input type=password name=new>
<input type=password name=again><button>Save</button></form>
<button onclick=\"send('/api/account/close')\">Delete my account</button>
<a href=/logout>Log out</a>";

/// What is to be left alone stands in other places too, in some cases.
const FENCED: &str = "<a href=/private/ledger>Ledger</a><script>const a = () => fetch('/private/book');</script>
<a href=/spill>Spill it</a> <a hidden href=/spill-quietly>Spill it quietly</a>
<div class=danger><a href=/danger/link>One</a><button onclick=\"send('/danger/button', 'GET')\">Two</button>
<form action=/danger/form><input name=q><button>Three</button></form><a href=/shared>Shared</a><span data-url=/danger/data>x</span></div>
<a href=/shared>Shared as well</a> <a href=/open>Open</a> <a href=/things>Things</a>
<script>const b = () => [fetch('/danger/link'), fetch('/known/by-script')];</script>";

const GATE: &str = "<a href=/closed/a>Closed</a> <a href=/closed/but-open>But open</a> <a href='/list?sort=up'>Sorted</a> <a href=/list>List</a>
<button onclick=\"location = '/closed/by-script'\">Jump</button>
<form action=/closed/search><input name=q><button>Search</button></form>
<button onclick=\"send('/closed/api', 'GET')\">Load</button>
<script>const c = () => [fetch('/closed/mined'), fetch('/known/mined')];</script>";

const ROBOTS: &str = "User-agent: *\nDisallow: /\n\nUser-agent: handstamp\nDisallow: /closed\nAllow: /closed/but-open\nDisallow: /*?sort=\n";

const DESK: &str = "<button onclick=\"send('/api/name')\">Rename</button>
<button onclick=\"send('/api/things/7', 'DELETE')\">Delete</button>";

const KNOWN: [&str; 14] = [
    "/things/",
    "/do",
    "/tidy",
    "/sweep",
    "/quiet",
    "/private/",
    "/wipe",
    "/danger/",
    "/shared",
    "/open",
    "/known/",
    "/closed/",
    "/list",
    "/account/",
];
