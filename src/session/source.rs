//! Where a token was found.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::url_text;
use crate::site::Origin;

/// Where a token comes from, so that it can be looked up again when it has been renewed.
///
/// It prints as a kind and a key, `localStorage:token`, and holds no value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Source {
    /// A cookie.
    Cookie {
        /// The cookie's name.
        name: String,
    },
    /// An entry of localStorage, or a value inside the JSON that it holds.
    LocalStorage {
        /// Whose storage.
        origin: Origin,
        /// The key of the entry.
        key: String,
    },
    /// An entry of sessionStorage, or a value inside the JSON that it holds.
    SessionStorage {
        /// Whose storage.
        origin: Origin,
        /// The key of the entry.
        key: String,
    },
    /// A record of an `IndexedDB` database, or a value inside it.
    IndexedDb {
        /// Whose storage.
        origin: Origin,
        /// The database.
        database: String,
        /// The object store.
        store: String,
        /// The record's key as JSON text; strings without their quotes.
        key: String,
    },
    /// A value in the JSON body of an answer.
    JsonBody {
        /// What was asked.
        #[serde(with = "url_text")]
        url: Url,
        /// The way to the value: names and numbers with dots between them.
        path: String,
    },
    /// A header of an answer.
    ResponseHeader {
        /// What was asked.
        #[serde(with = "url_text")]
        url: Url,
        /// The header's name.
        name: String,
    },
    /// Only the application's own script knows it: seen on a request, found in no storage.
    Memory,
    /// A parameter of a URL.
    Url {
        /// The parameter's name.
        key: String,
    },
    /// A `<meta>` tag of a page.
    Meta {
        /// Its name.
        name: String,
    },
    /// A hidden field of a form.
    Field {
        /// Its name.
        name: String,
    },
    /// Made from the user's credentials, as HTTP Basic authentication does.
    Credentials,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie { name } => write!(f, "cookie:{name}"),
            Self::LocalStorage { key, .. } => write!(f, "localStorage:{key}"),
            Self::SessionStorage { key, .. } => write!(f, "sessionStorage:{key}"),
            Self::IndexedDb { database, store, key, .. } => write!(f, "indexedDB:{database}/{store}/{key}"),
            Self::JsonBody { path, .. } => write!(f, "json:{path}"),
            Self::ResponseHeader { name, .. } => write!(f, "header:{name}"),
            Self::Memory => f.write_str("memory"),
            Self::Url { key } => write!(f, "url:{key}"),
            Self::Meta { name } => write!(f, "meta:{name}"),
            Self::Field { name } => write!(f, "field:{name}"),
            Self::Credentials => f.write_str("credentials"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_prints_as_kind_and_key() {
        let origin = Origin::parse("https://shop.example").unwrap();
        let source = Source::LocalStorage { origin: origin.clone(), key: "token".into() };
        assert_eq!(source.to_string(), "localStorage:token");
        let source =
            Source::IndexedDb { origin, database: "auth".into(), store: "users".into(), key: "me".into() };
        assert_eq!(source.to_string(), "indexedDB:auth/users/me");
        assert_eq!(Source::Memory.to_string(), "memory");
    }

    #[test]
    fn a_source_survives_json() {
        let url = Url::parse("https://shop.example/login").unwrap();
        let source = Source::JsonBody { url, path: "auth.token".into() };
        let json = serde_json::to_value(&source).unwrap();
        assert_eq!(json["kind"], "jsonBody");
        assert_eq!(serde_json::from_value::<Source>(json).unwrap(), source);
    }
}
