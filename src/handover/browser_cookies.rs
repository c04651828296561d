//! Arrays of cookies, as cookie editors, Selenium and Puppeteer have them.

use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Error, Format, Handed, Kind, Parts,
    export::{Written, blurred},
    json::Field,
};
use crate::session::{Cookie, SameSite};

/// The array, of all cookies or of those that go to the host of `url`.
pub(super) fn write(handed: &Handed, format: Format, url: Option<&Url>) -> Result<Written, Error> {
    let cookies = chosen(handed, url)?;
    let array: Value =
        cookies.iter().enumerate().map(|(number, cookie)| entry(cookie, format, number)).collect();
    let carried = Parts::default().with(Kind::Cookie, cookies.len());
    let parted = cookies.iter().filter(|cookie| cookie.partition_key.is_some()).count();
    let lost = if format == Format::Selenium { parted } else { 0 };
    let blurred = blurred("the partition", lost).into_iter().collect();
    Ok(Written { text: format!("{array:#}\n"), carried, blurred })
}

/// The cookies of a session, or those that go to the host of `url`.
pub(super) fn chosen<'a>(handed: &'a Handed, url: Option<&Url>) -> Result<Vec<&'a Cookie>, Error> {
    let Some(url) = url else { return Ok(handed.state.cookies.iter().collect()) };
    // Also says no to an address that the session does not belong to.
    handed.request(url)?;
    Ok(handed.cookies_of_host(url))
}

fn entry(cookie: &Cookie, format: Format, number: usize) -> Value {
    let dot = if cookie.host_only { "" } else { "." };
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    put("name", json!(cookie.name));
    put("value", json!(cookie.value.expose()));
    put("domain", json!(format!("{dot}{}", cookie.domain)));
    put("path", json!(cookie.path));
    put("secure", json!(cookie.secure));
    put("httpOnly", json!(cookie.http_only));
    match format {
        Format::CookieEditor => {
            put("hostOnly", json!(cookie.host_only));
            put("session", json!(cookie.expires.is_none()));
            put("sameSite", json!(editor_same_site(cookie.same_site)));
            put("storeId", json!("0"));
            put("id", json!(number + 1));
            cookie.expires.map(|end| put("expirationDate", json!(end)));
            cookie.partition_key.as_ref().map(|key| put("partitionKey", json!({ "topLevelSite": key })));
        }
        Format::Puppeteer => {
            put("expires", json!(cookie.expires.unwrap_or(-1)));
            cookie.same_site.map(|same_site| put("sameSite", json!(same_site)));
            let key = cookie.partition_key.as_ref();
            key.map(|key| put("partitionKey", json!({ "sourceOrigin": key, "hasCrossSiteAncestor": false })));
        }
        _ => {
            cookie.expires.map(|end| put("expiry", json!(end)));
            cookie.same_site.map(|same_site| put("sameSite", json!(same_site)));
        }
    }
    Value::Object(entry)
}

fn editor_same_site(same_site: Option<SameSite>) -> &'static str {
    match same_site {
        Some(SameSite::Strict) => "strict",
        Some(SameSite::Lax) => "lax",
        Some(SameSite::None) => "no_restriction",
        None => "unspecified",
    }
}

/// Which of the formats an array is in, if it is one of cookies.
pub(super) fn detect(list: &[Value]) -> Option<Format> {
    let first = list.first()?.as_object()?;
    let has = |key: &str| first.contains_key(key);
    if !(has("name") && has("value")) {
        return None;
    }
    let any = |keys: &[&str]| list.iter().any(|entry| keys.iter().any(|key| entry.get(key).is_some()));
    Some(if any(&["hostOnly", "storeId", "expirationDate"]) {
        Format::CookieEditor
    } else if any(&["expires", "partitionKey", "sourceScheme"]) {
        Format::Puppeteer
    } else {
        Format::Selenium
    })
}

/// Reads an array; the three ways to spell a cookie are all understood.
pub(super) fn read(document: &Value, format: Format) -> Result<Vec<Cookie>, Error> {
    let root = Field::root(document, format);
    // A single cookie may come alone, and an array under a key.
    let list = if root.at("cookies").is_there() { root.at("cookies") } else { root };
    list.items()?.iter().map(cookie).collect()
}

fn cookie(at: &Field<'_>) -> Result<Cookie, Error> {
    let domain = at.at("domain").text()?;
    let host_only = at.at("hostOnly");
    let is_dotted = domain.starts_with('.');
    let ends = ["expirationDate", "expires", "expiry"].map(|key| at.at(key));
    let end = ends.iter().find(|end| end.is_there()).map(Field::end).transpose()?.flatten();
    Ok(Cookie {
        name: at.at("name").text()?.to_owned(),
        value: at.at("value").text()?.into(),
        domain: domain.trim_start_matches('.').to_ascii_lowercase(),
        host_only: if host_only.is_there() { host_only.flag()? } else { !is_dotted },
        path: at.at("path").maybe_text()?.unwrap_or("/").to_owned(),
        expires: end.filter(|_| !at.at("session").flag().unwrap_or_default()),
        secure: at.at("secure").flag()?,
        http_only: at.at("httpOnly").flag()?,
        same_site: same_site(at.at("sameSite").maybe_text()?.unwrap_or_default()),
        partition_key: partition(&at.at("partitionKey"))?,
        ..Cookie::default()
    })
}

/// What the attribute says in one of its spellings; nothing for none and for those that nobody knows.
pub(super) fn same_site(text: &str) -> Option<SameSite> {
    match text.to_ascii_lowercase().as_str() {
        "strict" => Some(SameSite::Strict),
        "lax" => Some(SameSite::Lax),
        "none" | "no_restriction" => Some(SameSite::None),
        _ => None,
    }
}

fn partition(at: &Field<'_>) -> Result<Option<String>, Error> {
    match at.value() {
        Some(Value::Object(_)) => {
            let key = ["topLevelSite", "sourceOrigin"].map(|key| at.at(key));
            Ok(key.iter().find_map(|key| key.maybe_text().transpose()).transpose()?.map(str::to_owned))
        }
        _ => Ok(at.maybe_text()?.map(str::to_owned)),
    }
}
