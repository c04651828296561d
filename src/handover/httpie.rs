//! Session files of `HTTPie` and of xh, which share their shape.

use serde_json::{Value, json};
use url::Url;

use super::{
    Error, Format, Handed, Kind, Parts,
    export::{Written, blurred},
    json::Field,
    taken::{Taken, cookie_of},
};
use crate::{
    session::Cookie,
    site::{is_ip_address, is_public_suffix},
};

/// The session for the host of `url`.
pub(super) fn write(handed: &Handed, format: Format, url: &Url) -> Result<Written, Error> {
    let lines = handed.request(url)?;
    let cookies = handed.cookies_of_host(url);
    if cookies.is_empty() {
        lines.ensure_any(handed, format)?;
    }
    let headers: Value = lines
        .besides_cookies()
        .map(|(name, value)| json!({ "name": name, "value": value.expose() }))
        .collect();
    let document = json!({
        "__meta__": meta(format),
        "auth": auth(format),
        "cookies": cookies.iter().map(|cookie| entry(cookie, format)).collect::<Value>(),
        "headers": headers,
    });
    let parts = lines.parts(handed, url);
    let others = parts.only(&[Kind::Header, Kind::UserAgent, Kind::Credentials]);
    let count = |has: fn(&Cookie) -> bool| cookies.iter().filter(|cookie| has(cookie)).count();
    let lost = [
        blurred("SameSite", count(|cookie| cookie.same_site.is_some())),
        blurred("HttpOnly", count(|cookie| cookie.http_only)),
        blurred("the partition", count(|cookie| cookie.partition_key.is_some())),
    ];
    let carried: Parts = others.with(Kind::Cookie, cookies.len());
    let blurred = lost.into_iter().flatten().collect();
    Ok(Written { text: format!("{document:#}\n"), carried, blurred })
}

fn meta(format: Format) -> Value {
    match format {
        Format::Xh => json!({ "about": "xh session file", "xh": "0.26.1" }),
        _ => json!({
            "about": "HTTPie session file", "help": "https://httpie.io/docs#sessions", "httpie": "3.2.4",
        }),
    }
}

fn auth(format: Format) -> Value {
    match format {
        Format::Xh => json!({ "type": null, "raw_auth": null }),
        _ => json!({ "type": null, "username": null, "password": null }),
    }
}

fn entry(cookie: &Cookie, format: Format) -> Value {
    json!({
        "name": cookie.name,
        "value": cookie.value.expose(),
        "domain": domain(cookie, format),
        "path": cookie.path,
        "secure": cookie.secure,
        "expires": cookie.expires,
    })
}

/// The domain as each of the two understands it; a cookie without one is for the session's own host.
fn domain(cookie: &Cookie, format: Format) -> Value {
    match (format, cookie.host_only) {
        // xh sends a cookie with a domain to all names below it, too.
        (Format::Xh, true) => Value::Null,
        // Python keeps no cookies for names without a dot.
        (_, true) if !cookie.domain.contains(['.', ':']) => Value::Null,
        (Format::Xh, false) | (_, true) => json!(cookie.domain),
        (_, false) => json!(format!(".{}", cookie.domain)),
    }
}

/// Which of the two a document is, if any.
pub(super) fn detect(document: &Value) -> Option<Format> {
    let about = document.pointer("/__meta__/about")?.as_str()?;
    match about {
        "xh session file" => Some(Format::Xh),
        "HTTPie session file" => Some(Format::Httpie),
        _ => None,
    }
}

/// Reads a session file; what in it has no domain is for `url`.
pub(super) fn read(document: &Value, format: Format, url: Option<&Url>) -> Result<Taken, Error> {
    let root = Field::root(document, format);
    let needed = || url.ok_or(Error::WhichSite { format });
    let mut taken = Taken::new();
    for (name, at) in named(&root.at("cookies"))? {
        let domain = at.at("domain").maybe_text()?.filter(|domain| !domain.is_empty());
        let plain = match domain {
            None => Cookie { secure: false, ..cookie_of(needed()?, &name, at.at("value").text()?) },
            Some(domain) => Cookie {
                name,
                value: at.at("value").text()?.into(),
                domain: domain.trim_start_matches('.').to_ascii_lowercase(),
                host_only: match format {
                    Format::Xh => is_ip_address(domain) || is_public_suffix(domain),
                    _ => !domain.starts_with('.'),
                },
                ..Cookie::default()
            },
        };
        taken.state.cookies.push(Cookie {
            path: at.at("path").maybe_text()?.unwrap_or("/").to_owned(),
            expires: at.at("expires").end()?,
            secure: at.at("secure").flag()?,
            ..plain
        });
    }
    for (name, at) in named(&root.at("headers"))? {
        let value = match at.value() {
            Some(Value::String(text)) => text,
            _ => at.at("value").text()?,
        };
        taken.header(needed()?, &name, value)?;
    }
    take_auth(&mut taken, &root.at("auth"), &needed)?;
    Ok(taken)
}

fn take_auth<'a>(
    taken: &mut Taken,
    auth: &Field<'_>,
    url: &impl Fn() -> Result<&'a Url, Error>,
) -> Result<(), Error> {
    let raw = auth.at("raw_auth").maybe_text()?;
    match (auth.at("type").maybe_text()?, raw) {
        (Some("basic"), Some(raw)) => {
            let (name, password) = raw.split_once(':').unwrap_or((raw, ""));
            taken.basic(url()?, name, password)
        }
        (Some("basic"), None) => {
            taken.basic(url()?, auth.at("username").text()?, auth.at("password").text()?)
        }
        (Some("bearer"), Some(raw)) => taken.header(url()?, "Authorization", &format!("Bearer {raw}")),
        (Some(_), _) => {
            taken.notes.push("left out the authentication, which is neither basic nor bearer".to_owned());
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The entries of a list, or of the map that older versions wrote.
fn named<'a>(at: &Field<'a>) -> Result<Vec<(String, Field<'a>)>, Error> {
    if let Some(Value::Object(map)) = at.value() {
        return Ok(map.keys().map(|name| (name.clone(), at.at(name))).collect());
    }
    at.items()?.into_iter().map(|item| Ok((item.at("name").text()?.to_owned(), item))).collect()
}
