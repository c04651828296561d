//! Refuses names and values that would break out of the place that they are written to.

use url::Host;

use super::Error;
use crate::session::{Cookie, State};

/// Refuses what a text format cannot hold: line ends and other control characters, and a `;` in a cookie.
pub(super) fn ensure_safe(state: &State) -> Result<(), Error> {
    for cookie in &state.cookies {
        ensure_safe_cookie(cookie)?;
    }
    for token in &state.headers {
        ensure_safe_header(&token.name, token.value.expose())?;
    }
    if state.user_agent.as_ref().is_some_and(|agent| agent.chars().any(char::is_control)) {
        return Err(broken("header", "User-Agent"));
    }
    Ok(())
}

/// As [`ensure_safe`], for one cookie; its domain has to be a host.
pub(super) fn ensure_safe_cookie(cookie: &Cookie) -> Result<(), Error> {
    let breaks = |c: char| c.is_control() || c == ';';
    let texts = [&*cookie.name, cookie.value.expose(), &cookie.domain, &cookie.path];
    let is_broken = texts.iter().any(|text| text.contains(breaks))
        || cookie.name.contains('=')
        || Host::parse(&cookie.domain).is_err();
    if is_broken { Err(broken("cookie", &cookie.name)) } else { Ok(()) }
}

/// As [`ensure_safe`], for one header.
pub(super) fn ensure_safe_header(name: &str, value: &str) -> Result<(), Error> {
    let is_name = http::HeaderName::from_bytes(name.as_bytes()).is_ok();
    if is_name && !value.chars().any(|c| c.is_control() && c != '\t') {
        return Ok(());
    }
    Err(broken("header", name))
}

fn broken(kind: &'static str, name: &str) -> Error {
    Error::Unsafe { kind, name: name.chars().take(60).collect::<String>().escape_debug().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(name: &str, value: &str) -> Cookie {
        Cookie { name: name.into(), value: value.into(), domain: "a.example".into(), ..Cookie::default() }
    }

    #[test]
    fn line_ends_and_separators_are_refused_without_telling_the_value() {
        assert!(ensure_safe_cookie(&cookie("a", "b=\"c\" d ü")).is_ok());
        for (name, value) in [("a", "x\r\nX: y"), ("a", "x; b=c"), ("a\n", "x"), ("a=b", "x"), ("a", "x\ty")]
        {
            let error = ensure_safe_cookie(&cookie(name, value)).unwrap_err();
            assert!(!error.to_string().contains("X: y") && !error.to_string().contains('\r'), "{error}");
        }
        let elsewhere = Cookie { domain: "a b/c".into(), ..cookie("a", "b") };
        assert!(ensure_safe_cookie(&elsewhere).is_err());
        assert!(ensure_safe_header("X-Token", "a b").is_ok());
        assert!(ensure_safe_header("X Token", "a").is_err());
        assert!(ensure_safe_header("X-Token", "a\nb").is_err());
    }
}
