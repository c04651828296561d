//! The parts of a session that can be left out one by one.

use std::fmt;

use serde::Serialize;

use crate::{
    session::{Database, Explained, Item, Method, OriginState, Source, State, looks_like_token, now},
    site::Origin,
};

/// A part of a session. It prints as a kind and a key, and holds no value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Part {
    /// A cookie.
    Cookie {
        /// Its name.
        name: String,
        /// Its domain.
        domain: String,
        /// Its path.
        path: String,
    },
    /// A request header.
    Header {
        /// Its name.
        name: String,
    },
    /// An entry of localStorage.
    LocalStorage {
        /// Whose storage.
        origin: Origin,
        /// Its key; nothing for all entries together that look like no tokens.
        key: Option<String>,
    },
    /// An entry of sessionStorage.
    SessionStorage {
        /// Whose storage.
        origin: Origin,
        /// Its key; nothing for all entries together that look like no tokens.
        key: Option<String>,
    },
    /// An `IndexedDB` database.
    Database {
        /// Whose storage.
        origin: Origin,
        /// Its name.
        name: String,
    },
}

impl Part {
    /// What plain requests to the check's address carry, the likeliest first.
    pub(super) fn on_requests(state: &State) -> Vec<Self> {
        let Some(check) = &state.check else { return Vec::new() };
        let mut parts = match &state.method {
            Method::Browser => {
                let mut names: Vec<_> =
                    state.headers_for(&check.url).map(|token| token.name.clone()).collect();
                names.sort_by_key(|name| !name.eq_ignore_ascii_case("authorization"));
                names.into_iter().map(|name| Self::Header { name }).collect()
            }
            Method::Headers { headers } => {
                headers.iter().map(|header| Self::Header { name: header.name.clone() }).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        };
        let mut cookies = state.cookies_for(&check.url, now());
        cookies.sort_by_key(|cookie| {
            std::cmp::Reverse((
                cookie.http_only,
                is_telling(&cookie.name),
                looks_like_token(cookie.value.expose()),
            ))
        });
        parts.extend(cookies.into_iter().map(Self::cookie));
        parts
    }

    /// What a fresh browser can be given, the likeliest first: tokens that requests need, then those in storage, cookies, and
    /// the rest.
    pub(super) fn in_browser(state: &State, needed: &[Self]) -> Vec<Self> {
        let tokens = state.tokens();
        let sources: Vec<&Source> = tokens.iter().map(|token| &token.source).collect();
        let mut parts: Vec<Self> = state.cookies.iter().map(Self::cookie).collect();
        for stored in &state.origins {
            parts.extend(Self::of_storage(stored, &sources));
        }
        // A header that requests can do without tells nothing of where the token is.
        let is_needed = |name: &str| {
            needed.is_empty()
                || needed.iter().any(|part| matches!(part, Self::Header { name: own } if own == name))
        };
        let carriers: Vec<&Source> = state
            .headers
            .iter()
            .filter(|header| is_needed(&header.name))
            .map(|header| &header.source)
            .collect();
        parts.sort_by_key(|part| {
            let is_first = needed.contains(part) || carriers.iter().any(|source| part.holds(source));
            let is_rest =
                matches!(part, Self::LocalStorage { key: None, .. } | Self::SessionStorage { key: None, .. });
            let is_cookie = matches!(part, Self::Cookie { .. });
            (!is_first, is_rest, is_cookie && !part.is_hidden(state), is_cookie)
        });
        parts
    }

    fn cookie(cookie: &crate::session::Cookie) -> Self {
        Self::Cookie { name: cookie.name.clone(), domain: cookie.domain.clone(), path: cookie.path.clone() }
    }

    fn of_storage(stored: &OriginState, tokens: &[&Source]) -> Vec<Self> {
        let mut parts = Vec::new();
        let origin = || stored.origin.clone();
        for item in &stored.local_storage {
            let own = Self::LocalStorage { origin: origin(), key: Some(item.name.clone()) };
            let rest = Self::LocalStorage { origin: origin(), key: None };
            parts.push(if tokens.iter().any(|source| own.holds(source)) { own } else { rest });
        }
        for item in &stored.session_storage {
            let own = Self::SessionStorage { origin: origin(), key: Some(item.name.clone()) };
            let rest = Self::SessionStorage { origin: origin(), key: None };
            parts.push(if tokens.iter().any(|source| own.holds(source)) { own } else { rest });
        }
        parts.extend(
            stored
                .indexed_db
                .iter()
                .map(|base| Self::Database { origin: origin(), name: base.name().to_owned() }),
        );
        parts.sort();
        parts.dedup();
        parts
    }

    /// Whether a value from a source is in this part.
    #[must_use]
    pub fn holds(&self, source: &Source) -> bool {
        match (self, source) {
            (Self::Cookie { name, .. }, Source::Cookie { name: known }) => name == known,
            (
                Self::LocalStorage { origin, key: Some(key) },
                Source::LocalStorage { origin: of, key: known },
            )
            | (
                Self::SessionStorage { origin, key: Some(key) },
                Source::SessionStorage { origin: of, key: known },
            ) => origin == of && key == known,
            (Self::Database { origin, name }, Source::IndexedDb { origin: of, database, .. }) => {
                origin == of && name == database
            }
            _ => false,
        }
    }

    /// Whether a token goes out as this part, or is kept in it.
    #[must_use]
    pub fn is_of(&self, token: &Explained) -> bool {
        use crate::session::Sink;
        match self {
            Self::Header { name: own } => token
                .sent_as
                .iter()
                .any(|sink| matches!(sink, Sink::Header { name, .. } if name.eq_ignore_ascii_case(own))),
            Self::Cookie { domain, .. } => {
                self.holds(&token.source) && token.domain.as_ref().is_none_or(|known| known == domain)
            }
            _ => self.holds(&token.source),
        }
    }

    /// Whether it is a cookie that scripts cannot read.
    fn is_hidden(&self, state: &State) -> bool {
        state.cookies.iter().any(|cookie| cookie.http_only && Self::cookie(cookie) == *self)
    }
}

/// A session with some of these parts alone; what is none of them stays.
pub(super) fn with_only(state: &State, all: &[Part], kept: &[&Part]) -> State {
    let left_out: Vec<&Part> = all.iter().filter(|part| !kept.contains(part)).collect();
    let mut rest = state.clone();
    let is_out = |part: &Part| left_out.contains(&part);
    rest.cookies.retain(|cookie| !is_out(&Part::cookie(cookie)));
    let stays =
        |name: &str| !left_out.iter().any(|part| matches!(part, Part::Header { name: out } if out == name));
    rest.headers.retain(|token| stays(&token.name));
    if let Method::Headers { headers } = &mut rest.method {
        headers.retain(|header| stays(&header.name));
    }
    for stored in &mut rest.origins {
        let origin = stored.origin.clone();
        let local = |key| Part::LocalStorage { origin: origin.clone(), key };
        let session = |key| Part::SessionStorage { origin: origin.clone(), key };
        stored.local_storage.retain(|item| stays_in(item, all, &left_out, &local));
        stored.session_storage.retain(|item| stays_in(item, all, &left_out, &session));
        let base = |base: &Database| Part::Database { origin: origin.clone(), name: base.name().to_owned() };
        stored.indexed_db.retain(|database| !is_out(&base(database)));
    }
    rest
}

/// Whether an entry stays: by its own part, or else by that of the rest.
fn stays_in(item: &Item, all: &[Part], left_out: &[&Part], part: &impl Fn(Option<String>) -> Part) -> bool {
    let own = part(Some(item.name.clone()));
    let of = if all.contains(&own) { own } else { part(None) };
    !left_out.contains(&&of)
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie { name, .. } => write!(f, "cookie:{name}"),
            Self::Header { name } => write!(f, "header:{name}"),
            Self::LocalStorage { key: Some(key), .. } => write!(f, "localStorage:{key}"),
            Self::SessionStorage { key: Some(key), .. } => write!(f, "sessionStorage:{key}"),
            Self::LocalStorage { key: None, .. } => f.write_str("the rest of localStorage"),
            Self::SessionStorage { key: None, .. } => f.write_str("the rest of sessionStorage"),
            Self::Database { name, .. } => write!(f, "indexedDB:{name}"),
        }
    }
}

/// Whether a cookie's name speaks of sessions; a prior for the order alone.
fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["sess", "sid", "auth", "token", "jwt", "login", "user"].iter().any(|word| name.contains(word))
}
