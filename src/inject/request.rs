//! Puts a session onto an HTTP request, and takes what the answer renews back into it.

use std::sync::Arc;

use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCESS_CONTROL_REQUEST_METHOD, COOKIE, SET_COOKIE},
};
use percent_encoding::percent_decode_str;
use tracing::warn;
use url::Url;

use super::{
    apply::Apply,
    challenge::Unanswered,
    http_auth::HttpAuth,
    line::{Lines, is_downgrade},
    mode::{Mode, Stamped},
};
use crate::{
    session::{self, Shared, now},
    site::{Origin, Scope},
};

/// Stamps requests with a session that others may renew meanwhile.
#[derive(Debug, Clone)]
pub struct Stamp {
    shared: Shared,
    scope: Scope,
    mode: Mode,
    auth: Option<Arc<HttpAuth>>,
}

impl Stamp {
    /// Stamps requests to URLs in `scope`, and no others, by the session's own method.
    #[must_use]
    pub fn new(shared: Shared, scope: Scope, mode: Mode) -> Self {
        Self { shared, scope, mode, auth: None }
    }

    /// Gives the credentials that sessions of HTTP authentication need; others never use them.
    #[must_use]
    pub fn with_auth(mut self, auth: Option<Arc<HttpAuth>>) -> Self {
        self.auth = auth;
        self
    }

    /// Whether the session may go to `url` at all.
    #[must_use]
    pub fn covers(&self, url: &Url) -> bool {
        self.scope.contains(url)
    }

    /// Puts the session on a request to `url`.
    ///
    /// Cookies go where RFC 6265bis sends them, within the scope; those of the client that have other names stay.
    /// Header tokens go to their own origin, headers from templates and credentials to the origins of the scope, but
    /// not from https to http; and the User-Agent of the login goes along. A token that repeats a cookie, as protection
    /// against forged requests does, is made anew from that cookie.
    pub fn put_on(&self, method: &Method, url: &Url, headers: &mut HeaderMap) -> Stamped {
        if !self.scope.contains(url) {
            return Stamped::OutOfScope;
        }
        if method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return Stamped::Preflight;
        }
        self.apply(method, url, |apply| match self.mode {
            Mode::Fill if apply.is_carried(headers) => Stamped::Carried,
            Mode::Force | Mode::Fill => apply.all(headers),
            Mode::Follow => apply.missing(headers),
        })
        .unwrap_or(Stamped::OutOfScope)
    }

    /// The `Authorization` to send a request again with, after a 401 with these headers; `None` where that is no
    /// matter of HTTP authentication: the session has another method, or the request is out of scope.
    ///
    /// The request is its method, its URL, and its target as it was sent; `sent` is the `Authorization` that it carried.
    /// The new value replaces that one. See [`HttpAuth::answer`] for what can go wrong.
    #[must_use]
    pub fn answer(
        &self,
        (method, url, target): (&Method, &Url, &str),
        sent: Option<&HeaderValue>,
        response: &HeaderMap,
    ) -> Option<Result<HeaderValue, Unanswered>> {
        let origin = Origin::of(url).filter(|_| self.scope.contains(url))?;
        let is_ours = self.shared.read(|state| {
            matches!(state.method, session::Method::Http { .. }) && !is_downgrade(state, &origin)
        });
        let auth = self.auth.as_ref().filter(|_| is_ours && self.mode_allows(sent))?;
        Some(auth.answer((method, url, target), sent, response))
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

    /// Notes that a request was answered as one of the session's user, if it carried the session and was not denied.
    pub fn note_use(&self, url: &Url, sent: &HeaderMap, status: StatusCode) {
        if !is_denial(status) && self.carries(url, sent) {
            self.shared.used();
        }
    }

    /// How many requests were answered as those of the session's user.
    #[must_use]
    pub fn uses(&self) -> u64 {
        *self.shared.uses().borrow()
    }

    /// Whether a request carries the session, its own or this one: a header of a header token's name that
    /// is not empty, or a cookie that is named like one that the session has for `url`.
    #[must_use]
    pub fn carries(&self, url: &Url, headers: &HeaderMap) -> bool {
        let carried = |apply: &Apply<'_>| apply.is_carried(headers);
        self.scope.contains(url) && self.apply(&Method::GET, url, carried).unwrap_or_default()
    }

    /// The names of the cookies that may carry the session to `url`: those that scripts cannot see, and long ones.
    #[must_use]
    pub fn cookie_names(&self, url: &Url) -> Vec<String> {
        let may_carry = |cookie: &&session::Cookie| cookie.http_only || cookie.value.expose().len() >= LONG;
        self.shared.read(|state| {
            state.cookies_for(url, now()).into_iter().filter(may_carry).map(|c| c.name.clone()).collect()
        })
    }

    /// Whether a request carries an older value of what carries the session, while the session has another by now.
    #[must_use]
    pub fn is_outdated(&self, url: &Url, headers: &HeaderMap) -> bool {
        let names = self.cookie_names(url);
        self.shared.read(|state| {
            let cookies = state.cookies_for(url, now());
            let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
            let is_old = |(name, value): (&str, &str)| {
                let known = cookies.iter().find(|c| c.name == name && names.contains(&c.name));
                known.is_some_and(|known| known.value.expose() != value)
            };
            let has_old_cookie =
                lines.flat_map(|line| line.split("; ")).filter_map(|pair| pair.split_once('=')).any(is_old);
            has_old_cookie
                || state.headers_for(url).any(|token| {
                    headers
                        .get(&token.name)
                        .is_some_and(|value| value.as_bytes() != token.value.expose().as_bytes())
                })
        })
    }

    /// Whether a URL stands for the session's own user: its path ends in the name, as in `/api/users/anna`.
    #[must_use]
    pub fn names_user(&self, url: &Url) -> bool {
        let last = url.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let last = percent_decode_str(last).decode_utf8_lossy();
        self.shared.read(|state| {
            let name = state.recipe.as_ref().and_then(|recipe| recipe.username.as_deref());
            name.is_some_and(|name| !name.is_empty() && name == last)
        })
    }

    /// The headers of a plain `GET` request to `url` by the session's user, empty out of scope.
    #[must_use]
    pub fn request_headers(&self, url: &Url) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.scope.contains(url) {
            self.apply(&Method::GET, url, |apply| apply.all(&mut headers));
        }
        headers
    }

    /// Whether there are credentials that answer servers which ask for them.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        self.auth.is_some()
    }

    /// Whether servers may ask for credentials that can only be given then, as Digest has it.
    #[must_use]
    pub fn waits_for_challenges(&self) -> bool {
        let digest = session::Method::Http { scheme: session::HttpScheme::Digest };
        self.auth.is_some() && self.shared.read(|state| state.method == digest)
    }

    /// Works with the session as it is now and what is ready for the origin of `url`.
    fn apply<R>(&self, method: &Method, url: &Url, work: impl FnOnce(&Apply<'_>) -> R) -> Option<R> {
        let origin = Origin::of(url)?;
        let lines = self.shared.derived(|_, last| Lines::after(last));
        Some(self.shared.read(|state| {
            let auth = match &state.method {
                session::Method::Http { .. } if !is_downgrade(state, &origin) => self.auth(&lines),
                _ => None,
            };
            work(&Apply { state, method, url, lines: &lines.of(&origin, state), auth })
        }))
    }

    fn auth(&self, lines: &Lines) -> Option<&HttpAuth> {
        if self.auth.is_none() {
            lines.once("credentials".into(), || {
                warn!("the session is carried by HTTP authentication, and its credentials are not at hand");
            });
        }
        self.auth.as_deref()
    }

    /// A client that has sent credentials of its own is left to its own affairs, unless the user is forced.
    fn mode_allows(&self, sent: Option<&HeaderValue>) -> bool {
        let is_ours = |sent: &HeaderValue| self.auth.as_ref().is_some_and(|auth| auth.is_own(sent));
        self.mode == Mode::Force || sent.is_none_or(is_ours)
    }
}

/// Shorter values are settings rather than secrets.
const LONG: usize = 16;

/// Whether a status is one that strangers get; 419 and 440 are what frameworks answer when a session has timed out.
#[must_use]
pub fn is_denial(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 403 | 419 | 440)
}

#[cfg(test)]
mod tests {
    use http::{
        HeaderName,
        header::{AUTHORIZATION, COOKIE, USER_AGENT},
    };

    use super::*;
    use crate::session::{HeaderToken, Recipe, Source, State};

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    fn token(home: &str, name: &str, value: &str, source: Source) -> HeaderToken {
        HeaderToken { origin: origin(home), name: name.into(), value: value.into(), source }
    }

    /// Logged in at `https://app.shop.example`, with a cookie of each kind and a header.
    fn state() -> State {
        let mut state = State { user_agent: Some("Login/1".into()), ..State::default() };
        let app = url("https://app.shop.example/");
        for line in ["sid=1; Secure; HttpOnly", "wide=2; Domain=shop.example", "XSRF-TOKEN=a%3D; Path=/"] {
            assert!(state.receive_cookie(line, &app, now()));
        }
        state.headers.push(token("https://app.shop.example", "Authorization", "Bearer t", Source::Memory));
        state
    }

    /// In scope: the application at two ports and without encryption, its parent, siblings and strangers.
    fn wide_scope() -> Scope {
        let all = [
            "https://app.shop.example",
            "https://app.shop.example:8443",
            "http://app.shop.example",
            "https://api.shop.example",
            "https://www.app.shop.example",
            "https://shop.example",
            "https://example.com",
            "https://stranger.example",
        ];
        Scope::new(all.map(origin))
    }

    fn stamp(mode: Mode) -> Stamp {
        Stamp::new(Shared::new(state()), wide_scope(), mode)
    }

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    /// The Cookie and Authorization headers of a bare request, once it is stamped.
    fn put(target: &str) -> (String, String) {
        let mut headers = HeaderMap::new();
        stamp(Mode::Force).put_on(&Method::GET, &url(target), &mut headers);
        [COOKIE, AUTHORIZATION].map(|name| text(&headers, &name)).into()
    }

    fn text(headers: &HeaderMap, name: &HeaderName) -> String {
        headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    fn pair(cookies: &str, authorization: &str) -> (String, String) {
        (cookies.to_owned(), authorization.to_owned())
    }

    #[test]
    fn the_application_gets_all_of_the_session() {
        let all = pair("sid=1; wide=2; XSRF-TOKEN=a%3D", "Bearer t");
        assert_eq!(put("https://app.shop.example/x"), all);
        assert_eq!(put("wss://app.shop.example/live"), all);
    }

    #[test]
    fn sub_domains_siblings_and_parents_get_cookies_of_the_shared_domain_only() {
        for other in ["https://api.shop.example/", "https://www.app.shop.example/", "https://shop.example/"] {
            assert_eq!(put(other), pair("wide=2", ""), "{other}");
        }
    }

    #[test]
    fn strangers_get_nothing_even_in_scope() {
        for other in ["https://stranger.example/", "https://example.com/"] {
            assert_eq!(put(other), pair("", ""), "{other}");
        }
    }

    #[test]
    fn http_after_https_gets_no_secure_cookie_and_no_header() {
        let plain = pair("wide=2; XSRF-TOKEN=a%3D", "");
        assert_eq!(put("http://app.shop.example/"), plain);
        assert_eq!(put("ws://app.shop.example/"), plain);
    }

    #[test]
    fn another_port_gets_cookies_and_no_header() {
        assert_eq!(put("https://app.shop.example:8443/"), pair("sid=1; wide=2; XSRF-TOKEN=a%3D", ""));
    }

    #[test]
    fn out_of_scope_a_request_stays_byte_for_byte_as_it_is() {
        let client = headers(&[(COOKIE, "sid=own;a=1"), (AUTHORIZATION, "own"), (USER_AGENT, "curl")]);
        for other in [
            "https://app.shop.example:9443/",
            "https://evil.example/",
            "https://app.shop.example.evil.example/",
            "https://other.shop.example/",
            "http://app.shop.example:8080/",
        ] {
            for mode in [Mode::Force, Mode::Fill, Mode::Follow] {
                let mut request = client.clone();
                let stamped = stamp(mode).put_on(&Method::GET, &url(other), &mut request);
                assert_eq!((stamped, &request), (Stamped::OutOfScope, &client), "{other}");
            }
        }
        assert!(stamp(Mode::Force).request_headers(&url("https://evil.example/")).is_empty());
    }

    #[test]
    fn a_preflight_carries_nothing_and_any_other_options_request_does() {
        let target = url("https://app.shop.example/");
        let mut preflight = headers(&[(ACCESS_CONTROL_REQUEST_METHOD, "POST")]);
        let stamped = stamp(Mode::Force).put_on(&Method::OPTIONS, &target, &mut preflight);
        assert_eq!((stamped, preflight.len()), (Stamped::Preflight, 1));
        assert_eq!(stamp(Mode::Force).put_on(&Method::OPTIONS, &target, &mut HeaderMap::new()), Stamped::Put);
    }

    #[test]
    fn a_forced_user_replaces_what_the_client_carries_and_keeps_the_rest() {
        let mut request = headers(&[(COOKIE, "sid=own; a=1"), (AUTHORIZATION, "own"), (USER_AGENT, "curl")]);
        request.append(AUTHORIZATION, "second".parse().unwrap());
        let target = url("https://app.shop.example/");
        assert_eq!(stamp(Mode::Force).put_on(&Method::GET, &target, &mut request), Stamped::Put);
        assert_eq!(text(&request, &COOKIE), "sid=1; wide=2; XSRF-TOKEN=a%3D; a=1");
        assert_eq!(request.get_all(AUTHORIZATION).iter().collect::<Vec<_>>(), ["Bearer t"]);
        assert_eq!(text(&request, &USER_AGENT), "Login/1");
    }

    #[test]
    fn in_fill_mode_a_session_of_its_own_is_left_and_a_bare_request_is_filled() {
        let target = url("https://app.shop.example/");
        for own in [headers(&[(COOKIE, "sid=own")]), headers(&[(AUTHORIZATION, "own")])] {
            let mut request = own.clone();
            assert_eq!(stamp(Mode::Fill).put_on(&Method::GET, &target, &mut request), Stamped::Carried);
            assert_eq!(request, own);
        }
        let mut request = headers(&[(COOKIE, "a=1"), (AUTHORIZATION, "")]);
        assert_eq!(stamp(Mode::Fill).put_on(&Method::GET, &target, &mut request), Stamped::Put);
        assert_eq!(text(&request, &AUTHORIZATION), "Bearer t");
    }

    #[test]
    fn a_followed_browser_gets_only_the_tokens_that_live_in_memory_and_only_where_they_are_missing() {
        let mut session = state();
        let storage = Source::LocalStorage { origin: origin("https://app.shop.example"), key: "k".into() };
        session.headers.push(token("https://app.shop.example", "X-Stored", "s", storage));
        let stamp = Stamp::new(Shared::new(session), wide_scope(), Mode::Follow);
        let target = url("https://app.shop.example/");
        let mut request = headers(&[(USER_AGENT, "Firefox")]);
        assert_eq!(stamp.put_on(&Method::GET, &target, &mut request), Stamped::Put);
        assert_eq!(request, headers(&[(USER_AGENT, "Firefox"), (AUTHORIZATION, "Bearer t")]));
        let own = headers(&[(AUTHORIZATION, "own")]);
        let mut request = own.clone();
        assert_eq!(stamp.put_on(&Method::GET, &target, &mut request), Stamped::Carried);
        assert_eq!(request, own);
    }

    #[test]
    fn a_session_without_anything_for_a_place_says_so() {
        let target = url("https://stranger.example/");
        let mut request = HeaderMap::new();
        assert_eq!(stamp(Mode::Force).put_on(&Method::GET, &target, &mut request), Stamped::Nothing);
        assert_eq!(stamp(Mode::Follow).put_on(&Method::GET, &target, &mut request), Stamped::Nothing);
    }

    #[test]
    fn cookies_are_learned_in_scope_and_everybody_hears_of_it() {
        let stamp = stamp(Mode::Follow);
        let changes = stamp.shared.changes();
        let renewed = headers(&[(SET_COOKIE, "sid=9; Secure")]);
        assert!(!stamp.learn(&url("https://evil.example/"), &renewed));
        assert!(!stamp.learn(&url("https://app.shop.example/"), &HeaderMap::new()));
        assert!(!changes.has_changed().unwrap());
        assert!(stamp.learn(&url("https://app.shop.example/"), &renewed));
        assert!(!stamp.learn(&url("https://app.shop.example/"), &renewed));
        assert_eq!(*changes.borrow(), 1);
        let gone = headers(&[(SET_COOKIE, "sid=; Max-Age=0")]);
        assert!(stamp.learn(&url("https://app.shop.example/"), &gone));
        assert!(!text(&stamp.request_headers(&url("https://app.shop.example/")), &COOKIE).contains("sid"));
    }

    #[test]
    fn a_request_carries_the_session_by_a_header_or_a_cookie_of_its_names() {
        let stamp = stamp(Mode::Follow);
        let target = url("https://app.shop.example/");
        assert!(stamp.carries(&target, &headers(&[(COOKIE, "a=1; sid=x")])));
        assert!(stamp.carries(&target, &headers(&[(AUTHORIZATION, "x")])));
        assert!(!stamp.carries(&target, &headers(&[(COOKIE, "a=1"), (AUTHORIZATION, "")])));
        let out_of_scope = url("https://other.shop.example/");
        assert!(!stamp.carries(&out_of_scope, &headers(&[(COOKIE, "wide=x")])));
    }

    #[test]
    fn an_older_copy_of_the_session_is_told_from_the_current_one() {
        let mut session = state();
        session.cookies.iter_mut().for_each(|cookie| cookie.http_only = cookie.name == "sid");
        let stamp = Stamp::new(Shared::new(session), wide_scope(), Mode::Follow);
        let target = url("https://app.shop.example/");
        assert!(stamp.is_outdated(&target, &headers(&[(COOKIE, "wide=2; sid=old")])));
        assert!(stamp.is_outdated(&target, &headers(&[(AUTHORIZATION, "Bearer old")])));
        assert!(
            !stamp.is_outdated(&target, &headers(&[(COOKIE, "sid=1; wide=9"), (AUTHORIZATION, "Bearer t")]))
        );
        assert!(!stamp.is_outdated(&target, &HeaderMap::new()));
    }

    #[test]
    fn a_resource_named_after_the_user_is_told_from_others() {
        let login_url = url("https://app.shop.example/login");
        let username = Some("a@b.example".into());
        let recipe = Recipe { login_url, username, password: None, totp: None, steps: None };
        let session = State { recipe: Some(recipe), ..State::default() };
        let stamp = Stamp::new(Shared::new(session), wide_scope(), Mode::Follow);
        assert!(stamp.names_user(&url("https://app.shop.example/api/users/a%40b.example/")));
        assert!(!stamp.names_user(&url("https://app.shop.example/api/users/c%40d.example")));
        let nameless = Stamp::new(Shared::new(state()), wide_scope(), Mode::Follow);
        assert!(!nameless.names_user(&url("https://app.shop.example/")));
    }

    #[test]
    fn values_that_would_break_a_request_are_left_out_and_debug_output_hides_the_rest() {
        let mut session = state();
        session.headers.push(token("https://app.shop.example", "X-Bad", "a\r\nX-Evil: 1", Source::Memory));
        session.headers.push(token("https://app.shop.example", "bad name", "a", Source::Memory));
        let stamp = Stamp::new(Shared::new(session), wide_scope(), Mode::Force);
        let sent = stamp.request_headers(&url("https://app.shop.example/"));
        assert_eq!(sent.len(), 3);
        assert!(!format!("{sent:?} {stamp:?}").contains("Bearer t"));
    }
}
