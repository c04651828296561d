//! A house with broken locks: what each visitor may see is known, and so is where the doors fail.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::Response;
use serde_json::{Value, json};

use crate::support::{Got, World};

/// Those who live there: name, e-mail, password, and the numbers of their orders.
pub(crate) const PEOPLE: [(&str, &str, &str, [u32; 2]); 3] = [
    ("alice", "alice@house.test", "alices-long-password", [101, 102]),
    ("bob", "bob@house.test", "bobs-long-password", [201, 202]),
    ("root", "root@house.test", "roots-long-password", [301, 302]),
];

/// Opens the house.
pub(crate) async fn open() -> World {
    let throws = Arc::new(AtomicUsize::new(0));
    World::open(move |got| answer(got, &throws)).await
}

/// A configuration of its users.
pub(crate) fn config(world: &World) -> String {
    let users: Vec<String> = PEOPLE
        .iter()
        .map(|(name, email, password, _)| {
            format!("      - {{name: {name}, credentials: {{username: {email}, password: {password}}}}}\n")
        })
        .collect();
    format!(
        r#"contexts:
  - name: house
    urls: ["{base}"]
    authentication:
      method: form
      parameters:
        loginRequestUrl: {base}login
        loginRequestBody: "user={{%username%}}&password={{%password%}}"
    verification: {{method: poll, pollUrl: "{base}api/me", pollFrequency: 60, pollUnits: seconds, loggedInRegex: '"email"', loggedOutRegex: 'please'}}
    sessionManagement: {{method: cookie}}
    users:
{users}"#,
        base = world.url("/"),
        users = users.concat(),
    )
}

fn answer(got: &Got, throws: &AtomicUsize) -> Response<String> {
    let path = got.target.split('?').next().unwrap_or_default();
    let who =
        PEOPLE.iter().find(|(name, ..)| got.header("cookie").contains(&format!("sid={name}-secret-session")));
    let name = who.map_or("", |(name, ..)| name);
    match (got.method.as_str(), path) {
        ("POST", "/login") => login(&got.body),
        (_, "/login") => page(
            "Log in",
            "<form method=post><input name=user><input type=password name=password><button>Log in</button></form>",
        ),
        (_, "/") => page("House", &menu(name)),
        (_, "/about") => page("About", "<p>A house with a garden, and a gate that squeaks.</p>"),
        (_, "/api/weather") => data(&json!({ "weather": "mostly dry, some wind from the sea" })),
        // Nobody looks whether anybody is logged in.
        (_, "/api/admin/export") => {
            data(&json!({ "export": "all the keys of the house, by room and by owner" }))
        }
        (_, path) if who.is_none() => match path.strip_prefix("/api/") {
            Some(_) => denied(401, "please log in"),
            None => moved("/login"),
        },
        (_, "/account") => page("Account", &asking("api/me")),
        (_, "/api/me") => {
            let (name, email, ..) = who.unwrap_or(&PEOPLE[0]);
            data(&json!({ "email": email, "motto": format!("{name} was here first"), "room": name.len() }))
        }
        (_, "/news") => page("News", &[asking("api/news"), asking("api/dice")].concat()),
        (_, "/api/news") => {
            data(&json!({ "news": ["the bins are emptied on Monday", "the stairs are wet"] }))
        }
        (_, "/api/dice") => {
            data(&json!({ "dice": WORDS[throws.fetch_add(1, Ordering::Relaxed) % WORDS.len()] }))
        }
        (_, "/orders") => page("Orders", &orders(who.map_or([0, 0], |(.., orders)| *orders))),
        (_, "/order") => page("Order", &asking(&format!("api/orders/{}", number(&got.target)))),
        (_, "/note") => page("Note", &asking(&format!("api/notes/{}", number(&got.target)))),
        (_, "/admin") if name == "root" => {
            page("Admin", &["api/admin/users", "api/admin/log", "api/admin/export"].map(asking).concat())
        }
        (_, "/api/admin/log") if name == "root" => {
            data(&json!({ "log": ["root opened the cellar", "root shut it"] }))
        }
        // It is asked whether somebody is logged in, and not who.
        (_, "/api/admin/users") => {
            data(&json!(PEOPLE.map(|(name, email, ..)| json!({ "name": name, "email": email }))))
        }
        (_, path) if path.starts_with("/api/orders/") => order(path),
        (_, path) if path.starts_with("/api/notes/") => note(path, name),
        _ => denied(403, "not for you"),
    }
}

/// Anybody who is logged in gets any order.
fn order(path: &str) -> Response<String> {
    let number: u32 = number(path).parse().unwrap_or_default();
    match PEOPLE.iter().find(|(.., orders)| orders.contains(&number)) {
        Some((name, ..)) => data(
            &json!({ "order": number, "for": format!("{name} of the {number}th floor"), "what": "lamp oil" }),
        ),
        None => denied(404, "no such order"),
    }
}

/// Notes are for those who wrote them.
fn note(path: &str, name: &str) -> Response<String> {
    let number: u32 = number(path).parse().unwrap_or_default();
    match PEOPLE.iter().find(|(owner, .., orders)| *owner == name && orders.contains(&number)) {
        Some((name, ..)) => data(&json!({ "note": format!("{name} likes the {number}th step best") })),
        None => denied(403, "not yours"),
    }
}

fn number(text: &str) -> &str {
    text.rsplit(['/', '=']).next().unwrap_or_default()
}

fn login(body: &str) -> Response<String> {
    let fits = |(_, email, password, _): &&(&str, &str, &str, [u32; 2])| {
        body.contains(&email.replace('@', "%40")) && body.contains(password)
            || body.contains(email) && body.contains(password)
    };
    match PEOPLE.iter().find(fits) {
        Some((name, ..)) => {
            let mut response = moved("/");
            let cookie = format!("sid={name}-secret-session; Path=/; HttpOnly");
            response.headers_mut().insert("set-cookie", cookie.parse().unwrap());
            response
        }
        None => denied(401, "please try again"),
    }
}

fn menu(name: &str) -> String {
    let mut links = vec![("/about", "About"), ("/", "House")];
    if !name.is_empty() {
        links.extend([("/account", "Account"), ("/orders", "Orders"), ("/news", "News")]);
    }
    if name == "root" {
        links.push(("/admin", "Admin"));
    }
    let links: Vec<String> =
        links.iter().map(|(to, what)| format!("<p><a href='{to}'>{what}</a></p>")).collect();
    format!("{}{}", links.concat(), asking("api/weather"))
}

fn orders(numbers: [u32; 2]) -> String {
    numbers
        .map(|n| format!("<p><a href='/order?id={n}'>Order {n}</a> <a href='/note?id={n}'>Note {n}</a></p>"))
        .concat()
}

/// A script that asks for something and shows it.
fn asking(what: &str) -> String {
    format!(
        "<pre></pre><script>(p => fetch('/{what}').then(r => r.text()).then(t => p.textContent = t))(document.currentScript.previousElementSibling)</script>"
    )
}

fn page(title: &str, body: &str) -> Response<String> {
    let html = format!("<!doctype html><title>{title}</title><h1>{title}</h1>{body}");
    Response::builder().header("content-type", "text/html; charset=utf-8").body(html).unwrap()
}

fn data(value: &Value) -> Response<String> {
    Response::builder().header("content-type", "application/json").body(value.to_string()).unwrap()
}

fn denied(status: u16, words: &str) -> Response<String> {
    let body = json!({ "error": words }).to_string();
    Response::builder().status(status).header("content-type", "application/json").body(body).unwrap()
}

fn moved(to: &str) -> Response<String> {
    Response::builder().status(302).header("location", to).body(String::new()).unwrap()
}

const WORDS: [&str; 6] = ["ace", "deuce", "trey", "cater", "cinque", "sice"];
