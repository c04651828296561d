//! Postman environments: the session as variables.

use serde_json::{Value, json};
use url::Url;

use super::{Error, Format, Handed, Kind, export::Written, json::Field, taken::Taken};
use crate::{
    session::{Item, Secret},
    site::Origin,
};

/// An environment for `url`: its headers under their own names, and what its origin keeps in web storage.
pub(super) fn write(handed: &Handed, url: &Url) -> Result<Written, Error> {
    let lines = handed.request(url)?;
    lines.ensure_any(handed, Format::Postman)?;
    let base = url.as_str().trim_end_matches('/');
    let mut values = vec![json!({ "key": BASE, "value": base, "type": "default", "enabled": true })];
    values.extend(lines.iter().map(|(name, value)| secret(name, value)));
    let mut carried = lines.parts(handed, url);
    let stored = Origin::of(url).and_then(|origin| handed.state.origin(&origin));
    for (area, kind) in [(LOCAL, Kind::LocalStorage), (TAB, Kind::SessionStorage)] {
        let items =
            stored.map(|stored| if area == LOCAL { &stored.local_storage } else { &stored.session_storage });
        let items: &[Item] = items.map_or(&[], Vec::as_slice);
        values.extend(items.iter().map(|item| secret(&format!("{area}{}", item.name), &item.value)));
        carried = carried.with(kind, items.len());
    }
    let document = json!({
        "id": id(),
        "name": format!("handstamp {}", url.host_str().unwrap_or_default()),
        "values": values,
        "_postman_variable_scope": "environment",
        "_postman_exported_using": concat!("handstamp/", env!("CARGO_PKG_VERSION")),
    });
    Ok(Written::new(format!("{document:#}\n"), carried))
}

fn secret(key: &str, value: &Secret) -> Value {
    json!({ "key": key, "value": value.expose(), "type": "secret", "enabled": true })
}

/// A random name in the shape that Postman gives its own.
fn id() -> String {
    let hex = format!("{:032x}", rand::random::<u128>());
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Whether a document is an environment.
pub(super) fn is_one(document: &Value) -> bool {
    document.get("values").is_some_and(Value::is_array) && document.get("_postman_variable_scope").is_some()
}

/// Reads an environment; its address is that of `url`, or of the variable `baseUrl`.
pub(super) fn read(document: &Value, url: Option<&Url>) -> Result<Taken, Error> {
    let root = Field::root(document, Format::Postman);
    let all = root.at("values").items()?;
    let is_on = |at: &&Field<'_>| at.at("enabled").value() != Some(&Value::Bool(false));
    let pairs = all.iter().filter(is_on).map(|at| Ok((at.at("key").text()?, at.at("value").maybe_text()?)));
    let pairs: Vec<(&str, &str)> = pairs
        .collect::<Result<Vec<_>, Error>>()?
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
    let base = pairs.iter().find(|(key, _)| *key == BASE).and_then(|(_, value)| Url::parse(value).ok());
    let url = url.or(base.as_ref()).ok_or(Error::WhichSite { format: Format::Postman })?;
    let origin = Origin::of(url).ok_or(Error::WhichSite { format: Format::Postman })?;
    let mut taken = Taken::new();
    for (key, value) in pairs.into_iter().filter(|(key, _)| *key != BASE) {
        if let Some(name) = key.strip_prefix(LOCAL) {
            taken.state.origin_mut(&origin).local_storage.push(Item::new(name, value));
        } else if let Some(name) = key.strip_prefix(TAB) {
            taken.state.origin_mut(&origin).session_storage.push(Item::new(name, value));
        } else if is_header(key) {
            taken.header(url, key, value)?;
        } else {
            taken.notes.push(format!(
                "left out the variable `{}`, which is named like no header",
                key.escape_debug()
            ));
        }
    }
    taken.state.scope = vec![origin];
    Ok(taken)
}

/// Whether a variable is named like a header: `Cookie`, `Authorization`, `X-Token`.
fn is_header(key: &str) -> bool {
    let is_named =
        ["cookie", "authorization"].iter().any(|name| key.eq_ignore_ascii_case(name)) || key.contains('-');
    is_named && http::HeaderName::from_bytes(key.as_bytes()).is_ok()
}

const BASE: &str = "baseUrl";
const LOCAL: &str = "localStorage.";
const TAB: &str = "sessionStorage.";
