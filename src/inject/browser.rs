//! Puts a session into a fresh browser, before the application is opened there.

use serde_json::{Value, json};

use super::error::Error;
use crate::{
    browser::{self, Control, Lasting, Prime, Tab, script},
    session::{Cookie, Item, OriginState, SameSite, State},
    site::Origin,
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
/// All of it goes into every jar that the browser has, and into those to come as far as the browser tells of them in time.
/// What comes later is given by the control: it has to be kept as long as the browser.
///
/// # Errors
/// When the browser fails; what it merely refuses is told in the result.
pub async fn into_browser(state: &State, control: &Control) -> Result<Injected, Error> {
    let mut done = shared(state, control).await?;
    if is_blind(state, control, &mut done).await? {
        return Ok(done);
    }
    for origin in state.origins.iter().filter(|o| !o.session_storage.is_empty()) {
        control.add_once(&origin.origin.to_string(), &preload(origin, None)).await?;
    }
    for origin in state.origins.iter().filter(|o| has_shared(o)) {
        control.add_to_new_jars(&origin.origin.to_string(), &in_new_jar(origin)).await?;
    }
    Ok(done)
}

/// The same for a browser that is let go of at once: what needs us later on is left out, or left to scripts that last.
///
/// # Errors
/// When the browser fails.
pub async fn and_leave(state: &State, control: &Control) -> Result<Injected, Error> {
    let mut done = shared(state, control).await?;
    if !is_blind(state, control, &mut done).await? && control.lasting() == Lasting::Scripts {
        for origin in state.origins.iter().filter(|o| !o.session_storage.is_empty()) {
            let tabs_own = OriginState { local_storage: Vec::new(), ..origin.clone() };
            control.add_preload(&preload(&tabs_own, Some(MARK))).await?;
        }
    }
    Ok(done)
}

/// Writes the sessionStorage into a tab that shows an origin of the session already; gives the names of what found no room.
///
/// # Errors
/// When the browser fails.
pub async fn into_tab(state: &State, control: &Control, tab: &Tab) -> Result<Vec<String>, Error> {
    let stored = Origin::of(&tab.url).and_then(|origin| state.origin(&origin));
    let Some(stored) = stored.filter(|stored| !stored.session_storage.is_empty()) else {
        return Ok(Vec::new());
    };
    let (origin, items) =
        (embed(&json!(stored.origin.to_string())), embed(&entries(&stored.session_storage)));
    let write = format!(
        "((origin, items) => (location.origin !== origin ? [] : items.filter(({{ name, value }}) => {{ \
         try {{ sessionStorage.setItem(name, value); }} catch {{ return true; }} }})).map(({{ name }}) => name))({origin}, {items})"
    );
    let failed = control.read_in(tab, &write).await?;
    Ok(failed
        .iter()
        .filter_map(Value::as_array)
        .flatten()
        .map(|name| format!("sessionStorage {}", text(name)))
        .collect())
}

/// Puts in what needs no page of the application: the cookies.
async fn shared(state: &State, control: &Control) -> Result<Injected, Error> {
    let cookies: Vec<_> = state.cookies.iter().map(to_browser).collect();
    let refused = control.set_cookies(&cookies).await?;
    Ok(Injected { cookies: cookies.len() - refused.len(), origins: state.origins.len(), refused })
}

/// Writes what all tabs share; tells whether the browser cannot, so that scripts have been left to do all of it.
async fn is_blind(state: &State, control: &Control, done: &mut Injected) -> Result<bool, Error> {
    let is_due = |o: &&OriginState| has_shared(o) || has_much(o);
    let primes: Vec<Prime> = state.origins.iter().filter(is_due).map(prime).collect();
    match prime_each(control, &primes).await {
        Ok(failures) => done.refused.extend(failures.iter().filter_map(Value::as_array).flatten().map(text)),
        Err(browser::Error::Unsupported { .. }) => {
            for origin in &state.origins {
                control.add_preload(&preload(origin, Some(MARK))).await?;
            }
            return Ok(true);
        }
        Err(error) => return Err(error.into()),
    }
    done.refused.sort();
    done.refused.dedup();
    Ok(false)
}

/// Primes all origins at once; where the browser does not go to one of them, the others are primed alone, and that one is
/// among the failures.
async fn prime_each(control: &Control, primes: &[Prime]) -> Result<Vec<Value>, browser::Error> {
    let error = match control.prime_everywhere(primes).await {
        Err(error @ browser::Error::Unsupported { .. }) => return Err(error),
        Err(error) if !error.is_lost() && primes.len() > 1 => error,
        result => return result,
    };
    let (mut failures, mut refused) = (Vec::new(), 0);
    for prime in primes {
        match control.prime_everywhere(std::slice::from_ref(prime)).await {
            Ok(failed) => failures.extend(failed),
            Err(error) if error.is_lost() => return Err(error),
            Err(_) => {
                refused += 1;
                failures.push(json!([format!("storage of {}", prime.origin.origin().ascii_serialization())]));
            }
        }
    }
    if refused == primes.len() { Err(error) } else { Ok(failures) }
}

fn has_shared(state: &OriginState) -> bool {
    !state.local_storage.is_empty() || !state.indexed_db.is_empty()
}

/// Whether there may be no room for what belongs to a tab, which is to be told before the application needs it.
fn has_much(state: &OriginState) -> bool {
    let length = |item: &Item| item.name.len() + item.value.expose().len();
    state.session_storage.iter().map(length).sum::<usize>() > MUCH
}

/// The script for the first document of an origin that a new jar shows: what all tabs share, where it is missing.
fn in_new_jar(state: &OriginState) -> String {
    let databases: Vec<&Value> = state.indexed_db.iter().map(crate::session::Database::expose).collect();
    let (source, origin) = (script("storage-write"), embed(&json!(state.origin.to_string())));
    let (items, databases) = (embed(&entries(&state.local_storage)), embed(&json!(databases)));
    format!(
        "if (location.origin === {origin} && window === window.top) {{ const items = {items}; \
         ({source})({{ localStorage: items.filter((item) => localStorage.getItem(item.name) === null), indexedDB: {databases} }}); }}"
    )
}

fn prime(state: &OriginState) -> Prime {
    let databases: Vec<&Value> = state.indexed_db.iter().map(crate::session::Database::expose).collect();
    let tried = if has_much(state) { entries(&state.session_storage) } else { json!([]) };
    let data = json!({
        "localStorage": entries(&state.local_storage), "indexedDB": databases, "sessionStorage": tried,
    });
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

/// Browsers have room for some five million characters a tab and origin.
const MUCH: usize = 1_000_000;
/// The key under which a script notes that it ran, in browsers that cannot tell tabs apart.
const MARK: &str = "handstamp";
