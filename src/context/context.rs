//! A context: a named application under test.

use std::{collections::BTreeSet, time::Duration};

use url::Url;

use super::{Authentication, Management, User, Verification};
use crate::{
    session::{self, Reference, Secret},
    site::{Origin, Pattern, Scope},
};

/// A named application: its scope, how one logs in, how that is told and carried, and its users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// Where it begins. Everything below these is in scope.
    pub urls: Vec<Url>,
    /// What is in scope beside that; each matches whole URLs.
    pub include: Vec<Pattern>,
    /// What is out of scope; each matches whole URLs.
    pub exclude: Vec<Pattern>,
    /// How its users get logged in.
    pub authentication: Authentication,
    /// How one tells that they are.
    pub verification: Verification,
    /// How their sessions are carried.
    pub management: Management,
    /// Its users, in the order of the file.
    pub users: Vec<User>,
    /// The user whose session goes onto requests that name none.
    pub forced_user: Option<String>,
    /// How a session is ended at the server.
    pub logout: Option<Logout>,
    /// How sessions are renewed.
    pub renewal: Renewal,
}

/// The request that ends a session at the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logout {
    /// Where it goes.
    pub url: Url,
    /// Its method; by default `GET`, or `POST` where there is a body.
    pub method: String,
    /// Its body.
    pub body: Option<Secret>,
}

/// Limits on new logins, so that no account gets locked. What is not told is left to whoever renews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Renewal {
    /// After so many failed logins in a row nobody tries again.
    pub max_failures: Option<u32>,
    /// How long to wait after the first failed login; longer after each one more.
    pub back_off: Option<Duration>,
    /// How long before its end a token is renewed.
    pub before_expiry: Option<Duration>,
}

impl Context {
    /// The URLs that belong to it.
    ///
    /// As in ZAP, everything that begins with one of `urls` is in scope, whatever `include` expressions match is too,
    /// and whatever `exclude` expressions match is not. Origins are those of `urls`, and those that an include
    /// expression spells out.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let below = self.urls.iter().filter_map(|url| Pattern::beginning_with(url.as_str()).ok());
        let include = below.chain(self.include.iter().cloned());
        let scope = include.fold(Scope::new(self.origins()), Scope::include);
        self.exclude.iter().cloned().fold(scope, Scope::exclude)
    }

    /// The origins of its URLs, and those that an include expression spells out, each once.
    #[must_use]
    pub fn origins(&self) -> BTreeSet<Origin> {
        let told = self.urls.iter().filter_map(Origin::of);
        told.chain(self.include.iter().filter_map(|p| spelled_out(p.as_str()))).collect()
    }

    /// The user of this name.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// The user whose session goes onto requests that name none.
    #[must_use]
    pub fn forced(&self) -> Option<&User> {
        self.user(self.forced_user.as_deref()?)
    }

    /// The name of a user's session in the store: `context/user`, with `-` for what such names do not take.
    pub fn session(&self, user: &User) -> Result<Reference, session::Error> {
        Reference::of_user(&as_word(&self.name), &as_word(&user.name))
    }
}

/// A name with `-` in place of all that a session's name does not take.
pub(super) fn as_word(name: &str) -> String {
    let word: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._@-".contains(c) { c } else { '-' }).collect();
    // A name that begins like a path would be taken for a file.
    if word.starts_with('.') { format!("-{word}") } else { word }
}

/// The origin at the begin of an expression, where it is written without anything that has more than one meaning.
fn spelled_out(expression: &str) -> Option<Origin> {
    let text = expression.trim_start_matches('^').replace("\\Q", "").replace("\\E", "");
    let (scheme, rest) = text.split_once("://")?;
    let host = rest.replace("\\.", ".").replace("\\/", "/").replace("\\-", "-");
    let host = host.split(".*").next()?.split(['/', '?', '#']).next()?;
    let is_plain = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c));
    is_plain.then(|| Origin::parse(&format!("{scheme}://{host}")).ok())?
}
