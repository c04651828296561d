//! Files of header lines: `Name: value`, one a line.

use std::fmt::Write as _;

use url::Url;

use super::{Error, Format, Handed, export::Written, taken::Taken};

/// The headers of a request to `url`.
pub(super) fn write(handed: &Handed, url: &Url) -> Result<Written, Error> {
    let lines = handed.request(url)?;
    lines.ensure_any(handed, Format::Headers)?;
    let mut text = String::new();
    for (name, value) in lines.iter() {
        let _ = writeln!(text, "{name}: {}", value.expose());
    }
    Ok(Written::new(text, lines.parts(handed, url)))
}

/// Whether every line that says something is a header.
pub(super) fn is_one(text: &str) -> bool {
    let mut lines = data(text).peekable();
    lines.peek().is_some() && lines.all(|(_, line)| pair(line).is_some())
}

/// Reads header lines for `url`; a request line before them is passed over.
pub(super) fn read(text: &str, url: Option<&Url>) -> Result<Taken, Error> {
    let url = url.ok_or(Error::WhichSite { format: Format::Headers })?;
    let mut taken = Taken::new();
    for (number, line) in data(text) {
        let wrong = || Error::damaged(Format::Headers, format!("line {number} is no `Name: value`"));
        let (name, value) = pair(line).ok_or_else(wrong)?;
        taken.header(url, name, value)?;
    }
    Ok(taken)
}

/// The lines with their numbers, without what is empty, a remark or a request line.
fn data(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim_end()));
    lines.filter(|(number, line)| {
        let is_request = *number == 1 && (line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/2"));
        !line.is_empty() && !line.starts_with('#') && !is_request
    })
}

/// A header's name and value.
pub(super) fn pair(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    http::HeaderName::from_bytes(name.as_bytes()).ok()?;
    Some((name, value.trim()))
}
