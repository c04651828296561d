//! Puts a session onto an HTTP request, and takes what the answer renews back into it.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{ACCESS_CONTROL_REQUEST_METHOD, SET_COOKIE, USER_AGENT},
};
use percent_encoding::percent_decode_str;
use url::Url;

use super::cookie_header;
use crate::{
    session::{Cookie, HeaderToken, Shared, Source, State, now},
    site::{Scope, registrable_domain},
};

/// How a request and the session get along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The request of a forced user: the session replaces what the request carries.
    Force,
    /// The request of a client that may log in itself: one that carries a session keeps it, any other
    /// is treated as in [`Mode::Force`].
    Fill,
    /// The request of a browser that the session was put into: nothing is replaced. Only tokens that live
    /// in the memory of a script are added where they are missing, for a browser cannot be given those.
    Follow,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamped {
    /// It goes to a place out of scope, and was left alone.
    OutOfScope,
    /// It is a CORS preflight, which carries no session. See 3.3.3 of the Fetch standard.
    Preflight,
    /// It carried a session of its own, and was left alone.
    Carried,
    /// The session has nothing for this place.
    Nothing,
    /// The session is on it.
    Put,
}

/// Stamps requests with a session that others may renew meanwhile.
#[derive(Debug, Clone)]
pub struct Stamp {
    shared: Shared,
    scope: Scope,
    mode: Mode,
}

impl Stamp {
    /// Stamps requests to URLs in `scope`, and no others.
    #[must_use]
    pub fn new(shared: Shared, scope: Scope, mode: Mode) -> Self {
        Self { shared, scope, mode }
    }

    /// Puts the session on a request to `url`.
    ///
    /// Cookies go where RFC 6265bis sends them, within the scope; those of the client that have other names stay.
    /// Header tokens go to their own origin, and the User-Agent of the login goes along. A token that
    /// repeats a cookie, as protection against forged requests does, is made anew from that cookie.
    pub fn put_on(&self, method: &Method, url: &Url, headers: &mut HeaderMap) -> Stamped {
        if !self.scope.contains(url) {
            return Stamped::OutOfScope;
        }
        if method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return Stamped::Preflight;
        }
        self.shared.read(|state| match self.mode {
            Mode::Force => put_all(state, url, headers),
            Mode::Fill if carries(state, url, headers) => Stamped::Carried,
            Mode::Fill => put_all(state, url, headers),
            Mode::Follow => add_memory(state, url, headers),
        })
    }

    /// Takes the cookies that an answer from `url` sets or removes into the session, if it is in scope.
    ///
    /// Returns whether that changed anything; everybody who watches the session hears of it.
    pub fn learn(&self, url: &Url, response_headers: &HeaderMap) -> bool {
        if !self.scope.contains(url) || !response_headers.contains_key(SET_COOKIE) {
            return false;
        }
        let lines: Vec<_> = response_headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|line| std::str::from_utf8(line.as_bytes()).ok())
            .collect();
        self.shared.update_if(|state| {
            lines.iter().fold(false, |changed, line| state.receive_cookie(line, url, now()) | changed)
        })
    }

    /// Whether a request carries the session, its own or this one: a header of a header token's name that
    /// is not empty, or a cookie that is named like one that the session has for `url`.
    #[must_use]
    pub fn carries(&self, url: &Url, headers: &HeaderMap) -> bool {
        self.scope.contains(url) && self.shared.read(|state| carries(state, url, headers))
    }

    /// The headers of a plain `GET` request to `url` by the session's user, empty out of scope.
    #[must_use]
    pub fn request_headers(&self, url: &Url) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.scope.contains(url) {
            self.shared.read(|state| put_all(state, url, &mut headers));
        }
        headers
    }
}

fn carries(state: &State, url: &Url, headers: &HeaderMap) -> bool {
    let has = |token: &HeaderToken| headers.get(&token.name).is_some_and(|value| !value.is_empty());
    let cookies = state.cookies_for(url, now());
    state.headers_for(url).any(has)
        || cookie_header::names(headers).any(|name| cookies.iter().any(|c| c.name.as_bytes() == name))
}

fn put_all(state: &State, url: &Url, headers: &mut HeaderMap) -> Stamped {
    let cookies = state.cookies_for(url, now());
    let mut put = !cookies.is_empty();
    cookie_header::merge(headers, &cookies);
    for token in state.headers_for(url) {
        put |= set(headers, token, &current_value(state, url, token));
    }
    if let Some(agent) = state.user_agent.as_deref().and_then(|agent| HeaderValue::from_str(agent).ok()) {
        headers.insert(USER_AGENT, agent);
    }
    if put { Stamped::Put } else { Stamped::Nothing }
}

fn add_memory(state: &State, url: &Url, headers: &mut HeaderMap) -> Stamped {
    let mut put = false;
    for token in state.headers_for(url).filter(|token| token.source == Source::Memory) {
        if !headers.contains_key(&token.name) {
            put |= set(headers, token, token.value.expose());
        }
    }
    match put {
        true => Stamped::Put,
        false if carries(state, url, headers) => Stamped::Carried,
        false => Stamped::Nothing,
    }
}

/// Sets a header, unless its name or value would break the request.
fn set(headers: &mut HeaderMap, token: &HeaderToken, value: &str) -> bool {
    let (Ok(name), Ok(mut value)) = (HeaderName::try_from(&token.name), HeaderValue::from_str(value)) else {
        return false;
    };
    value.set_sensitive(true);
    headers.insert(name, value);
    true
}

/// The value of a token; where it repeats a cookie, as that cookie is now.
fn current_value(state: &State, url: &Url, token: &HeaderToken) -> String {
    let kept = token.value.expose();
    let Source::Cookie { name } = &token.source else { return kept.to_owned() };
    let Some(cookie) = repeated(state, url, name) else { return kept.to_owned() };
    let value = cookie.value.expose();
    // Scripts decode such a cookie before they send it, or they do not: the value that was seen tells.
    if is_encoded(value) && !is_encoded(kept) {
        percent_decode_str(value).decode_utf8_lossy().into_owned()
    } else {
        value.to_owned()
    }
}

/// The cookie that a script on this site reads: one that goes to `url`, or one of the same registered
/// domain, since the page may stand on another host than what it calls.
fn repeated<'a>(state: &'a State, url: &Url, name: &str) -> Option<&'a Cookie> {
    let sent = state.cookies_for(url, now()).into_iter().find(|cookie| cookie.name == name);
    let site = registrable_domain(url.host_str()?);
    let related = |cookie: &&Cookie| {
        cookie.name == name
            && !cookie.is_expired(now())
            && (!cookie.secure || url.scheme() == "https" || url.scheme() == "wss")
            && site.is_some_and(|site| registrable_domain(&cookie.domain) == Some(site))
    };
    sent.or_else(|| state.cookies.iter().find(related))
}

fn is_encoded(text: &str) -> bool {
    let hex = |b: Option<&u8>| b.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|i| bytes[i] == b'%' && hex(bytes.get(i + 1)) && hex(bytes.get(i + 2)))
}
