//! Puts what a session has ready onto a request.

use http::{
    HeaderMap, HeaderValue, Method,
    header::{AUTHORIZATION, COOKIE, USER_AGENT},
};
use url::Url;

use super::{
    cookie_header,
    http_auth::HttpAuth,
    initiator::Initiator,
    line::{Home, Line},
    mode::Stamped,
};
use crate::session::{self, Cookie, State, now};

/// A session and a request to a URL in scope.
pub(super) struct Apply<'a> {
    pub(super) state: &'a State,
    pub(super) method: &'a Method,
    pub(super) url: &'a Url,
    /// What is ready for the URL's origin.
    pub(super) lines: &'a [Line],
    /// The credentials of a session of HTTP authentication, where they may go there.
    pub(super) auth: Option<&'a HttpAuth>,
}

impl Apply<'_> {
    /// Whether a request carries a session, its own or this one: a header of a name that this session uses and that is
    /// not empty, or a cookie that is named like one that the session has for the URL.
    pub(super) fn is_carried(&self, headers: &HeaderMap) -> bool {
        let has = |name| headers.get(name).is_some_and(|value: &HeaderValue| !value.is_empty());
        let cookies = self.state.cookies_for(self.url, now());
        let is_known = |name: &[u8]| cookies.iter().any(|cookie| cookie.name.as_bytes() == name);
        let template = self.template_cookies();
        self.lines.iter().any(|line| line.name != COOKIE && has(&line.name))
            || (matches!(self.state.method, session::Method::Http { .. }) && has(&AUTHORIZATION))
            || cookie_header::names(headers)
                .any(|name| is_known(name) || cookie_header::names_in(&template).any(|own| own == name))
    }

    /// Puts all of the session on, in the place of what the request has of it.
    pub(super) fn all(&self, headers: &mut HeaderMap) -> Stamped {
        let (cookies, template) = (self.cookies(headers), self.template_cookies());
        let mut put = !cookies.is_empty() || !template.is_empty();
        cookie_header::merge(headers, &cookies, &template);
        for line in self.lines.iter().filter(|line| line.name != COOKIE) {
            if let Some(value) = line.value(self.state, self.url) {
                headers.insert(&line.name, value);
                put = true;
            }
        }
        if let Some(auth) = self.auth {
            // What the client has of its own is no answer to anything that this user was asked.
            headers.remove(AUTHORIZATION);
            headers.extend(auth.preempt(self.method, self.url).map(|value| (AUTHORIZATION, value)));
            put = true;
        }
        let agent = self.state.user_agent.as_deref().and_then(|agent| HeaderValue::from_str(agent).ok());
        if let Some(agent) = agent {
            headers.insert(USER_AGENT, agent);
        }
        match self.state.method {
            session::Method::Script { .. } => Stamped::Script,
            _ if put => Stamped::Put,
            _ => Stamped::Nothing,
        }
    }

    /// Adds what a browser that has the session cannot send by itself, where it is missing.
    pub(super) fn missing(&self, headers: &mut HeaderMap) -> Stamped {
        let mut put = false;
        for line in self.lines.iter().filter(|line| line.home == Home::Nowhere && line.name != COOKIE) {
            if let (false, Some(value)) = (headers.contains_key(&line.name), line.value(self.state, self.url))
            {
                headers.insert(&line.name, value);
                put = true;
            }
        }
        if let (Some(auth), false) = (self.auth, headers.contains_key(AUTHORIZATION)) {
            headers.extend(auth.preempt(self.method, self.url).map(|value| (AUTHORIZATION, value)));
            put = true;
        }
        match self.state.method {
            session::Method::Script { .. } => Stamped::Script,
            _ if put => Stamped::Put,
            _ if self.is_carried(headers) => Stamped::Carried,
            _ => Stamped::Nothing,
        }
    }

    /// The cookies that go along. The harvest of a browser goes everywhere that the browser could have been; any other
    /// session heeds who started the request.
    fn cookies(&self, headers: &HeaderMap) -> Vec<&Cookie> {
        let mut cookies = self.state.cookies_for(self.url, now());
        if self.state.method != session::Method::Browser
            && let Some(initiator) = Initiator::of(self.method, self.url, headers)
        {
            cookies.retain(|cookie| initiator.admits(cookie));
        }
        cookies
    }

    /// What templates of the name `Cookie` say.
    fn template_cookies(&self) -> Vec<u8> {
        let named = self.lines.iter().filter(|line| line.name == COOKIE);
        let values: Vec<_> = named.filter_map(|line| line.value(self.state, self.url)).collect();
        values.iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b"; "[..])
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use http::HeaderName;

    use super::*;
    use crate::{
        inject::{Credentials, HttpAuth, Mode, Stamp},
        session::{HttpScheme, Place, Shared},
        site::{Origin, Scope},
    };

    const APP: &str = "https://app.shop.example/x";

    fn session(method: session::Method) -> State {
        let mut state = State {
            method,
            scope: vec![Origin::parse(APP).unwrap()],
            values: vec![(Place::Json("token".into()), "t1".into())],
            ..State::default()
        };
        let app = Url::parse(APP).unwrap();
        for line in ["sid=1; SameSite=Strict; Secure; Path=/", "any=2; SameSite=None; Secure; Path=/"] {
            assert!(state.receive_cookie(line, &app, now()));
        }
        state
    }

    fn templates(pairs: &[(&str, &str)]) -> session::Method {
        let template = |(name, value): &(&str, &str)| session::HeaderTemplate {
            name: (*name).into(),
            value: value.parse().unwrap(),
        };
        session::Method::Headers { headers: pairs.iter().map(template).collect() }
    }

    fn stamp(state: State, mode: Mode) -> Stamp {
        let all =
            [APP, "https://api.shop.example", "http://app.shop.example", "https://app.shop.example:8443"];
        let scope = Scope::new(all.map(|origin| Origin::parse(origin).unwrap()));
        let credentials = Credentials { username: "anna".into(), password: "pw".into() };
        let auth = HttpAuth::new(HttpScheme::Basic, credentials).unwrap();
        Stamp::new(Shared::new(state), scope, mode).with_auth(Some(Arc::new(auth)))
    }

    /// What goes out for a request with these headers.
    fn sent(stamp: &Stamp, url: &str, headers: &[(&'static str, &str)]) -> (Stamped, String) {
        let mut map: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let stamped = stamp.put_on(&Method::GET, &Url::parse(url).unwrap(), &mut map);
        let shown: Vec<_> =
            map.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        (stamped, shown.join(" | "))
    }

    fn put(text: &str) -> (Stamped, String) {
        (Stamped::Put, text.to_owned())
    }

    #[test]
    fn cookies_heed_who_started_the_request() {
        let stamp = stamp(session(session::Method::Cookie), Mode::Force);
        assert_eq!(sent(&stamp, APP, &[]), put("cookie: sid=1; any=2"));
        let foreign = [("origin", "https://other.example")];
        assert_eq!(sent(&stamp, APP, &foreign), put("origin: https://other.example | cookie: any=2"));
    }

    #[test]
    fn the_cookie_method_sends_no_header_token() {
        let mut state = session(session::Method::Cookie);
        state.headers.push(session::HeaderToken {
            origin: Origin::parse(APP).unwrap(),
            name: "Authorization".into(),
            value: "Bearer x".into(),
            source: session::Source::Memory,
        });
        for mode in [Mode::Force, Mode::Fill, Mode::Follow] {
            let (_, sent) = sent(&stamp(state.clone(), mode), APP, &[]);
            assert!(!sent.contains("Bearer"), "{sent}");
        }
    }

    #[test]
    fn headers_from_templates_go_to_the_whole_scope_but_not_out_of_encryption() {
        let method =
            templates(&[("Authorization", "Bearer {%json:token%}"), ("Cookie", "token={%json:token%}")]);
        let stamp = stamp(session(method), Mode::Force);
        let (_, app) = sent(&stamp, APP, &[("authorization", "theirs"), ("cookie", "token=theirs; a=1")]);
        assert!(
            app.contains("authorization: Bearer t1") && app.contains("cookie: sid=1; any=2; token=t1; a=1"),
            "{app}"
        );
        for other in ["https://api.shop.example/", "https://app.shop.example:8443/"] {
            assert!(sent(&stamp, other, &[]).1.contains("Bearer t1"), "{other}");
        }
        for other in ["http://app.shop.example/", "https://other.shop.example/", "https://evil.example/"] {
            assert!(!sent(&stamp, other, &[]).1.contains("t1"), "{other}");
        }
    }

    #[test]
    fn templates_are_filled_again_when_the_session_changes() {
        let shared = Shared::new(session(templates(&[("X", "{%json:token%}")])));
        let scope = Scope::new([Origin::parse(APP).unwrap()]);
        let stamp = Stamp::new(shared.clone(), scope, Mode::Force);
        assert!(sent(&stamp, APP, &[]).1.contains("x: t1"));
        shared.update(|state| state.values[0].1 = "t2".into());
        assert!(sent(&stamp, APP, &[]).1.contains("x: t2"));
    }

    #[test]
    fn in_fill_mode_a_token_of_a_template_s_name_is_left() {
        let method = templates(&[("X-Token", "{%json:token%}"), ("Cookie", "token={%json:token%}")]);
        let stamp = stamp(session(method), Mode::Fill);
        for own in [("x-token", "own"), ("cookie", "token=own"), ("cookie", "sid=own")] {
            assert_eq!(sent(&stamp, APP, &[own]).0, Stamped::Carried, "{own:?}");
        }
        assert_eq!(sent(&stamp, APP, &[("cookie", "b=1")]).0, Stamped::Put);
    }

    #[test]
    fn a_followed_browser_gets_the_headers_that_it_cannot_have() {
        let method = templates(&[("X-Token", "{%json:token%}"), ("X-Csrf", "{%cookie:any%}")]);
        let stamp = stamp(session(method), Mode::Follow);
        assert_eq!(sent(&stamp, APP, &[]), put("x-token: t1"));
        assert_eq!(sent(&stamp, APP, &[("x-token", "own")]), (Stamped::Carried, "x-token: own".into()));
    }

    #[test]
    fn credentials_go_ahead_to_the_scope_and_nowhere_else() {
        let method = session::Method::Http { scheme: HttpScheme::Basic };
        let force = stamp(session(method.clone()), Mode::Force);
        let (stamped, app) = sent(&force, APP, &[("authorization", "theirs")]);
        assert_eq!(
            (stamped, app.contains("authorization: Basic YW5uYTpwdw==")),
            (Stamped::Put, true),
            "{app}"
        );
        for other in ["http://app.shop.example/", "https://shop.example/", "https://app.shop.example:9443/"] {
            assert!(!sent(&force, other, &[]).1.contains("Basic"), "{other}");
        }
        let fill = stamp(session(method), Mode::Fill);
        assert_eq!(sent(&fill, APP, &[("authorization", "theirs")]).0, Stamped::Carried);
    }

    #[test]
    fn a_session_of_a_script_asks_for_it() {
        let method = session::Method::Script { file: "a.js".into(), parameters: BTreeMap::new() };
        let stamp = stamp(session(method), Mode::Force);
        assert_eq!(sent(&stamp, APP, &[]), (Stamped::Script, "cookie: sid=1; any=2".into()));
        assert_eq!(sent(&stamp, "https://evil.example/", &[]).0, Stamped::OutOfScope);
    }
}
