//! An identity provider, and applications that leave the login to it: by `OpenID` Connect with PKCE, and by SAML.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::Response;
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded::parse};

use super::gate::{PASSWORD, cookie, json, page, status, to};
use crate::support::{Got, World};

/// How the two speak with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    OpenId,
    Saml,
}

/// What the provider keeps, and what both know.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// The codes that were given, with the challenge of each.
    codes: HashMap<String, String>,
    /// How often a password was asked for.
    pub(crate) forms: usize,
    /// How often a login went through, with a password or without.
    pub(crate) logins: usize,
    /// The session of the application that is alive.
    alive: usize,
}

impl Book {
    /// Ends the sessions of the application; the provider's goes on.
    pub(crate) fn end(&mut self) {
        self.alive += 1_000;
    }
}

/// The application at `127.0.0.1`, its provider at `localhost`.
pub(crate) struct SignOn {
    pub(crate) app: World,
    pub(crate) book: Arc<Mutex<Book>>,
    _provider: World,
}

impl SignOn {
    pub(crate) async fn open(speaks: Speaks) -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let own = Arc::clone(&book);
        let provider = World::open(move |got| provider(got, speaks, &mut own.lock().unwrap())).await;
        let (own, away) = (Arc::clone(&book), provider.url("").replace("127.0.0.1", "localhost"));
        let app = World::open(move |got| app(got, speaks, &away, &mut own.lock().unwrap())).await;
        Self { app, book, _provider: provider }
    }
}

fn query(got: &Got) -> HashMap<String, String> {
    let url = Url::parse("http://x/").unwrap().join(&got.target).unwrap();
    let sent = parse(got.body.as_bytes()).into_owned();
    url.query_pairs().into_owned().chain(sent).collect()
}

/// What an assertion is signed with; both sides know it, as they would know keys.
fn signature(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("shared key/{text}")))
}

const VERIFIER: &str = "the-verifier-that-stays-with-the-application-0123456789";

fn app(got: &Got, speaks: Speaks, away: &str, book: &mut Book) -> Response<String> {
    let (path, sent) = (got.target.split('?').next().unwrap(), query(got));
    let is_in = got.header("cookie").contains(&format!("sid=anna-{:06}-a1b2c3d4e5f6", book.alive));
    let host = got.header("host");
    match path {
        "/home" if is_in => page("<h1>Welcome anna</h1><script>fetch('/me')</script>"),
        "/me" if is_in => json(r#"{"user":"anna"}"#),
        "/me" => status(page("{}"), 401),
        "/login" if speaks == Speaks::OpenId => {
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
            cookie(
                to(&format!(
                    "{away}/authorize?client_id=app&response_type=code&state=s1&code_challenge={challenge}&code_challenge_method=S256&redirect_uri=http%3A%2F%2F{host}%2Fcallback"
                )),
                "state=s1",
            )
        }
        "/login" => to(&format!(
            "{away}/authorize?SAMLRequest=req&RelayState=r1&redirect_uri=http%3A%2F%2F{host}%2Facs"
        )),
        "/callback" => {
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
            let is_mine = got.header("cookie").contains("state=s1") && sent["state"] == "s1";
            let is_good = is_mine && book.codes.remove(&sent["code"]).is_some_and(|known| known == challenge);
            if is_good { admitted(book) } else { status(page("bad code"), 400) }
        }
        "/acs" => {
            let text = String::from_utf8(STANDARD.decode(&sent["SAMLResponse"]).unwrap()).unwrap();
            let (assertion, signed) = text.rsplit_once('.').unwrap();
            let is_good =
                signature(assertion) == signed && sent["RelayState"] == "r1" && got.method == "POST";
            if is_good { admitted(book) } else { status(page("bad assertion"), 400) }
        }
        "/favicon.ico" => status(page(""), 404),
        _ => to("/login"),
    }
}

fn admitted(book: &mut Book) -> Response<String> {
    book.logins += 1;
    cookie(to("/home"), &format!("sid=anna-{:06}-a1b2c3d4e5f6", book.alive))
}

fn provider(got: &Got, speaks: Speaks, book: &mut Book) -> Response<String> {
    let (path, sent) = (got.target.split('?').next().unwrap(), query(got));
    if path != "/authorize" {
        return status(page(""), 404);
    }
    let is_known = got.header("cookie").contains("idp=known-anna-7f3a9c");
    let is_right =
        sent.get("password").is_some_and(|password| password == PASSWORD) && sent["email"] == "anna@app.test";
    if !is_known && !is_right {
        book.forms += 1;
        let says = if got.method == "POST" { "Invalid credentials" } else { "" };
        return page(&format!(
            "<h1>Sign in to continue to app</h1><form method=post><p role=alert>{says}</p><input name=email type=email>
             <input type=password name=password><button>Sign in</button></form>"
        ));
    }
    cookie(back(&sent, speaks, book), "idp=known-anna-7f3a9c")
}

/// The way back, with a code or an assertion.
fn back(sent: &HashMap<String, String>, speaks: Speaks, book: &mut Book) -> Response<String> {
    let home = &sent["redirect_uri"];
    if speaks == Speaks::Saml {
        let assertion = "<saml:Assertion><NameID>anna</NameID></saml:Assertion>";
        let response = STANDARD.encode(format!("{assertion}.{}", signature(assertion)));
        return page(&format!(
            "<body onload='document.forms[0].submit()'><form method=post action='{home}'><input type=hidden name=SAMLResponse value='{response}'>
             <input type=hidden name=RelayState value='{}'><noscript><button>Continue</button></noscript></form>",
            sent["RelayState"]
        ));
    }
    let code = format!("code-{}", book.codes.len() + book.logins);
    book.codes.insert(code.clone(), sent["code_challenge"].clone());
    to(&format!("{home}?code={code}&state={}", sent["state"]))
}
