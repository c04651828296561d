//! `.netrc`: a machine, a user name and a password.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

use super::{Error, Format, Handed, Kind, Parts, export::Written, taken::Taken};
use crate::{
    session::{HttpScheme, Method},
    site::Origin,
};

/// The machines that get a user name and a password by HTTP authentication; a session by other means has none.
pub(super) fn write(handed: &Handed, url: Option<&Url>) -> Result<Written, Error> {
    let is_meant = |origin: &&Origin| url.is_none_or(|url| origin.contains(url));
    let mut text = String::new();
    let mut carried = Parts::default();
    let mut machine = |origin: &Origin, name: &str, password: &str| {
        let line = format!("machine {} login {} password {}\n", host(origin), word(name)?, word(password)?);
        // A file knows no ports: one line a host.
        if !text.contains(&line) {
            let _ = text.write_str(&line);
        }
        Ok::<_, Error>(())
    };
    if let (Method::Http { scheme: HttpScheme::Basic | HttpScheme::Digest }, Some(own)) =
        (&handed.state.method, &handed.credentials)
    {
        for origin in handed.scope.origins().filter(is_meant) {
            machine(origin, &own.username, own.password.expose())?;
        }
        carried = carried.with(Kind::Credentials, 1);
    }
    for token in handed.state.headers.iter().filter(|token| is_meant(&&token.origin)) {
        if let Some((name, password)) = basic(&token.name, token.value.expose()) {
            machine(&token.origin, &name, &password)?;
            carried = carried.with(Kind::Header, 1);
        }
    }
    Ok(Written::new(text, carried))
}

/// The user name and password of an `Authorization: Basic`.
fn basic(name: &str, value: &str) -> Option<(String, String)> {
    let pair = value.strip_prefix("Basic ").filter(|_| name.eq_ignore_ascii_case("authorization"))?;
    let pair = String::from_utf8(STANDARD.decode(pair.trim()).ok()?).ok()?;
    let (name, password) = pair.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

/// Hosts stand without brackets.
fn host(origin: &Origin) -> &str {
    origin.host().trim_start_matches('[').trim_end_matches(']')
}

/// A word, in quotes where it has to be.
fn word(text: &str) -> Result<String, Error> {
    if text.chars().any(char::is_control) {
        return Err(Error::Unsafe { kind: "credential", name: "password".to_owned() });
    }
    let is_plain = !text.is_empty() && !text.contains([' ', '"', '\\', '#']);
    let quoted = || format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    Ok(if is_plain { text.to_owned() } else { quoted() })
}

/// Whether a text has machines.
pub(super) fn is_one(text: &str) -> bool {
    let mut words = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    words.find(|line| !line.trim().is_empty()).is_some_and(|line| {
        let mut words = line.split_whitespace();
        matches!(words.next(), Some("machine" | "default" | "macdef"))
    })
}

/// Reads the machines, or the one of `url`. Each of them gets a header with its name and password.
pub(super) fn read(text: &str, url: Option<&Url>) -> Result<Taken, Error> {
    let mut taken = Taken::new();
    for machine in machines(text)? {
        let Some(host) = &machine.host else {
            taken.notes.push("left out the default entry, which is for no site in particular".to_owned());
            continue;
        };
        let address = match url {
            Some(url) if url.host_str() == Some(host) => url.clone(),
            Some(_) => continue,
            None => Url::parse(&format!("https://{host}/"))
                .map_err(|_| Error::damaged(Format::Netrc, "a machine in it is no host"))?,
        };
        taken.basic(&address, &machine.login, &machine.password)?;
    }
    if taken.state.headers.is_empty() {
        return Err(Error::NoSession { hint: "it has no machine of the address that --url names" });
    }
    Ok(taken)
}

#[derive(Default)]
struct Machine {
    host: Option<String>,
    login: String,
    password: String,
}

fn machines(text: &str) -> Result<Vec<Machine>, Error> {
    let cut = || Error::damaged(Format::Netrc, "it ends in the middle of an entry");
    let mut all: Vec<Machine> = Vec::new();
    let words = words(text).ok_or_else(cut)?;
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "machine" => {
                all.push(Machine { host: Some(words.next().ok_or_else(cut)?), ..Machine::default() });
            }
            "default" => all.push(Machine::default()),
            "login" | "password" | "account" => {
                let value = words.next().ok_or_else(cut)?;
                let Some(machine) = all.last_mut() else { return Err(cut()) };
                match word.as_str() {
                    "login" => machine.login = value,
                    "password" => machine.password = value,
                    _ => {}
                }
            }
            _ => return Err(Error::damaged(Format::Netrc, "it has a word that no entry has")),
        }
    }
    Ok(all)
}

/// The words of all lines, without remarks and macros. `None` where a quote does not end.
fn words(text: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut is_macro = false;
    for line in text.lines() {
        is_macro = (is_macro && !line.trim().is_empty()) || line.trim_start().starts_with("macdef");
        if !is_macro && !line.trim_start().starts_with('#') {
            all.extend(words_of(line)?);
        }
    }
    Some(all)
}

fn words_of(line: &str) -> Option<Vec<String>> {
    let (mut all, mut rest) = (Vec::new(), line.trim_start());
    while !rest.is_empty() {
        let Some(inner) = rest.strip_prefix('"') else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            all.push(rest[..end].to_owned());
            rest = rest[end..].trim_start();
            continue;
        };
        let (mut word, mut chars) = (String::new(), inner.chars());
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => word.push(chars.next()?),
                c => word.push(c),
            }
        }
        all.push(word);
        rest = chars.as_str().trim_start();
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_read_with_quotes_remarks_and_macros() {
        let text = "# mine\nmachine a.example login anna password \"x \\\"y\\\" #\"\nmacdef init\ncd /\n\nmachine b.example\n  login bert\n  password p#q\ndefault login x password y\n";
        let taken = read(text, None).unwrap();
        let values: Vec<_> =
            taken.state.headers.iter().map(|t| basic(&t.name, t.value.expose()).unwrap()).collect();
        assert_eq!(values, [("anna".into(), "x \"y\" #".into()), ("bert".into(), "p#q".into())]);
        assert_eq!(taken.notes.len(), 1);
        assert!(read("machine a.example login", None).is_err());
    }
}
