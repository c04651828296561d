//! curl commands: written for a shell, and read as browsers copy them.

use std::fmt::Write as _;

use url::Url;

use super::{Error, Format, Handed, export::Written, header_lines::pair, shell, taken::Taken};

/// A command that asks for `url` as the session's user.
pub(super) fn write(handed: &Handed, url: &Url) -> Result<Written, Error> {
    let lines = handed.request(url)?;
    lines.ensure_any(handed, Format::Curl)?;
    let mut text = format!("curl {}", shell::quote(url.as_str()));
    for (name, value) in lines.iter() {
        let value = value.expose();
        let _ = match name {
            "Cookie" => write!(text, " \\\n  -b {}", shell::quote(value)),
            "User-Agent" => write!(text, " \\\n  -A {}", shell::quote(value)),
            _ => write!(text, " \\\n  -H {}", shell::quote(&format!("{name}: {value}"))),
        };
    }
    text.push('\n');
    Ok(Written::new(text, lines.parts(handed, url)))
}

/// Whether a text begins as such a command does.
pub(super) fn is_one(text: &str) -> bool {
    text.trim_start().strip_prefix("curl").is_some_and(|rest| rest.starts_with([' ', '\t', '\\']))
}

/// Reads a command, or its arguments alone.
pub(super) fn read(text: &str, url: Option<&Url>) -> Result<Taken, Error> {
    let words = shell::words(text.trim())
        .ok_or_else(|| Error::damaged(Format::Curl, "a quote in it does not end"))?;
    let mut found = Found::default();
    let mut words = words.iter().map(String::as_str).skip_while(|word| *word == "curl");
    while let Some(word) = words.next() {
        found.word(word, &mut words);
    }
    found.taken(url, Format::Curl)
}

/// What the arguments say, before it is known where they go.
#[derive(Default)]
pub(super) struct Found {
    pub(super) url: Option<Url>,
    headers: Vec<(String, String)>,
    user: Option<String>,
    files: usize,
}

impl Found {
    fn word<'a>(&mut self, word: &'a str, rest: &mut impl Iterator<Item = &'a str>) {
        let (option, glued) = split(word);
        if option.is_empty() {
            self.option("url", word);
        } else if TAKES_VALUE.contains(&option) {
            let value = glued.or_else(|| rest.next()).unwrap_or_default();
            self.option(option, value);
        }
    }

    /// One option by its name, short or long, without dashes.
    pub(super) fn option(&mut self, name: &str, value: &str) {
        match name {
            "H" | "header" => {
                if let Some((name, value)) = pair(value) {
                    self.headers.push((name.to_owned(), value.to_owned()));
                } else {
                    self.files += usize::from(value.starts_with('@'));
                }
            }
            "b" | "cookie" if value.contains('=') => {
                self.headers.push(("Cookie".to_owned(), value.to_owned()));
            }
            "b" | "cookie" => self.files += 1,
            "A" | "user-agent" => self.headers.push(("User-Agent".to_owned(), value.to_owned())),
            "oauth2-bearer" => self.headers.push(("Authorization".to_owned(), format!("Bearer {value}"))),
            "u" | "user" => self.user = Some(value.to_owned()),
            "url" => self.url = Url::parse(value).ok().filter(Url::has_host).or(self.url.take()),
            _ => {}
        }
    }

    /// The session, for the address that was named or the one of the command.
    pub(super) fn taken(self, url: Option<&Url>, format: Format) -> Result<Taken, Error> {
        let url = url.or(self.url.as_ref()).ok_or(Error::WhichSite { format })?;
        let mut taken = Taken::new();
        for (name, value) in &self.headers {
            taken.header(url, name, value)?;
        }
        if let Some(user) = &self.user {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            taken.basic(url, name, password)?;
        }
        if self.files > 0 {
            let note = "left out a file that the command names; import it by itself";
            taken.notes.push(note.to_owned());
        }
        Ok(taken)
    }
}

/// An option without its dashes, and the value that stands in the same word.
fn split(word: &str) -> (&str, Option<&str>) {
    if let Some(long) = word.strip_prefix("--") {
        return (long, None);
    }
    match word.strip_prefix('-') {
        Some(short) if short.len() > 1 && short.is_char_boundary(1) => (&short[..1], Some(&short[1..])),
        Some(short) => (short, None),
        None => ("", None),
    }
}

/// The options whose value is the next word.
const TAKES_VALUE: &[&str] = &[
    "A",
    "b",
    "c",
    "d",
    "e",
    "E",
    "F",
    "H",
    "K",
    "m",
    "o",
    "T",
    "u",
    "U",
    "w",
    "x",
    "X",
    "cacert",
    "cert",
    "connect-timeout",
    "connect-to",
    "cookie",
    "cookie-jar",
    "data",
    "data-ascii",
    "data-binary",
    "data-raw",
    "data-urlencode",
    "form",
    "header",
    "json",
    "key",
    "max-time",
    "oauth2-bearer",
    "output",
    "proxy",
    "referer",
    "request",
    "resolve",
    "retry",
    "upload-file",
    "url",
    "user",
    "user-agent",
    "write-out",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_copied_from_a_browser_is_read() {
        let text = "curl 'https://shop.example/api/me?x=1' -X POST \\\n  -H 'accept: */*' \\\n  -H 'authorization: Bearer abc' \\\n  -H 'cookie: sid=1; lang=en' -H 'user-agent: Mozilla/5.0' --data-raw 'https://other.example/' --compressed -u 'x:y' --insecure";
        let taken = read(text, None).unwrap();
        let state = taken.state;
        assert_eq!(state.cookies.len(), 2);
        assert!(state.cookies.iter().all(|cookie| cookie.secure && cookie.domain == "shop.example"));
        assert_eq!(state.user_agent.as_deref(), Some("Mozilla/5.0"));
        assert_eq!(state.headers.len(), 1, "the last Authorization wins");
        assert_eq!(state.headers[0].value.expose(), "Basic eDp5");
    }
}
