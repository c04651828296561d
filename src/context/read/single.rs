//! Fits single values: texts, secrets, numbers, URLs, expressions, words.

use std::path::PathBuf;

use url::Url;

use super::{fit::Fitting, shape::What, value::Value, variables::Lost, yaml::At};
use crate::{
    context::{
        SecretSource,
        words::{list, near},
    },
    session::{Credential, Secret},
    site::{BadPattern, Pattern},
};

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) at: At,
    pub(super) way: &'a str,
}

impl Fitting<'_> {
    /// The text with its variables.
    pub(super) fn expand(&mut self, text: &str, place: Place<'_>) -> Option<String> {
        Some(self.expand_all(text, place)?.0)
    }

    /// The text with its variables, and the names of those that came from the environment.
    fn expand_all(&mut self, text: &str, Place { at, way }: Place<'_>) -> Option<(String, Vec<String>)> {
        match self.variables.expand(text) {
            Ok(expanded) => return Some((expanded.text, expanded.from)),
            Err(Lost::Unknown(name)) => {
                let near =
                    near(&name, self.variables.names()).map(|near| format!("did you mean `${{{near}}}`?"));
                let hint = near.unwrap_or_else(|| format!("set it under `vars`, or export {name}"));
                self.problem(at, way, format!("the variable `${{{name}}}` is not set"), Some(hint));
            }
            Err(Lost::Endless(name)) => {
                self.problem(
                    at,
                    way,
                    format!("the variable `${{{name}}}` has no end: it is made of itself"),
                    None,
                );
            }
        }
        None
    }

    /// A single value that is what it should be. Messages quote it as it was written, before variables.
    pub(super) fn single(&mut self, raw: &str, what: What, place: Place<'_>) -> Option<Value> {
        if matches!(what, What::Code) {
            return Some(Value::Text(self.variables.expand_known(raw)));
        }
        let (text, from) = self.expand_all(raw, place)?;
        let value = match what {
            What::Hidden => Ok(Value::Hidden(Secret::from(text))),
            What::Secret => Ok(Value::Secret(self.secret(raw, text, &from, place))),
            What::Number(least, most) => number(&text, least, most),
            What::Url => url(&text).map(Value::Url),
            What::UrlText => url(&text).map(|_| Value::Text(text)),
            What::File => Ok(Value::File(self.file(&text, place))),
            What::Expression => Pattern::parse(&text).map(Value::Pattern).map_err(|e| bad_pattern(&e)),
            What::UrlExpression => Pattern::whole_url(&text).map(Value::Pattern).map_err(|e| bad_pattern(&e)),
            What::Word(words) => word(&text, words),
            _ => Ok(Value::Text(text)),
        };
        match value {
            Ok(value) => Some(value),
            Err((message, hint)) => {
                self.problem(place.at, place.way, format!("`{}` {message}", quoted(raw)), hint);
                None
            }
        }
    }

    fn secret(&mut self, raw: &str, text: String, from: &[String], place: Place<'_>) -> SecretSource {
        if let [name] = from
            && raw == format!("${{{name}}}")
        {
            return SecretSource::Reference(Credential::Env(name.clone()));
        }
        let last = place.way.rsplit('.').next().unwrap_or_default();
        if from.is_empty() && matches!(last, "password" | "secret") {
            let hint = format!("name where it is kept instead: `{last}Env`, `{last}File` or `{last}Command`");
            self.remark(place.at, place.way, "it stands in this file in clear", Some(hint));
        }
        SecretSource::Clear(text.into())
    }

    fn file(&mut self, text: &str, place: Place<'_>) -> PathBuf {
        let path = self.folder.join(text);
        if !path.exists() {
            self.remark(place.at, place.way, format!("there is no file `{}`", path.display()), None);
        }
        path
    }
}

type Refused = (String, Option<String>);

fn number(text: &str, least: u32, most: u32) -> Result<Value, Refused> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.map(Value::Number).ok_or_else(|| (format!("is no whole number from {least} to {most}"), None))
}

fn url(text: &str) -> Result<Url, Refused> {
    let hint = || Some("write it with its scheme, as in `https://shop.example/`".to_owned());
    let url = Url::parse(text).map_err(|e| (format!("is no URL: {e}"), hint()))?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(("is no http or https URL".into(), hint()))
    }
}

fn bad_pattern(error: &BadPattern) -> Refused {
    (format!("is no regular expression: {}", error.reason()), None)
}

fn word(text: &str, words: &'static [&'static str]) -> Result<Value, Refused> {
    if let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
        return Ok(Value::Word(word));
    }
    let choice = format!("choose one of {}", list(words.iter().copied()));
    if let Some((_, why)) = UNSUPPORTED.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
        return Err((format!("is not supported: {why}"), Some(choice)));
    }
    let guess = near(text, words.iter().copied()).map(|near| format!("did you mean `{near}`? "));
    Err(("is not known here".to_owned(), Some(guess.unwrap_or_default() + &choice)))
}

/// A value as it was written, without what stands before an `@` or behind a `?` in a URL, and not at length.
fn quoted(raw: &str) -> String {
    let raw = if raw.contains("://") { raw.split('?').next().unwrap_or(raw) } else { raw };
    let safe = match (raw.split_once("://"), raw.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, after))) => format!("{scheme}://***@{after}"),
        _ => raw.to_owned(),
    };
    let short: String = safe.chars().take(LONGEST_QUOTE).collect();
    if short.len() < safe.len() { short + "…" } else { short }
}

/// Words that people may look for here.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("ntlm", "it binds the login to a connection, which a proxy shares"),
    ("negotiate", "it needs a Kerberos ticket of the machine"),
];

/// Longer values are cut in messages.
const LONGEST_QUOTE: usize = 80;
