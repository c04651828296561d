//! What a proxy must do to headers: those of one hop, cookies, and shapes that two servers could read differently.

use hyper::header::{
    CONNECTION, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRANSFER_ENCODING, UPGRADE,
};

/// The protocol that a request asks to change to, `h2c` aside: it would carry requests past the handler.
pub(super) fn wanted_upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let wanted = headers.get(UPGRADE)?;
    let is_h2c = tokens(headers, &UPGRADE).any(|token| token.eq_ignore_ascii_case("h2c"));
    let is_asked = tokens(headers, &CONNECTION).any(|token| token.eq_ignore_ascii_case("upgrade"));
    (is_asked && !is_h2c).then(|| wanted.clone())
}

/// Removes the headers that end at this hop. See RFC 9110, 7.6.1.
pub(super) fn strip_hop(headers: &mut HeaderMap) {
    let trailers = tokens(headers, &TE).any(|token| token.eq_ignore_ascii_case("trailers"));
    let named: Vec<HeaderName> = tokens(headers, &CONNECTION)
        .filter_map(|token| HeaderName::from_bytes(token.as_bytes()).ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [CONNECTION, TE, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
    for name in HOP {
        headers.remove(name);
    }
    let proxied: Vec<HeaderName> =
        headers.keys().filter(|n| n.as_str().starts_with("proxy-")).cloned().collect();
    for name in proxied {
        headers.remove(name);
    }
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
}

/// Puts the two headers back that ask for, or grant, a change of protocol.
pub(super) fn put_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, protocol);
}

/// Joins several `Cookie` headers, as HTTP/2 allows and HTTP/1 forbids. See RFC 9113, 8.2.3.
pub(super) fn join_cookies(headers: &mut HeaderMap) {
    let parts: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if parts.len() < 2 {
        return;
    }
    if let Ok(mut joined) = HeaderValue::from_bytes(&parts.join(&b"; "[..])) {
        joined.set_sensitive(true);
        headers.insert(COOKIE, joined);
    }
}

/// Why a request could be read as another one by the next server, if it could.
///
/// hyper itself refuses differing lengths, and drops the length of a chunked body; what it lets through is
/// found here.
pub(super) fn smuggling(headers: &HeaderMap) -> Option<&'static str> {
    let encodings: Vec<_> = headers.get_all(TRANSFER_ENCODING).iter().collect();
    let is_chunked = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"chunked");
    if encodings.len() > 1 || encodings.first().is_some_and(|value| !is_chunked(value)) {
        return Some("its transfer encoding is another than `chunked`");
    }
    if headers.get_all(HOST).iter().nth(1).is_some() {
        return Some("it has more than one `Host` header");
    }
    None
}

fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

const HOP: [&str; 2] = ["keep-alive", "http2-settings"];

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn headers_of_the_hop_go_and_others_stay() {
        let mut map = headers(&[
            ("connection", "keep-alive, X-Mine"),
            ("x-mine", "1"),
            ("keep-alive", "timeout=5"),
            ("proxy-authorization", "Basic x"),
            ("proxy-connection", "keep-alive"),
            ("te", "trailers, deflate"),
            ("trailer", "x-sum"),
            ("accept", "*/*"),
        ]);
        strip_hop(&mut map);
        assert_eq!(map, headers(&[("te", "trailers"), ("trailer", "x-sum"), ("accept", "*/*")]));
    }

    #[test]
    fn an_upgrade_counts_only_when_the_connection_names_it_and_it_is_not_h2c() {
        assert!(
            wanted_upgrade(&headers(&[("upgrade", "websocket"), ("connection", "keep-alive, Upgrade")]))
                .is_some()
        );
        assert!(wanted_upgrade(&headers(&[("upgrade", "websocket")])).is_none());
        assert!(
            wanted_upgrade(&headers(&[("upgrade", "h2c"), ("connection", "Upgrade, HTTP2-Settings")]))
                .is_none()
        );
    }

    #[test]
    fn split_cookies_become_one() {
        let mut map = HeaderMap::new();
        map.append(COOKIE, HeaderValue::from_static("a=1"));
        map.append(COOKIE, HeaderValue::from_static("b=2"));
        join_cookies(&mut map);
        assert_eq!(map.get_all(COOKIE).iter().collect::<Vec<_>>(), ["a=1; b=2"]);
    }

    #[test]
    fn stacked_transfer_encodings_are_smuggling() {
        assert!(smuggling(&headers(&[("transfer-encoding", "chunked")])).is_none());
        assert!(smuggling(&headers(&[("transfer-encoding", "gzip, chunked")])).is_some());
        let mut twice = headers(&[("transfer-encoding", "identity")]);
        twice.append(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        assert!(smuggling(&twice).is_some());
    }
}
