//! A session: everything that logging in left behind.

use url::Url;

use super::{
    Check, Cookie, Extra, HeaderToken, Insight, Method, OriginState, Place, Recipe, Secret, Token, Verdict,
    matching::domain_matches,
};
use crate::site::{Origin, Scope};

/// What a login produced, what proves it, and how to make it again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The cookies of all hosts, oldest first.
    pub cookies: Vec<Cookie>,
    /// The storage of each origin that has some.
    pub origins: Vec<OriginState>,
    /// Request headers that carry the session.
    pub headers: Vec<HeaderToken>,
    /// How the session goes onto requests.
    pub method: Method,
    /// What templates read from the login's own traffic, for it comes by only once.
    pub values: Vec<(Place, Secret)>,
    /// The User-Agent that logged in, without a headless marker.
    pub user_agent: Option<String>,
    /// What tells whether the session is alive.
    pub check: Option<Check>,
    /// What the check said last.
    pub verdict: Option<Verdict>,
    /// The origins that the session belongs to.
    pub scope: Vec<Origin>,
    /// How to log in again.
    pub recipe: Option<Recipe>,
    /// When the login happened, in Unix seconds.
    pub created: i64,
    /// What is known of it beside, without values.
    pub insight: Insight,
    /// Unknown keys of the session file.
    pub extra: Extra,
}

impl State {
    /// The cookies that go with a request for `url` at the time `now`, in Unix seconds.
    ///
    /// Longer paths stand first, then older cookies. See 5.8.3 Retrieval Algorithm of RFC 6265bis.
    #[must_use]
    pub fn cookies_for(&self, url: &Url, now: i64) -> Vec<&Cookie> {
        let mut cookies: Vec<_> = self.cookies.iter().filter(|c| c.matches(url, now)).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        cookies
    }

    /// Keeps a cookie in the place of an older one of its name, domain, path and partition, or removes
    /// that one when the new one has ended. Returns whether anything changed.
    pub fn store_cookie(&mut self, cookie: Cookie, now: i64) -> bool {
        let place = self.cookies.iter().position(|old| old.is_same_as(&cookie));
        match (place, cookie.is_expired(now)) {
            (Some(place), true) => {
                self.cookies.remove(place);
                true
            }
            (Some(place), false) if self.cookies[place] == cookie => false,
            (Some(place), false) => {
                self.cookies[place] = cookie;
                true
            }
            (None, true) => false,
            (None, false) => {
                self.cookies.push(cookie);
                true
            }
        }
    }

    /// Takes in a `Set-Cookie` header of the answer to `url` as a browser would, and returns whether
    /// anything changed.
    ///
    /// An answer that was not encrypted cannot touch or overlay a `Secure` cookie. See 5.7 of RFC 6265bis.
    pub fn receive_cookie(&mut self, set_cookie: &str, url: &Url, now: i64) -> bool {
        let Some(cookie) = Cookie::parse(set_cookie, url) else { return false };
        let trusted = Origin::of(url).is_some_and(|origin| origin.is_trustworthy());
        if !trusted && self.cookies.iter().any(|kept| overlays(&cookie, kept)) {
            return false;
        }
        self.store_cookie(cookie, now)
    }

    /// The header tokens that belong to the origin of `url`.
    pub fn headers_for(&self, url: &Url) -> impl Iterator<Item = &HeaderToken> {
        let origin = Origin::of(url);
        self.headers.iter().filter(move |token| Some(&token.origin) == origin.as_ref())
    }

    /// Where the session may go: the origins that it belongs to and that of its check, or, where neither is known,
    /// those that have stored something.
    #[must_use]
    pub fn reach(&self) -> Scope {
        let checked = self.check.iter().filter_map(|check| Origin::of(&check.url));
        let mut origins: Vec<Origin> = self.scope.iter().cloned().chain(checked).collect();
        if origins.is_empty() {
            origins.extend(self.origins.iter().map(|stored| stored.origin.clone()));
        }
        Scope::new(origins)
    }

    /// The storage of an origin, if there is any.
    #[must_use]
    pub fn origin(&self, origin: &Origin) -> Option<&OriginState> {
        self.origins.iter().find(|state| state.origin == *origin)
    }

    /// The storage of an origin, made empty where there was none.
    pub fn origin_mut(&mut self, origin: &Origin) -> &mut OriginState {
        let place = self.origins.iter().position(|state| state.origin == *origin).unwrap_or_else(|| {
            self.origins.push(OriginState::new(origin.clone()));
            self.origins.len() - 1
        });
        &mut self.origins[place]
    }

    /// Every value that may carry the session, with its place: see [`Token`].
    #[must_use]
    pub fn tokens(&self) -> Vec<Token> {
        Token::all_of(self)
    }

    /// The values that are kept as secrets: of cookies, storage entries, headers, and what templates read.
    ///
    /// Values inside the JSON of a storage entry, of `IndexedDB`, and after the scheme of a header are
    /// among [`State::tokens`]; whoever redacts needs [`State::hidden`].
    #[must_use]
    pub fn secrets(&self) -> Vec<&Secret> {
        let stored = self.origins.iter().flat_map(|o| o.local_storage.iter().chain(&o.session_storage));
        let cookies = self.cookies.iter().map(|cookie| &cookie.value);
        cookies
            .chain(stored.map(|item| &item.value))
            .chain(self.headers.iter().map(|token| &token.value))
            .chain(self.values.iter().map(|(_, value)| value))
            .filter(|secret| !secret.is_empty())
            .collect()
    }

    /// When the session is likely to end, in Unix seconds; an estimate, for the check has the last word.
    ///
    /// The earliest `exp` of the JSON Web Tokens in header tokens and what templates and scripts read; where there is none, of those in web
    /// storage and `IndexedDB`; where there is none either, the earliest end of the cookies that are
    /// hidden from scripts or are JSON Web Tokens themselves, which leaves out what analytics set.
    #[must_use]
    pub fn expires(&self) -> Option<i64> {
        super::token::expires(self)
    }
}

/// Whether `new` would stand in for the secure cookie `kept` on some request.
fn overlays(new: &Cookie, kept: &Cookie) -> bool {
    kept.secure
        && kept.name == new.name
        && (domain_matches(&new.domain, &kept.domain) || domain_matches(&kept.domain, &new.domain))
        && super::matching::path_matches(&new.path, &kept.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Item, Source};

    const NOW: i64 = 1_800_000_000;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn cookie(name: &str, path: &str, value: &str) -> Cookie {
        Cookie {
            name: name.into(),
            value: value.into(),
            domain: "shop.example".into(),
            host_only: true,
            path: path.into(),
            ..Cookie::default()
        }
    }

    #[test]
    fn longer_paths_come_first_and_then_older_cookies() {
        let mut state = State::default();
        for (name, path) in [("a", "/"), ("b", "/app"), ("c", "/"), ("d", "/app/x")] {
            assert!(state.store_cookie(cookie(name, path, "1"), NOW));
        }
        assert!(state.store_cookie(cookie("a", "/", "2"), NOW));
        let names: Vec<_> =
            state.cookies_for(&url("https://shop.example/app/x"), NOW).iter().map(|c| &c.name).collect();
        assert_eq!(names, ["d", "b", "a", "c"]);
    }

    #[test]
    fn storing_replaces_removes_and_tells_whether_it_did() {
        let mut state = State::default();
        assert!(state.store_cookie(cookie("a", "/", "1"), NOW));
        assert!(!state.store_cookie(cookie("a", "/", "1"), NOW));
        assert!(state.store_cookie(cookie("a", "/", "2"), NOW));
        assert!(state.store_cookie(Cookie { host_only: false, ..cookie("a", "/", "3") }, NOW));
        assert_eq!(state.cookies.len(), 2);
        let ended = Cookie { expires: Some(0), ..cookie("a", "/", "") };
        assert!(state.store_cookie(ended.clone(), NOW));
        assert!(!state.store_cookie(ended, NOW));
        assert_eq!(state.cookies.len(), 1);
    }

    #[test]
    fn plain_http_cannot_touch_a_secure_cookie() {
        let mut state = State::default();
        assert!(state.receive_cookie("sid=good; Secure; Path=/", &url("https://shop.example/"), NOW));
        assert!(!state.receive_cookie("sid=evil; Path=/", &url("http://shop.example/"), NOW));
        assert!(!state.receive_cookie("sid=; Max-Age=0; Path=/", &url("http://shop.example/"), NOW));
        assert!(state.receive_cookie("lang=en", &url("http://shop.example/"), NOW));
        assert!(state.receive_cookie("sid=new; Path=/", &url("https://shop.example/"), NOW));
        assert_eq!(state.cookies[0].value.expose(), "new");
    }

    #[test]
    fn header_tokens_belong_to_one_origin() {
        let token = HeaderToken {
            origin: Origin::parse("https://api.shop.example").unwrap(),
            name: "Authorization".into(),
            value: "Bearer x".into(),
            source: Source::Memory,
        };
        let state = State { headers: vec![token], ..State::default() };
        assert_eq!(state.headers_for(&url("https://api.shop.example/me")).count(), 1);
        assert_eq!(state.headers_for(&url("wss://api.shop.example/live")).count(), 1);
        for other in ["http://api.shop.example/", "https://shop.example/", "https://api.shop.example:8443/"] {
            assert_eq!(state.headers_for(&url(other)).count(), 0, "{other}");
        }
    }

    #[test]
    fn debug_output_of_a_full_state_names_no_secret() {
        let mut state = State { cookies: vec![cookie("sid", "/", "planted-1")], ..State::default() };
        let origin = Origin::parse("https://shop.example").unwrap();
        state.origin_mut(&origin).local_storage.push(Item::new("token", "planted-2"));
        let base = serde_json::json!({"name": "db", "stores": [{"name": "planted-3"}]});
        state.origin_mut(&origin).indexed_db.extend(super::super::Database::new(base));
        state.extra.0.insert("credentials".into(), "planted-4".into());
        assert!(!format!("{state:#?}").contains("planted"));
        assert_eq!(state.secrets().len(), 2);
    }
}
