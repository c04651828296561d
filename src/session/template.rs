//! Header values with places in them that are filled from the session.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A header and the template that its value is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeaderTemplate {
    /// The header's name.
    pub name: String,
    /// What its value is made from.
    pub value: Template,
}

/// A text with places, such as `Bearer {%json:authentication.token%}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template(Vec<Part>);

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// It stands in the value as it is.
    Text(String),
    /// It is looked up.
    Place(Place),
}

/// Where a piece of a header's value is found. `path` leads into a stored value that is JSON, and stands after a `|`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Place {
    /// `json:a.b.0`: in the JSON body of the login's answer.
    Json(String),
    /// `header:Name`: a header of the login's answer.
    Header(String),
    /// `cookie:Name`: a cookie that goes to the request's URL.
    Cookie(String),
    /// `url:key`: a parameter of the login's URLs.
    Url(String),
    /// `env:VAR`: an environment variable.
    Env(String),
    /// `script:var`: a global variable that a script has set.
    Script(String),
    /// `localStorage:key` or `localStorage:key|path`.
    LocalStorage(String, Option<String>),
    /// `sessionStorage:key` or `sessionStorage:key|path`.
    SessionStorage(String, Option<String>),
    /// `indexedDB:database/store/key` or `indexedDB:database/store/key|path`.
    IndexedDb {
        /// The database.
        database: String,
        /// The object store.
        store: String,
        /// The record's key as JSON text; strings without their quotes.
        key: String,
        /// The way into the record.
        path: Option<String>,
    },
    /// `memory:Header`: the last value of that request header that the application's own script sent.
    Memory(String),
}

impl Template {
    /// Its pieces, in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The places in it, in order.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.iter().filter_map(|part| match part {
            Part::Place(place) => Some(place),
            Part::Text(_) => None,
        })
    }
}

impl FromStr for Template {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{%") {
            let (place, left) = after.split_once("%}").ok_or_else(|| BadTemplate::open(after))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Place(place.trim().parse()?));
            rest = left;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }
}

impl FromStr for Place {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        let (kind, key) = text.split_once(':').ok_or_else(|| BadTemplate::unknown(text))?;
        if key.is_empty() {
            return Err(BadTemplate::unknown(text));
        }
        let inner = || match key.split_once('|') {
            Some((key, path)) => (key.to_owned(), Some(path.to_owned())),
            None => (key.to_owned(), None),
        };
        Ok(match kind {
            "json" => Self::Json(key.to_owned()),
            "header" => Self::Header(key.to_owned()),
            "cookie" => Self::Cookie(key.to_owned()),
            "url" => Self::Url(key.to_owned()),
            "env" => Self::Env(key.to_owned()),
            "script" => Self::Script(key.to_owned()),
            "memory" => Self::Memory(key.to_owned()),
            "localStorage" => Self::LocalStorage(inner().0, inner().1),
            "sessionStorage" => Self::SessionStorage(inner().0, inner().1),
            "indexedDB" => {
                let (way, path) = inner();
                let mut names = way.splitn(3, '/').map(str::to_owned);
                match (names.next(), names.next(), names.next()) {
                    (Some(database), Some(store), Some(key)) => {
                        Self::IndexedDb { database, store, key, path }
                    }
                    _ => return Err(BadTemplate::unknown(text)),
                }
            }
            _ => return Err(BadTemplate::unknown(text)),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, key, path) = match self {
            Self::Json(key) => ("json", key.clone(), None),
            Self::Header(key) => ("header", key.clone(), None),
            Self::Cookie(key) => ("cookie", key.clone(), None),
            Self::Url(key) => ("url", key.clone(), None),
            Self::Env(key) => ("env", key.clone(), None),
            Self::Script(key) => ("script", key.clone(), None),
            Self::Memory(key) => ("memory", key.clone(), None),
            Self::LocalStorage(key, path) => ("localStorage", key.clone(), path.as_ref()),
            Self::SessionStorage(key, path) => ("sessionStorage", key.clone(), path.as_ref()),
            Self::IndexedDb { database, store, key, path } => {
                ("indexedDB", format!("{database}/{store}/{key}"), path.as_ref())
            }
        };
        write!(f, "{kind}:{key}")?;
        path.map_or(Ok(()), |path| write!(f, "|{path}"))
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Place(place) => write!(f, "{{%{place}%}}"),
        })
    }
}

impl TryFrom<String> for Template {
    type Error = BadTemplate;

    fn try_from(text: String) -> Result<Self, BadTemplate> {
        text.parse()
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.to_string()
    }
}

/// A template that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}\nhint: {KINDS}")]
pub struct BadTemplate {
    message: String,
}

impl BadTemplate {
    fn open(rest: &str) -> Self {
        let start: String = rest.chars().take(20).collect();
        Self { message: format!("`{{%{start}` has no end `%}}`") }
    }

    fn unknown(place: &str) -> Self {
        Self { message: format!("`{{%{place}%}}` is no place that a header can be made from") }
    }
}

const KINDS: &str = "write {%json:a.b%}, {%header:Name%}, {%cookie:Name%}, {%url:key%}, {%env:VAR%}, {%script:var%}, {%localStorage:key%}, {%sessionStorage:key%}, {%indexedDB:database/store/key%} or {%memory:Header%}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_prints_as_it_was_written() {
        for text in [
            "Bearer {%json:authentication.token%}",
            "token={%cookie:token%}; a=1",
            "{%localStorage:persist:root|auth.token%}",
            "{%indexedDB:db/store/a/b|x.0%}",
            "plain",
            "",
        ] {
            assert_eq!(text.parse::<Template>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_place_is_refused_with_the_list_of_places() {
        for text in ["{%json:a", "{%jsn:a%}", "{%json:%}", "{%indexedDB:a/b%}", "{%token%}"] {
            let error = text.parse::<Template>().unwrap_err().to_string();
            assert!(error.contains("hint: write {%json:a.b%}"), "{error}");
        }
    }
}
