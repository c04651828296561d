//! Makes a session out of the traffic of a login that took no browser.

use std::collections::BTreeSet;

use url::Url;

use super::headers;
use crate::{
    browser::Exchange,
    session::{HttpScheme, Method, State, now},
    site::Origin,
};

/// The session that a login's traffic left behind: the cookies that its answers set, header tokens where a request
/// carried some, and the origins of the login (from `login`, a place in the traffic, on) and of where it ended.
///
/// `credentials` are the user name and password, to recognise headers that are made of them.
#[must_use]
pub fn from_exchanges(traffic: &[Exchange], login: usize, credentials: &[&str]) -> State {
    let mut state = State { created: now(), ..State::default() };
    for exchange in traffic {
        let Ok(url) = exchange.url.parse::<Url>() else { continue };
        let set =
            exchange.response_headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        for (_, line) in set {
            state.receive_cookie(line, &url, now());
        }
    }
    let (before, after) = traffic.split_at(login.min(traffic.len()));
    state.headers = headers::read(before, after, &state, credentials);
    state.user_agent = after.last().and_then(|x| x.request_header("user-agent")).map(str::to_owned);
    let ends = after.first().into_iter().chain(after.last());
    let ends = ends.filter_map(|exchange| Origin::of(&exchange.url.parse().ok()?));
    let origins: BTreeSet<Origin> =
        ends.chain(state.headers.iter().map(|token| token.origin.clone())).collect();
    state.scope = origins.into_iter().collect();
    state
}

/// The session of HTTP authentication at a URL: there is nothing to log in to, the credentials themselves go with each
/// request to its origin.
#[must_use]
pub fn from_credentials(url: &Url, scheme: HttpScheme) -> State {
    State {
        method: Method::Http { scheme },
        scope: Origin::of(url).into_iter().collect(),
        created: now(),
        ..State::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(url: &str, set: &[&str]) -> Exchange {
        Exchange {
            method: "GET".into(),
            url: url.into(),
            request_headers: vec![("user-agent".into(), "Login/1".into())],
            response_headers: set.iter().map(|line| ("set-cookie".to_owned(), (*line).to_owned())).collect(),
            status: Some(200),
            ..Exchange::default()
        }
    }

    #[test]
    fn cookies_are_kept_as_a_browser_keeps_them() {
        let traffic = [
            exchange("https://id.example/", &["pre=1", "gone=1", "evil=1; Domain=other.example"]),
            exchange("https://id.example/login", &["sid=2; HttpOnly; Secure", "gone=; Max-Age=0"]),
            exchange("https://app.example/home", &["app=3"]),
        ];
        let state = from_exchanges(&traffic, 1, &[]);
        let names: Vec<_> = state.cookies.iter().map(|cookie| cookie.name.as_str()).collect();
        assert_eq!(names, ["pre", "sid", "app"]);
        let scope: Vec<_> = state.scope.iter().map(ToString::to_string).collect();
        assert_eq!(scope, ["https://app.example", "https://id.example"]);
        assert_eq!(state.user_agent.as_deref(), Some("Login/1"));
    }

    #[test]
    fn a_login_without_traffic_is_an_empty_session() {
        assert!(from_exchanges(&[], 3, &[]).scope.is_empty());
    }
}
