//! A session on its way to another tool, and where it may go.

use std::sync::Arc;

use http::header::{COOKIE, HeaderMap};
use url::Url;

use super::{Error, Format, HeaderLines};
use crate::{
    inject::{Credentials, HttpAuth, Mode, Stamp},
    session::{Cookie, Method, Shared, State, now},
    site::{Origin, Scope},
};

/// A session that is handed over.
#[derive(Debug, Clone)]
pub struct Handed {
    pub(super) state: State,
    pub(super) scope: Scope,
    pub(super) credentials: Option<Credentials>,
    pub(super) auth: Option<Arc<HttpAuth>>,
    stamp: Stamp,
}

impl Handed {
    /// A session that may go to `scope`, with the credentials of sessions that are carried by HTTP authentication.
    ///
    /// Fails on credentials that their scheme cannot carry.
    pub fn new(state: State, scope: Scope, credentials: Option<Credentials>) -> Result<Self, Error> {
        let auth = match (&state.method, &credentials) {
            (Method::Http { scheme }, Some(credentials)) => {
                Some(Arc::new(HttpAuth::new(*scheme, credentials.clone()).map_err(Error::Credentials)?))
            }
            _ => None,
        };
        let stamp =
            Stamp::new(Shared::new(state.clone()), scope.clone(), Mode::Force).with_auth(auth.clone());
        Ok(Self { state, scope, credentials, auth, stamp })
    }

    /// The session itself.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The address that a format is for: the one that was named, or the only one that can be meant.
    ///
    /// Fails where that is not clear, and where the session does not belong there.
    pub fn url(&self, named: Option<&Url>, format: Format) -> Result<Url, Error> {
        if let Some(url) = named {
            return self.in_scope(url).map(|()| url.clone());
        }
        let checked = self.state.check.as_ref().and_then(|check| Origin::of(&check.url));
        let checked = checked.filter(|origin| self.scope.has_origin(origin));
        let mut origins = self.scope.origins();
        let only = origins.next().filter(|_| origins.next().is_none()).cloned();
        let found = checked.or(only).map(|origin| origin.url());
        found.ok_or_else(|| Error::WhichUrl { format, origins: self.origins() })
    }

    /// The headers of a request to `url` by the session's user.
    pub fn request(&self, url: &Url) -> Result<HeaderLines, Error> {
        self.in_scope(url)?;
        let all: HeaderMap = self.stamp.request_headers(url);
        Ok(HeaderLines::of(&all))
    }

    /// The cookies that go to the host of `url`, under whatever path.
    pub(super) fn cookies_of_host(&self, url: &Url) -> Vec<&Cookie> {
        let now = now();
        let goes = |cookie: &&Cookie| {
            let mut below = url.clone();
            below.set_path(&cookie.path);
            cookie.matches(&below, now)
        };
        self.state.cookies.iter().filter(goes).collect()
    }

    /// How many cookies a request to `url` carries.
    pub(super) fn cookies_sent(&self, url: &Url) -> usize {
        let headers = self.stamp.request_headers(url);
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        lines.map(|line| line.split("; ").count()).sum()
    }

    /// The origins of the scope, for messages.
    pub(super) fn origins(&self) -> Vec<String> {
        self.scope.origins().map(ToString::to_string).collect()
    }

    fn in_scope(&self, url: &Url) -> Result<(), Error> {
        if self.scope.contains(url) {
            return Ok(());
        }
        let origin = url.origin().ascii_serialization();
        Err(Error::OutOfScope { origin, origins: self.origins() })
    }
}
