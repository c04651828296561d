//! The kinds of parts that a session is made of, and how many of each there are.

use std::fmt;

use crate::session::{Method, State};

/// A kind of part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A cookie.
    Cookie,
    /// An entry of localStorage.
    LocalStorage,
    /// An entry of sessionStorage.
    SessionStorage,
    /// A database of `IndexedDB`.
    Database,
    /// A request header that carries the session.
    Header,
    /// The User-Agent that logged in.
    UserAgent,
    /// The user name and password of HTTP authentication.
    Credentials,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Cookie,
        Self::LocalStorage,
        Self::SessionStorage,
        Self::Database,
        Self::Header,
        Self::UserAgent,
        Self::Credentials,
    ];

    /// The word for one of them, and that for several.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Cookie => ("cookie", "cookies"),
            Self::LocalStorage => ("localStorage entry", "localStorage entries"),
            Self::SessionStorage => ("sessionStorage entry", "sessionStorage entries"),
            Self::Database => ("IndexedDB database", "IndexedDB databases"),
            Self::Header => ("header", "headers"),
            Self::UserAgent => ("User-Agent", "User-Agents"),
            Self::Credentials => ("pair of name and password", "pairs of name and password"),
        }
    }

    /// The word for so many of them.
    #[must_use]
    pub fn word(self, count: usize) -> &'static str {
        if count == 1 { self.words().0 } else { self.words().1 }
    }
}

/// How many parts of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts([usize; Kind::ALL.len()]);

impl Parts {
    /// What a session is made of.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let (templates, credentials) = match &state.method {
            Method::Headers { headers } => (headers.len(), 0),
            Method::Http { .. } => (0, 1),
            _ => (0, 0),
        };
        let stored = |count: fn(&crate::session::OriginState) -> usize| state.origins.iter().map(count).sum();
        Self::default()
            .with(Kind::Cookie, state.cookies.len())
            .with(Kind::LocalStorage, stored(|origin| origin.local_storage.len()))
            .with(Kind::SessionStorage, stored(|origin| origin.session_storage.len()))
            .with(Kind::Database, stored(|origin| origin.indexed_db.len()))
            .with(Kind::Header, state.headers.len() + templates)
            .with(Kind::UserAgent, usize::from(state.user_agent.is_some()))
            .with(Kind::Credentials, credentials)
    }

    /// The same with so many more of a kind.
    #[must_use]
    pub fn with(mut self, kind: Kind, count: usize) -> Self {
        self.0[kind as usize] += count;
        self
    }

    /// How many there are of a kind.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.0[kind as usize]
    }

    /// Only these kinds.
    #[must_use]
    pub fn only(&self, kinds: &[Kind]) -> Self {
        kinds.iter().fold(Self::default(), |parts, kind| parts.with(*kind, self.count(*kind)))
    }

    /// What is here and not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let left = |kind: Kind| self.count(kind).saturating_sub(other.count(kind));
        Kind::ALL.into_iter().fold(Self::default(), |parts, kind| parts.with(kind, left(kind)))
    }

    /// The same, and of no kind more than `limit` has: for what was counted at several places.
    #[must_use]
    pub fn most(&self, limit: &Self) -> Self {
        let less = |kind: Kind| self.count(kind).min(limit.count(kind));
        Kind::ALL.into_iter().fold(Self::default(), |parts, kind| parts.with(kind, less(kind)))
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let there =
            Kind::ALL.into_iter().map(|kind| (kind, self.count(kind))).filter(|(_, count)| *count > 0);
        let told: Vec<_> = there.map(|(kind, count)| format!("{count} {}", kind.word(count))).collect();
        f.write_str(&told.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_by_kind_and_count() {
        let all = Parts::default().with(Kind::Cookie, 1).with(Kind::LocalStorage, 2).with(Kind::Header, 1);
        assert_eq!(all.to_string(), "1 cookie, 2 localStorage entries, 1 header");
        let left = all.without(&Parts::default().with(Kind::Cookie, 1).with(Kind::LocalStorage, 1));
        assert_eq!(left.to_string(), "1 localStorage entry, 1 header");
        assert!(left.only(&[Kind::Cookie]).is_empty());
    }
}
