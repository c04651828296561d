//! The page itself as proof, for applications whose HTTP answers do not tell users from strangers.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::error::Error;
use crate::browser::{Browser, Page, script};

/// Whether a page shows a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// There is a password field.
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
    browser.page().goto(url).await?;
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

async fn look(page: &Page) -> Result<Option<Login>, Error> {
    let script = script("login-form");
    let script = format!(
        "const seen = {}; return {{ password: Boolean(seen.password), isEmpty: seen.isEmpty }}",
        &script[script.find("(()").unwrap_or(0)..]
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
