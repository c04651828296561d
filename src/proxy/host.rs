//! Patterns that hosts are matched with.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A host, or all names below one: `shop.example`, `*.shop.example`, `127.0.0.1`, `::1`, or `*` for every host.
///
/// Ports and letter case do not count. `*.shop.example` means the names below it and not `shop.example` itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Every,
    Exact(String),
    Below(String),
}

impl HostPattern {
    /// The pattern that every host matches.
    #[must_use]
    pub fn every() -> Self {
        Self(Kind::Every)
    }

    /// Whether this host is meant; an IPv6 address may stand in brackets.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let host = bare(host);
        match &self.0 {
            Kind::Every => true,
            Kind::Exact(own) => host.eq_ignore_ascii_case(own),
            Kind::Below(parent) => is_below(host, parent),
        }
    }
}

impl FromStr for HostPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no host; write a name or an address without port, or `*.example.com` for all names below one"
            )
        };
        if text == "*" {
            return Ok(Self::every());
        }
        let (below, name) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, bare(text)),
        };
        let is_address = name.parse::<IpAddr>().is_ok();
        let ascii = match is_address {
            true if below => return Err(wrong()),
            true => name.to_owned(),
            // Names are compared as they stand in requests: in their ASCII form.
            false if name.contains(['*', ':']) => return Err(wrong()),
            false => url::Host::parse(name).map_err(|_| wrong())?.to_string(),
        };
        let name = ascii.trim_end_matches('.').to_ascii_lowercase();
        Ok(Self(if below { Kind::Below(name) } else { Kind::Exact(name) }))
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Every => f.write_str("*"),
            Kind::Exact(host) => f.write_str(host),
            Kind::Below(parent) => write!(f, "*.{parent}"),
        }
    }
}

fn bare(host: &str) -> &str {
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host)
}

fn is_below(host: &str, parent: &str) -> bool {
    let Some(at) = host.len().checked_sub(parent.len() + 1) else { return false };
    let (name, rest) = (host.as_bytes(), parent.as_bytes());
    at > 0 && name[at] == b'.' && name[at + 1..].eq_ignore_ascii_case(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> HostPattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_host_matches_itself_in_any_case_and_nothing_else() {
        assert!(pattern("Shop.Example").matches("shop.example"));
        assert!(pattern("shop.example").matches("SHOP.example."));
        assert!(!pattern("shop.example").matches("www.shop.example"));
        assert!(pattern("[::1]").matches("::1") && pattern("::1").matches("[::1]"));
        assert!(pattern("127.0.0.1").matches("127.0.0.1"));
    }

    #[test]
    fn a_star_means_names_below_and_neither_the_name_itself_nor_one_that_ends_alike() {
        let below = pattern("*.shop.example");
        assert!(below.matches("www.shop.example") && below.matches("a.B.Shop.example"));
        for other in ["shop.example", ".shop.example", "evilshop.example", "shop.example.evil.example", "x"] {
            assert!(!below.matches(other), "{other}");
        }
        assert!(pattern("*").matches("anything"));
    }

    #[test]
    fn what_is_no_host_is_refused_with_an_example() {
        for text in ["", "a b", "http://shop.example", "shop.example:443", "*.127.0.0.1", "w*.example", "*."]
        {
            assert!(text.parse::<HostPattern>().is_err_and(|e| e.contains("*.example.com")), "{text}");
        }
    }
}
