//! Files for curl's `-K`: an option a line, its value in quotes.

use std::fmt::Write as _;

use url::Url;

use super::{Error, Format, Handed, curl::Found, export::Written, taken::Taken};

/// The options of a request to `url`; which page is asked for is left to whoever calls curl.
pub(super) fn write(handed: &Handed, url: &Url) -> Result<Written, Error> {
    let lines = handed.request(url)?;
    lines.ensure_any(handed, Format::CurlConfig)?;
    let mut text = format!("{MARK}{url}\n");
    for (name, value) in lines.iter() {
        let value = quote(value.expose());
        let _ = match name {
            "Cookie" => writeln!(text, "cookie = \"{value}\""),
            "User-Agent" => writeln!(text, "user-agent = \"{value}\""),
            _ => writeln!(text, "header = \"{name}: {value}\""),
        };
    }
    Ok(Written::new(text, lines.parts(handed, url)))
}

/// Whether a text has lines such as `header = "…"`; with a colon, these are headers themselves.
pub(super) fn is_one(text: &str) -> bool {
    let is_option = |line: &str| {
        let name = option(line).map(|(name, _)| name).filter(|name| KNOWN.contains(name));
        let after = name.map(|name| line.trim().trim_start_matches('-')[name.len()..].trim_start());
        after.is_some_and(|after| after.starts_with(['=', '"']))
    };
    text.starts_with(MARK) || text.lines().any(is_option)
}

/// Reads a file.
pub(super) fn read(text: &str, url: Option<&Url>) -> Result<Taken, Error> {
    let mut found = Found::default();
    for line in text.lines() {
        if let Some(url) = line.strip_prefix(MARK) {
            found.option("url", url);
        } else if let Some((name, value)) = option(line) {
            found.option(name, &value);
        }
    }
    found.taken(url, Format::CurlConfig)
}

/// The option on a line, without dashes, and its value.
fn option(line: &str) -> Option<(&str, String)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let bare = line.trim_start_matches('-');
    let end = bare.find(|c: char| c == '=' || c == ':' || c.is_whitespace())?;
    let value = bare[end..].trim_start().trim_start_matches(['=', ':']).trim();
    Some((&bare[..end], unquote(value)))
}

fn quote(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\t', "\\t")
}

fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let (mut out, mut chars) = (String::new(), inner.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

const MARK: &str = "# for ";
const KNOWN: &[&str] = &["header", "cookie", "user-agent", "user", "url", "H", "b", "A", "u"];
