//! Keeps pages in somebody's browser from using the gateway: it logs in whoever reaches it.

use http::{
    HeaderMap, Uri,
    header::{HOST, ORIGIN},
};

/// Which hosts and origins requests may name.
///
/// A page of another site shows itself by the `Origin` header; one whose name was bound to this machine's address, by the
/// `Host` header, which then is a name that nobody allowed. Addresses, `localhost` and names without a dot, which no stranger
/// can own, are always allowed.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// Further host names that the gateway is reached by, without port.
    pub hosts: Vec<String>,
    /// Origins of pages that may use the gateway, for example `http://tools.example:8000`.
    pub origins: Vec<String>,
}

impl Guard {
    /// Why a request is refused, or nothing when it may pass.
    pub(super) fn objection(&self, uri: &Uri, headers: &HeaderMap) -> Option<String> {
        let text = |name| headers.get(name).map(|v: &http::HeaderValue| v.to_str().unwrap_or("?"));
        let named = uri.host().or_else(|| text(HOST).map(without_port)).unwrap_or_default();
        if !self.knows(named) {
            return Some(format!(
                "the host `{named}` is not known here\nhint: allow it with --allow-host if that is how the gateway is reached"
            ));
        }
        match text(ORIGIN) {
            Some(origin) if !self.origins.iter().any(|allowed| allowed == origin) => Some(format!(
                "pages of `{origin}` may not use the gateway\nhint: allow it with --allow-origin"
            )),
            _ => None,
        }
    }

    fn knows(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_local = |name: &str| name == "localhost" || name.ends_with(".localhost");
        !host.is_empty()
            && (bare.parse::<std::net::IpAddr>().is_ok()
                || is_local(&host.to_ascii_lowercase())
                || !host.contains('.')
                || self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(guard: &Guard, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        headers.extend(origin.map(|origin| (ORIGIN, origin.parse().unwrap())));
        guard.objection(&Uri::from_static("/status"), &headers).is_some()
    }

    #[test]
    fn only_hosts_that_no_stranger_can_own_are_known() {
        let guard = Guard { hosts: vec!["grid.example.com".into()], ..Guard::default() };
        for host in [
            "127.0.0.1:4444",
            "[::1]:4444",
            "localhost:4444",
            "gateway:4444",
            "10.0.0.7",
            "Grid.example.com:1",
        ] {
            assert!(!refuses(&guard, host, None), "{host}");
        }
        for host in ["evil.example:4444", "127.0.0.1.evil.example", "localhost.evil.example:4444", ""] {
            assert!(refuses(&guard, host, None), "{host}");
        }
    }

    #[test]
    fn pages_are_refused_unless_they_are_allowed() {
        let guard = Guard { origins: vec!["http://tools.test:8000".into()], ..Guard::default() };
        assert!(!refuses(&guard, "localhost:4444", Some("http://tools.test:8000")));
        for origin in ["http://evil.example", "null", "http://localhost:4444", "http://tools.test"] {
            assert!(refuses(&guard, "localhost:4444", Some(origin)), "{origin}");
        }
    }
}
