//! A small application with a login in two factors, which counts and never takes a code twice.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use http::Response;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use url::form_urlencoded::parse;

use crate::support::{Got, World};

/// How the code is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// In one field of a page of its own.
    Page,
    /// In a box for each digit, on a page of its own that goes on by itself.
    Boxes,
    /// Beside the password.
    Beside,
    /// In a field that takes the place of the password's, without a new page.
    InPlace,
}

/// What the codes are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes {
    pub(crate) algorithm: Algorithm,
    pub(crate) digits: u8,
    pub(crate) period: u64,
}

pub(crate) const USUAL: Codes = Codes { algorithm: Algorithm::SHA1, digits: 6, period: 30 };

/// The application.
pub(crate) struct Gate {
    pub(crate) world: World,
    pub(crate) kept: Arc<Mutex<Kept>>,
}

/// What it keeps.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    last: Option<u64>,
    /// The codes that came in, right or wrong.
    pub(crate) codes: Vec<String>,
    /// How often a password came in.
    pub(crate) passwords: usize,
}

impl Gate {
    pub(crate) async fn open(asks: Asks, codes: Codes) -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let own = Arc::clone(&kept);
        let world = World::open(move |got| answer(got, asks, codes, &mut own.lock().unwrap())).await;
        Self { world, kept }
    }

    pub(crate) fn login(&self) -> String {
        self.world.url("/login")
    }
}

fn answer(got: &Got, asks: Asks, codes: Codes, kept: &mut Kept) -> Response<String> {
    let path = got.target.split('?').next().unwrap();
    let sent: HashMap<_, _> = parse(got.body.as_bytes()).into_owned().collect();
    let cookies = got.header("cookie");
    let is_in = cookies.contains("sid=s3ss10n-0f-anna");
    match (got.method.as_str(), path) {
        ("GET", "/home") if is_in => {
            page("<h1>Welcome anna</h1><a href='/logout'>Log out</a><script>fetch('/me')</script>")
        }
        ("GET", "/me") if is_in => json(r#"{"user":"anna"}"#),
        ("GET", "/me") => status(page("{}"), 401),
        ("GET", "/login") => page(&form(asks, codes.digits, "")),
        ("POST", "/login") => {
            kept.passwords += 1;
            match (sent["password"] == PASSWORD, asks) {
                (false, _) => status(page(&form(asks, codes.digits, "Wrong user name or password")), 401),
                (true, Asks::Beside) => check(&sent, asks, codes, kept),
                (true, Asks::InPlace) => page(&code_form(asks, codes.digits, "")),
                (true, _) => cookie(to("/code"), "half=1"),
            }
        }
        ("GET", "/code") if cookies.contains("half=") => page(&code_form(asks, codes.digits, "")),
        ("POST", "/code") => check(&sent, asks, codes, kept),
        ("GET", "/favicon.ico") => status(page(""), 404),
        _ => to("/login"),
    }
}

fn check(sent: &HashMap<String, String>, asks: Asks, codes: Codes, kept: &mut Kept) -> Response<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    kept.codes.push(sent["code"].clone());
    match totp(codes).check(&sent["code"], now).filter(|step| kept.last.is_none_or(|last| last < *step)) {
        Some(step) => {
            kept.last = Some(step);
            cookie(to("/home"), "sid=s3ss10n-0f-anna")
        }
        None if asks == Asks::Beside => {
            status(page(&form(asks, codes.digits, "Der Code ist falsch oder abgelaufen")), 401)
        }
        None => status(page(&code_form(asks, codes.digits, "Der Code ist falsch oder abgelaufen")), 401),
    }
}

pub(crate) fn totp(codes: Codes) -> Totp {
    Builder::new()
        .with_algorithm(codes.algorithm)
        .with_digits(codes.digits)
        .with_step_duration(codes.period)
        .with_secret(Secret::try_from_base32(SECRET).unwrap())
        .build_noncompliant()
}

fn form(asks: Asks, digits: u8, says: &str) -> String {
    let code = match asks {
        Asks::Beside => {
            format!("<label>Einmalpasswort <input name=code inputmode=numeric maxlength={digits}></label>")
        }
        _ => String::new(),
    };
    let send = match asks {
        Asks::InPlace => IN_PLACE,
        _ => "",
    };
    format!(
        "<form method=post action=/login><p class=error>{says}</p><input name=username><input type=password name=password>{code}
         <button>Log in</button></form>{send}"
    )
}

fn code_form(asks: Asks, digits: u8, says: &str) -> String {
    if asks == Asks::Boxes {
        let boxes =
            r#"<input class=box maxlength=1 inputmode=numeric aria-label="Ziffer">"#.repeat(digits.into());
        return format!(
            "<p class=error>{says}</p><p>Enter the code</p><form method=post action=/code id=f>{boxes}<input type=hidden name=code></form>{BOXES}"
        );
    }
    let field = match asks {
        Asks::Page => "<label>Bestätigungscode <input name=code></label>",
        _ => "<input type=password name=code autocomplete=one-time-code>",
    };
    format!(
        "<form method=post action=/code><p class=error>{says}</p>{field}<button name=again value=1 type=button>Resend</button><button>Weiter</button></form>"
    )
}

pub(crate) fn page(body: &str) -> Response<String> {
    kind(Response::new(format!("<!doctype html><meta charset=utf-8>{body}")), "text/html; charset=utf-8")
}

pub(crate) fn json(text: &str) -> Response<String> {
    kind(Response::new(text.to_owned()), "application/json")
}

pub(crate) fn kind(mut response: Response<String>, kind: &'static str) -> Response<String> {
    response.headers_mut().insert("content-type", kind.parse().unwrap());
    response.headers_mut().insert("cache-control", "no-store".parse().unwrap());
    response
}

pub(crate) fn status(mut response: Response<String>, status: u16) -> Response<String> {
    *response.status_mut() = status.try_into().unwrap();
    response
}

pub(crate) fn to(place: &str) -> Response<String> {
    let mut response = status(Response::new(String::new()), 302);
    response.headers_mut().insert("location", place.parse().unwrap());
    response
}

pub(crate) fn cookie(mut response: Response<String>, cookie: &str) -> Response<String> {
    response.headers_mut().append("set-cookie", format!("{cookie}; Path=/; HttpOnly").parse().unwrap());
    response
}

pub(crate) const PASSWORD: &str = "planted-p4ssw0rd";
pub(crate) const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// Boxes that lead on, and send themselves.
const BOXES: &str = r"<script>
const boxes = [...document.querySelectorAll('.box')];
boxes.forEach((box, at) => box.addEventListener('input', () => {
  boxes[at + 1]?.focus();
  if (!boxes.every((one) => one.value)) return;
  document.querySelector('[name=code]').value = boxes.map((one) => one.value).join('');
  document.getElementById('f').submit();
}));
</script>";

/// The form is sent by script, and the answer shown in its place.
const IN_PLACE: &str = r"<script>
document.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await fetch('/login', { method: 'POST', body: new URLSearchParams(new FormData(event.target)) });
  document.body.innerHTML = await answer.text();
});
</script>";
