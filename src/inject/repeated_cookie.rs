//! Header tokens that repeat a cookie, as protection against forged requests has it.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::{
    session::{Cookie, HeaderToken, Source, State, now},
    site::registrable_domain,
};

/// The value of a token; where it repeats a cookie, as that cookie is now, after the scheme that stood before it.
pub(super) fn current_value(state: &State, url: &Url, token: &HeaderToken) -> String {
    let kept = token.value.expose();
    let Source::Cookie { name } = &token.source else { return kept.to_owned() };
    let Some(cookie) = repeated(state, url, name) else { return kept.to_owned() };
    match kept.split_once(' ') {
        Some((scheme, bare)) => format!("{scheme} {}", as_before(cookie, bare)),
        None => as_before(cookie, kept),
    }
}

/// The value of a cookie as a template of a header to `url` has it: decoded where the application's own script was seen
/// to send it so.
pub(super) fn cookie_value(state: &State, url: &Url, name: &str) -> Option<String> {
    let cookie = repeated(state, url, name)?;
    let is_it = |source: &Source| matches!(source, Source::Cookie { name: known } if known == name);
    let seen = state.headers_for(url).find(|token| is_it(&token.source)).map(|token| token.value.expose());
    let bare = seen.map_or(cookie.value.expose(), |seen| seen.split_once(' ').map_or(seen, |(_, bare)| bare));
    Some(as_before(cookie, bare))
}

/// Scripts decode such a cookie before they send it, or they do not: the value that was seen tells.
fn as_before(cookie: &Cookie, seen: &str) -> String {
    let value = cookie.value.expose();
    if is_encoded(value) && !is_encoded(seen) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Origin;

    /// What goes to `home` for a token that was seen as `kept`, now that the cookie of the application is `a%3D`.
    fn sent(home: &str, kept: &str, set_cookie: &str) -> String {
        let mut state = State::default();
        assert!(state.receive_cookie(set_cookie, &Url::parse("https://app.shop.example/").unwrap(), now()));
        let source = Source::Cookie { name: "XSRF-TOKEN".into() };
        let origin = Origin::parse(home).unwrap();
        let token = HeaderToken { name: "X-XSRF-TOKEN".into(), value: kept.into(), source, origin };
        current_value(&state, &token.origin.url(), &token)
    }

    #[test]
    fn the_value_is_that_of_the_cookie_now_decoded_if_it_was_so_before() {
        let cookie = "XSRF-TOKEN=new%3D; Path=/; Secure";
        assert_eq!(sent("https://app.shop.example", "old=", cookie), "new=");
        assert_eq!(sent("https://app.shop.example", "old%3D", cookie), "new%3D");
        assert_eq!(sent("https://app.shop.example", "Bearer old=", cookie), "Bearer new=");
    }

    #[test]
    fn another_host_of_the_same_owner_gets_it_too_but_not_without_encryption() {
        let cookie = "XSRF-TOKEN=new; Path=/; Secure";
        assert_eq!(sent("https://api.shop.example", "old", cookie), "new");
        assert_eq!(sent("http://api.shop.example", "old", cookie), "old");
    }

    #[test]
    fn a_stranger_never_gets_the_cookie_of_another_site() {
        assert_eq!(sent("https://stranger.example", "old", "XSRF-TOKEN=new; Path=/"), "old");
    }

    #[test]
    fn a_cookie_of_another_name_changes_nothing() {
        assert_eq!(sent("https://app.shop.example", "old", "other=new; Path=/"), "old");
    }
}
