//! The `Cookie` header of a request: what it names, and what becomes of it when a session is added.

use http::{HeaderMap, HeaderValue, header::COOKIE};

use crate::session::Cookie;

/// The names of the cookies that a request carries.
pub(super) fn names(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    pairs(headers).map(name)
}

/// The names of the cookies in a text.
pub(super) fn names_in(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    split(line).map(name)
}

/// Writes the session's cookies first, then those of a template, and then those of the client whose names are not used yet.
///
/// A template wins over a cookie of its name. There is one header afterwards, also where HTTP/2 had split it. A client's
/// cookie that is not text is kept.
pub(super) fn merge(headers: &mut HeaderMap, cookies: &[&Cookie], template: &[u8]) {
    let made = |wanted: &[u8]| split(template).any(|pair| name(pair) == wanted);
    let own =
        |pair: &&[u8]| cookies.iter().any(|cookie| cookie.name.as_bytes() == name(pair)) || made(name(pair));
    let mut line = Vec::new();
    for cookie in cookies.iter().filter(|cookie| !made(cookie.name.as_bytes())) {
        push(&mut line, format!("{}={}", cookie.name, cookie.value.expose()).as_bytes());
    }
    for pair in split(template) {
        push(&mut line, pair);
    }
    for pair in pairs(headers).filter(|pair| !own(pair)) {
        push(&mut line, pair);
    }
    headers.remove(COOKIE);
    if let (false, Ok(mut value)) = (line.is_empty(), HeaderValue::from_bytes(&line)) {
        value.set_sensitive(true);
        headers.insert(COOKIE, value);
    }
}

/// The cookies that a request carries, as they are written.
pub(super) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let lines = headers.get_all(COOKIE).into_iter().map(HeaderValue::as_bytes);
    lines.flat_map(split)
}

fn split(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| *b == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty())
}

/// The name of a cookie as it is written.
pub(super) fn name(pair: &[u8]) -> &[u8] {
    pair.split(|b| *b == b'=').next().unwrap_or_default().trim_ascii()
}

fn push(line: &mut Vec<u8>, pair: &[u8]) {
    if HeaderValue::from_bytes(pair).is_ok() {
        if !line.is_empty() {
            line.extend_from_slice(b"; ");
        }
        line.extend_from_slice(pair);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(name: &str, value: &str) -> Cookie {
        Cookie { name: name.into(), value: value.into(), ..Cookie::default() }
    }

    fn merged(client: &[&str], session: &[Cookie]) -> Option<String> {
        merged_with(client, session, "")
    }

    fn merged_with(client: &[&str], session: &[Cookie], template: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in client {
            headers.append(COOKIE, line.parse().unwrap());
        }
        merge(&mut headers, &session.iter().collect::<Vec<_>>(), template.as_bytes());
        assert!(headers.get_all(COOKIE).iter().count() <= 1);
        headers.get(COOKIE).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_cookies_of_the_session_replace_those_of_their_name_and_no_others() {
        let session = [cookie("sid", "ours"), cookie("lang", "de")];
        assert_eq!(merged(&["a=1; sid=theirs;b=2"], &session).unwrap(), "sid=ours; lang=de; a=1; b=2");
        assert_eq!(merged(&["SID=x"], &session[..1]).unwrap(), "sid=ours; SID=x");
    }

    #[test]
    fn the_cookies_of_a_template_replace_those_of_their_names() {
        let session = [cookie("sid", "ours"), cookie("token", "old")];
        let made = merged_with(&["token=theirs; a=1"], &session, "token=new=; x=y");
        assert_eq!(made.unwrap(), "sid=ours; token=new=; x=y; a=1");
    }

    #[test]
    fn a_split_header_becomes_one() {
        assert_eq!(merged(&["a=1", "sid=theirs", "b=2"], &[cookie("sid", "x")]).unwrap(), "sid=x; a=1; b=2");
    }

    #[test]
    fn a_session_without_cookies_leaves_those_of_the_client() {
        assert_eq!(merged(&["a=1; b=2"], &[]).unwrap(), "a=1; b=2");
        assert_eq!(merged(&[], &[]), None);
    }

    #[test]
    fn a_value_that_would_break_the_header_is_left_out() {
        assert_eq!(merged(&[], &[cookie("a", "1\r\nX: y"), cookie("b", "2")]).unwrap(), "b=2");
    }
}
