//! nuclei's secret file: what goes to which host, in YAML.

use std::fmt::Write as _;

use serde_json::{Value, json};
use url::Url;

use super::{Error, Format, Handed, HeaderLines, Kind, Parts, export::Written, json::Field, taken::Taken};
use crate::{context, site::Origin};

/// The secrets of each host of the session, or of that of `url`.
pub(super) fn write(handed: &Handed, url: Option<&Url>) -> Result<Written, Error> {
    let urls = match url {
        Some(url) => vec![url.clone()],
        None => addresses(handed),
    };
    let (mut text, mut carried) = (HEAD.to_owned(), Parts::default());
    for url in urls {
        let lines = handed.request(&url)?;
        let parts = lines.parts(handed, &url);
        for kind in [Kind::Cookie, Kind::Header, Kind::UserAgent, Kind::Credentials] {
            carried = carried.with(kind, parts.count(kind));
        }
        entries(&mut text, &domain(&url), &lines);
    }
    Ok(Written::new(text, carried.most(&Parts::of(&handed.state))))
}

/// One address for each host and port: the file knows no schemes, and encrypted ones go first.
fn addresses(handed: &Handed) -> Vec<Url> {
    let mut urls: Vec<Url> = Vec::new();
    let origins: Vec<&Origin> = handed.scope.origins().collect();
    let (secure, plain): (Vec<_>, Vec<_>) = origins.into_iter().partition(|origin| origin.is_secure());
    for url in secure.into_iter().chain(plain).map(Origin::url) {
        if urls.iter().all(|known| domain(known) != domain(&url)) {
            urls.push(url);
        }
    }
    urls
}

/// Host and port; the ports that go without saying are left out.
fn domain(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn entries(text: &mut String, domain: &str, lines: &HeaderLines) {
    let mut headers = Vec::new();
    for (name, value) in lines.besides_cookies() {
        match value.expose().strip_prefix("Bearer ").filter(|_| name == "Authorization") {
            Some(token) => {
                let _ = write!(
                    text,
                    "  - type: BearerToken\n    domains: [{}]\n    token: {}\n",
                    json!(domain),
                    json!(token)
                );
            }
            None => headers.push((name, value.expose())),
        }
    }
    list(text, "Header", "headers", domain, &headers);
    let cookies = lines.get("Cookie").map(crate::session::Secret::expose).unwrap_or_default();
    let pairs: Vec<_> = cookies.split("; ").filter_map(|pair| pair.split_once('=')).collect();
    list(text, "Cookie", "cookies", domain, &pairs);
}

/// JSON texts are YAML texts.
fn list(text: &mut String, kind: &str, key: &str, domain: &str, pairs: &[(&str, &str)]) {
    if pairs.is_empty() {
        return;
    }
    let _ = write!(text, "  - type: {kind}\n    domains: [{}]\n    {key}:\n", json!(domain));
    for (name, value) in pairs {
        let _ = write!(text, "      - key: {}\n        value: {}\n", json!(name), json!(value));
    }
}

/// Whether a text is such a file.
pub(super) fn is_one(text: &str) -> bool {
    let list = |text: &str| context::tree(text).ok()?.get("static").map(Value::is_array);
    text.contains("static") && list(text) == Some(true)
}

/// Reads the secrets; those for expressions instead of hosts are left out, and so is what a template would get.
pub(super) fn read(text: &str, url: Option<&Url>) -> Result<Taken, Error> {
    let document = context::tree(text).map_err(|reason| Error::damaged(Format::Nuclei, reason))?;
    let root = Field::root(&document, Format::Nuclei);
    let mut taken = Taken::new();
    for secret in root.at("static").items()? {
        for domain in secret.at("domains").items()? {
            let address = address(domain.text()?, url)?;
            one(&mut taken, &secret, &address)?;
        }
        if secret.at("domains-regex").is_there() {
            taken.notes.push("left out secrets for `domains-regex`, which name no site".to_owned());
        }
    }
    if root.at("dynamic").is_there() {
        taken.notes.push("left out `dynamic`: nuclei gets these by itself".to_owned());
    }
    Ok(taken)
}

/// The address of a host: that of `url` where it is the same, else an encrypted one.
fn address(domain: &str, url: Option<&Url>) -> Result<Url, Error> {
    if let Some(url) = url.filter(|url| self::domain(url) == domain) {
        return Ok(url.clone());
    }
    Url::parse(&format!("https://{domain}/"))
        .map_err(|_| Error::damaged(Format::Nuclei, "one of the `domains` is no host"))
}

fn one(taken: &mut Taken, secret: &Field<'_>, url: &Url) -> Result<(), Error> {
    let kind = secret.at("type").text()?.to_ascii_lowercase();
    match kind.as_str() {
        "bearertoken" => {
            taken.header(url, "Authorization", &format!("Bearer {}", secret.at("token").text()?))
        }
        "basicauth" => taken.basic(url, secret.at("username").text()?, secret.at("password").text()?),
        "header" => {
            secret.at("headers").items()?.iter().try_for_each(|header| {
                taken.header(url, header.at("key").text()?, header.at("value").text()?)
            })
        }
        "cookie" => secret.at("cookies").items()?.iter().try_for_each(|cookie| {
            if let Some(raw) = cookie.at("raw").maybe_text()? {
                let line = raw.trim_start_matches("Set-Cookie:").trim_start_matches("Cookie:");
                return taken.cookies(url, line.split(';').next().unwrap_or_default());
            }
            let pair = format!("{}={}", cookie.at("key").text()?, cookie.at("value").text()?);
            taken.cookies(url, &pair)
        }),
        _ => {
            taken.notes.push("left out a secret that goes into the query".to_owned());
            Ok(())
        }
    }
}

const HEAD: &str = "id: handstamp-session
info:
  name: a session of handstamp
  author: handstamp
  severity: info
static:
";
