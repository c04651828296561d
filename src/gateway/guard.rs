//! Keeps pages in somebody's browser from using the gateway: it logs in whoever reaches it.

use std::net::IpAddr;

use http::{
    HeaderMap, Uri,
    header::{HOST, ORIGIN},
};

/// Which machines may connect, and which hosts and origins requests may name.
///
/// A page of another site shows itself by the `Origin` header; one whose name was bound to this machine's address, by the
/// `Host` header, which then is a name that nobody allowed. Addresses, which no stranger can own, are always allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Further host names that the gateway is reached by, without port.
    pub hosts: Vec<String>,
    /// Whether `localhost` and names without a dot, which no stranger can own either, are known without being named.
    pub locals: Locals,
    /// Origins of pages that may use the gateway, for example `http://tools.example:8000`; a bare host stands for all of its
    /// origins, and `*` for every one.
    pub origins: Vec<String>,
    /// Which machines may connect.
    pub peers: Peers,
}

/// What is known of host names that no stranger can own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locals {
    /// They are known.
    #[default]
    Known,
    /// Only those that are named.
    Named,
}

/// The machines that may connect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Peers {
    /// Whoever reaches the port.
    #[default]
    All,
    /// Those at these addresses.
    Named(Vec<IpAddr>),
}

impl Guard {
    /// Why a request is refused, or nothing when it may pass.
    pub(super) fn objection(&self, peer: IpAddr, uri: &Uri, headers: &HeaderMap) -> Option<String> {
        let peer = peer.to_canonical();
        if let Peers::Named(peers) = &self.peers
            && !peers.contains(&peer)
        {
            return Some(format!("machines at `{peer}` may not use the gateway"));
        }
        let text = |name| headers.get(name).map(|v: &http::HeaderValue| v.to_str().unwrap_or("?"));
        let named = uri.host().or_else(|| text(HOST).map(without_port)).unwrap_or_default();
        if !self.knows(named) {
            return Some(format!(
                "the host `{named}` is not known here\nhint: allow it with --allow-host if that is how the gateway is reached; stand-ins take --allow-hosts or --allowed-origins, as their drivers do"
            ));
        }
        match text(ORIGIN) {
            Some(origin) if !self.admits(origin) => Some(format!(
                "pages of `{origin}` may not use the gateway\nhint: allow it with --allow-origin; stand-ins take --allow-origins or --allowed-origins, as their drivers do"
            )),
            _ => None,
        }
    }

    fn admits(&self, origin: &str) -> bool {
        let host = origin.split_once("://").map(|(_, host)| without_port(host));
        self.origins
            .iter()
            .any(|allowed| allowed == "*" || allowed == origin || Some(allowed.as_str()) == host)
    }

    fn knows(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        !host.is_empty()
            && (bare.parse::<IpAddr>().is_ok()
                || (self.locals == Locals::Known && is_local(&host.to_ascii_lowercase()))
                || self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)))
    }
}

/// Whether no stranger can own a name.
fn is_local(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost") || !name.contains('.')
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
        guard.objection(HERE, &Uri::from_static("/status"), &headers).is_some()
    }

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

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
        let guard = Guard { origins: vec!["tools.test".into()], ..Guard::default() };
        assert!(!refuses(&guard, "localhost:4444", Some("http://tools.test:8000")));
        assert!(refuses(&guard, "localhost:4444", Some("http://evil.tools.test")));
        let guard = Guard { origins: vec!["*".into()], ..Guard::default() };
        assert!(!refuses(&guard, "localhost:4444", Some("http://evil.example")));
    }

    #[test]
    fn names_that_no_stranger_can_own_may_have_to_be_named_too() {
        let guard = Guard { hosts: vec!["box".into()], locals: Locals::Named, ..Guard::default() };
        for host in ["box:4444", "127.0.0.1:4444"] {
            assert!(!refuses(&guard, host, None), "{host}");
        }
        for host in ["localhost:4444", "gateway:4444"] {
            assert!(refuses(&guard, host, None), "{host}");
        }
    }

    #[test]
    fn only_machines_that_were_named_may_connect_where_some_were() {
        let guard = Guard { peers: Peers::Named(vec!["10.0.0.7".parse().unwrap()]), ..Guard::default() };
        let mut headers = HeaderMap::new();
        headers.insert(HOST, "localhost:4444".parse().unwrap());
        let objection = |peer: &str| {
            guard.objection(peer.parse().unwrap(), &Uri::from_static("/status"), &headers).is_some()
        };
        assert!(!objection("10.0.0.7") && !objection("::ffff:10.0.0.7"));
        assert!(objection("10.0.0.8") && objection("127.0.0.1") && objection("::1"));
    }
}
