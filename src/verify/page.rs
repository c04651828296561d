//! The page itself as proof, for applications whose HTTP answers do not tell users from strangers.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::{
    answer::{Answer, head_text},
    compare::judge,
    error::Error,
};
use crate::{
    browser::{Browser, Exchange, Page, Traffic, script},
    session::State,
};

/// Whether a page shows a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// There is a password field, or the server asks for credentials itself.
    Shown,
    /// There is none, and the page is not empty.
    NotShown,
}

/// Opens an address and tells, once network and page are quiet, whether a login form is shown there.
///
/// # Errors
/// When the browser fails.
pub async fn login_shown(browser: &Browser, url: &Url) -> Result<Login, Error> {
    let traffic = browser.control().record().await?;
    open(browser, url, &traffic).await
}

/// What a browser with the session showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether it was asked to log in.
    pub login: Login,
    /// Whether the session's own check, where the page itself sent it, was answered as to a user, and how it reads.
    pub answered: Option<(bool, String)>,
}

/// Opens an address in a browser that has the session, and tells what it shows and how the application answered it.
///
/// # Errors
/// When the browser fails.
pub async fn look_in(browser: &Browser, url: &Url, state: &State) -> Result<Seen, Error> {
    let traffic = browser.control().record().await?;
    let login = open(browser, url, &traffic).await?;
    Ok(Seen { login, answered: answered(&traffic.since(0), state) })
}

/// The last time that the page sent the check's request by itself, judged.
fn answered(traffic: &[Exchange], state: &State) -> Option<(bool, String)> {
    let check = state.check.as_ref()?;
    let same = |x: &&Exchange| {
        x.method == check.method
            && x.url
                .parse::<Url>()
                .is_ok_and(|u| u.path() == check.url.path() && u.host() == check.url.host())
    };
    let exchange = traffic.iter().rev().filter(same).find(|x| x.status.is_some_and(|s| s != 304))?;
    let answer = Answer {
        status: exchange.status?,
        location: exchange.response_header("location").map(str::to_owned),
        body: exchange.response_body.clone().unwrap_or_default(),
        head: head_text(exchange.status?, &exchange.response_headers),
    };
    Some((
        judge(&answer, &check.indicator)?,
        format!("{} {}: {}", check.method, check.url.path(), answer.status),
    ))
}

async fn open(browser: &Browser, url: &Url, traffic: &Traffic) -> Result<Login, Error> {
    let opened = browser.page().goto(url).await;
    if is_challenged(&traffic.since(0)) {
        return Ok(Login::Shown);
    }
    opened?;
    let mut seen = look(browser.page()).await?;
    // Single-page applications draw their form a moment after the last answer.
    for _ in 0..LOOKS {
        let _ = traffic.wait_quiet(QUIET, LOAD_LIMIT).await;
        let now = look(browser.page()).await?;
        if now == seen && seen.is_some() {
            break;
        }
        seen = now;
    }
    Ok(seen.unwrap_or(Login::Shown))
}

/// Whether the server answers the page with a challenge: the browser's own dialog is a login form too.
///
/// See 11.6.1 of RFC 9110.
fn is_challenged(traffic: &[Exchange]) -> bool {
    let page = traffic.iter().rev().find(|x| x.is_document() && x.status.is_some());
    page.is_some_and(|x| x.status == Some(401) && x.response_header("www-authenticate").is_some())
}

async fn look(page: &Page) -> Result<Option<Login>, Error> {
    let script = format!(
        "const seen = {}; return {{ password: Boolean(seen.password), isEmpty: seen.isEmpty }}",
        script("login-form")
    );
    match page.evaluate(&script, &[]).await {
        Ok(value) if value["isEmpty"] == Value::Bool(true) => Ok(None),
        Ok(value) => {
            Ok(Some(if value["password"] == Value::Bool(true) { Login::Shown } else { Login::NotShown }))
        }
        Err(error) if error.is_lost() => Err(error.into()),
        Err(_) => Ok(None),
    }
}

const QUIET: Duration = Duration::from_millis(500);
const LOAD_LIMIT: Duration = Duration::from_secs(10);
const LOOKS: usize = 4;
