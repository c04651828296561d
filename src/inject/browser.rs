//! Puts a session into a fresh browser, before the application is opened there.

use serde_json::{Value, json};

use super::error::Error;
use crate::{
    browser::{self, Control, Prime, script},
    session::{Cookie, Item, OriginState, SameSite, State},
};

/// What could be put into a browser, and what could not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Injected {
    /// How many cookies were set.
    pub cookies: usize,
    /// How many origins got storage.
    pub origins: usize,
    /// Names of what the browser refused, without values.
    pub refused: Vec<String>,
}

/// Puts cookies, localStorage and IndexedDB in place, and sees to it that each tab gets the sessionStorage.
///
/// Cookies come first and need no page. Storage that all tabs share is written on an empty page at its origin, so that
/// the application never runs without it. sessionStorage belongs to a tab: a script writes it into the first document
/// that a tab shows of the origin, and never again, so that the application's own logout and renewal last.
///
/// # Errors
/// When the browser fails; what it merely refuses is told in the result.
pub async fn into_browser(state: &State, control: &Control) -> Result<Injected, Error> {
    let mut done = Injected::default();
    let cookies: Vec<_> = state.cookies.iter().map(to_browser).collect();
    done.refused = control.set_cookies(&cookies).await?;
    done.cookies = cookies.len() - done.refused.len();
    let shared: Vec<_> =
        state.origins.iter().filter(|o| !o.local_storage.is_empty() || !o.indexed_db.is_empty()).collect();
    let primes: Vec<Prime> = shared.iter().map(|o| prime(o)).collect();
    let per_tab = state.origins.iter().filter(|o| !o.session_storage.is_empty());
    done.origins = state.origins.len();
    match control.prime(&primes).await {
        Ok(failures) => done.refused.extend(failures.iter().filter_map(Value::as_array).flatten().map(text)),
        Err(browser::Error::Unsupported { .. }) => {
            for origin in &state.origins {
                control.add_preload(&preload(origin, Some(MARK))).await?;
            }
            return Ok(done);
        }
        Err(error) => return Err(error.into()),
    }
    for origin in per_tab {
        control.add_once(&origin.origin.to_string(), &preload(origin, None)).await?;
    }
    Ok(done)
}

fn prime(state: &OriginState) -> Prime {
    let databases: Vec<&Value> = state.indexed_db.iter().map(crate::session::Database::expose).collect();
    let data = json!({ "localStorage": entries(&state.local_storage), "indexedDB": databases });
    Prime { origin: state.origin.url(), script: format!("({})({})", script("storage-write"), embed(&data)) }
}

/// The script for one origin. With a mark it keeps itself from running twice, for browsers that cannot tell tabs apart;
/// then it also carries what tabs share.
fn preload(state: &OriginState, mark: Option<&str>) -> String {
    let mut items = json!({ "sessionStorage": entries(&state.session_storage) });
    if mark.is_some() {
        items["localStorage"] = entries(&state.local_storage);
    }
    let (source, origin) = (script("preload"), embed(&json!(state.origin.to_string())));
    format!("({source})({origin}, {}, {})", embed(&items), json!(mark))
}

pub(super) fn entries(items: &[Item]) -> Value {
    items.iter().map(|item| json!({ "name": item.name, "value": item.value.expose() })).collect()
}

/// JSON as a JavaScript literal: U+2028 and U+2029 are line ends there.
pub(super) fn embed(value: &Value) -> String {
    value.to_string().replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(super) fn to_browser(cookie: &Cookie) -> browser::Cookie {
    let same_site = cookie.same_site.map(|s| match s {
        SameSite::Strict => "Strict",
        SameSite::Lax => "Lax",
        SameSite::None => "None",
    });
    #[expect(clippy::cast_precision_loss, reason = "seconds of this millennium fit")]
    browser::Cookie {
        name: cookie.name.clone(),
        value: cookie.value.expose().to_owned(),
        domain: if cookie.host_only { cookie.domain.clone() } else { format!(".{}", cookie.domain) },
        path: cookie.path.clone(),
        expires: cookie.expires.map(|e| e as f64),
        secure: cookie.secure,
        http_only: cookie.http_only,
        same_site: same_site.map(str::to_owned),
        partition_key: cookie.partition_key.clone(),
    }
}

/// The key under which a script notes that it ran, in browsers that cannot tell tabs apart.
const MARK: &str = "handstamp";
