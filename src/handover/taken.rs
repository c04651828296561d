//! What is put together when a session is taken from another tool.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::{Host, Url};

use super::{
    Error, Format,
    request::is_cookie,
    safe::{ensure_safe_cookie, ensure_safe_header},
};
use crate::{
    harvest,
    session::{Cookie, HeaderToken, Source, State, now},
    site::{Origin, is_public_suffix},
};

/// A session as a text format tells it, header by header, for one address.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) state: State,
    pub(super) notes: Vec<String>,
}

impl Taken {
    pub(super) fn new() -> Self {
        Self { state: State::default(), notes: Vec::new() }
    }

    pub(super) fn of(state: State) -> Self {
        Self { state, notes: Vec::new() }
    }

    pub(super) fn of_cookies(cookies: Vec<Cookie>) -> Self {
        Self::of(State { cookies, ..State::default() })
    }

    /// Takes a request header in: cookies, the User-Agent, and what no browser sends by itself.
    pub(super) fn header(&mut self, url: &Url, name: &str, value: &str) -> Result<(), Error> {
        ensure_safe_header(name, value)?;
        let origin = Origin::of(url).ok_or(Error::WhichSite { format: Format::Headers })?;
        if is_cookie(name) {
            return self.cookies(url, value);
        }
        if name.eq_ignore_ascii_case("user-agent") {
            self.state.user_agent = Some(value.to_owned());
        } else if harvest::is_own_header(name) && !value.is_empty() {
            let is_basic = name.eq_ignore_ascii_case("authorization") && value.starts_with("Basic ");
            let source = if is_basic { Source::Credentials } else { Source::Memory };
            let token = HeaderToken { origin, name: name.to_owned(), value: value.into(), source };
            put_header(&mut self.state, token);
        }
        Ok(())
    }

    /// Takes the cookies of a `Cookie` header in, for the host of `url`.
    pub(super) fn cookies(&mut self, url: &Url, line: &str) -> Result<(), Error> {
        for pair in line.split(';').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or(("", pair));
            let cookie = cookie_of(url, name, value);
            ensure_safe_cookie(&cookie)?;
            self.state.store_cookie(cookie, now());
        }
        Ok(())
    }

    /// Takes a user name and password in, as Basic authentication sends them.
    pub(super) fn basic(&mut self, url: &Url, username: &str, password: &str) -> Result<(), Error> {
        let pair = STANDARD.encode(format!("{username}:{password}"));
        self.header(url, "Authorization", &format!("Basic {pair}"))
    }

    /// Checks every part, leaves out what has ended, and finds out where the session belongs.
    pub(super) fn finish(mut self, url: Option<&Url>) -> Result<Self, Error> {
        let (now, before) = (now(), self.state.cookies.len());
        let cookies = std::mem::take(&mut self.state.cookies);
        for mut cookie in cookies.into_iter().filter(|cookie| !cookie.is_expired(now)) {
            if let Some(domain) = host(&cookie.domain) {
                cookie.domain = domain;
            }
            if !cookie.path.starts_with('/') {
                "/".clone_into(&mut cookie.path);
            }
            ensure_safe_cookie(&cookie)?;
            self.state.store_cookie(cookie, now);
        }
        for token in &self.state.headers {
            ensure_safe_header(&token.name, token.value.expose())?;
        }
        match before - self.state.cookies.len() {
            0 => {}
            1 => self.notes.push("left out 1 cookie that has expired or came twice".to_owned()),
            count => self.notes.push(format!("left out {count} cookies that have expired or came twice")),
        }
        if self.state.created == 0 {
            self.state.created = now;
        }
        self.scope(url);
        Ok(self)
    }

    fn scope(&mut self, url: Option<&Url>) {
        if let Some(origin) = url.and_then(Origin::of) {
            let tokens = self.state.headers.iter().map(|token| token.origin.clone());
            self.state.scope = sorted(tokens.chain([origin]));
        } else if self.state.scope.is_empty() {
            let stored = self.state.origins.iter().map(|stored| stored.origin.clone());
            let tokens = self.state.headers.iter().map(|token| token.origin.clone());
            self.state.scope = sorted(stored.chain(tokens));
        }
        if self.state.scope.is_empty() {
            self.state.scope = sorted(self.state.cookies.iter().flat_map(origins_of));
        }
    }
}

/// A cookie of a request, of which nothing is known but that it goes to `url`.
pub(super) fn cookie_of(url: &Url, name: &str, value: &str) -> Cookie {
    Cookie {
        name: name.to_owned(),
        value: value.into(),
        domain: url.host_str().unwrap_or_default().to_owned(),
        host_only: true,
        path: "/".to_owned(),
        secure: url.scheme() == "https",
        ..Cookie::default()
    }
}

/// Adds a session to another: what both have is taken from the new one.
pub fn merge(into: &mut State, from: State) {
    let now = now();
    for cookie in from.cookies {
        into.store_cookie(cookie, now);
    }
    for stored in from.origins {
        let own = into.origin_mut(&stored.origin);
        for (own, new) in [
            (&mut own.local_storage, stored.local_storage),
            (&mut own.session_storage, stored.session_storage),
        ] {
            own.retain(|item| new.iter().all(|newer| newer.name != item.name));
            own.extend(new);
        }
        own.indexed_db.retain(|base| stored.indexed_db.iter().all(|newer| newer.name() != base.name()));
        own.indexed_db.extend(stored.indexed_db);
    }
    from.headers.into_iter().for_each(|token| put_header(into, token));
    into.user_agent = from.user_agent.or(into.user_agent.take());
    into.check = into.check.take().or(from.check);
    into.recipe = into.recipe.take().or(from.recipe);
    into.scope = sorted(into.scope.drain(..).chain(from.scope).collect::<Vec<_>>());
    into.created = into.created.max(from.created);
    // What was known of one of them is not known of both.
    into.verdict = None;
}

fn put_header(state: &mut State, token: HeaderToken) {
    state.headers.retain(|old| old.origin != token.origin || !old.name.eq_ignore_ascii_case(&token.name));
    state.headers.push(token);
}

/// The host of a cookie in punycode; some tools write a port behind it, or an IPv6 address without brackets.
fn host(text: &str) -> Option<String> {
    let text = text.trim_start_matches('.');
    let bare = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.parse::<u16>().is_ok() => host,
        _ => text,
    };
    let host = Host::parse(bare).or_else(|_| Host::parse(&format!("[{bare}]")));
    host.ok().map(|host| host.to_string())
}

/// Where a cookie may go when nothing else is known.
fn origins_of(cookie: &Cookie) -> Vec<Origin> {
    if is_public_suffix(&cookie.domain) && !cookie.host_only {
        return Vec::new();
    }
    let schemes: &[&str] = if cookie.secure { &["https"] } else { &["http", "https"] };
    schemes.iter().filter_map(|scheme| Origin::parse(&format!("{scheme}://{}", cookie.domain)).ok()).collect()
}

fn sorted(origins: impl IntoIterator<Item = Origin>) -> Vec<Origin> {
    let set: std::collections::BTreeSet<Origin> = origins.into_iter().collect();
    set.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_however_they_are_written() {
        for (text, expected) in [
            (".Shop.example", "shop.example"),
            ("127.0.0.1:3000", "127.0.0.1"),
            ("::1", "[::1]"),
            ("[::1]", "[::1]"),
            ("b\u{fc}cher.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(host(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(host("a b"), None);
    }

    #[test]
    fn a_cookie_for_a_public_suffix_leads_nowhere() {
        let wide = Cookie { domain: "co.uk".into(), ..Cookie::default() };
        assert_eq!(origins_of(&wide), []);
        let plain = Cookie { domain: "shop.example".into(), host_only: true, ..Cookie::default() };
        assert_eq!(origins_of(&plain).len(), 2);
        assert_eq!(origins_of(&Cookie { secure: true, ..plain }).len(), 1);
    }
}
