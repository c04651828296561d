//! Where one owner's domain ends and a registry's begins, by the public suffix list.

use std::net::Ipv4Addr;

/// The shortest part of `host` that one owner registers: `example.co.uk` of `www.example.co.uk`.
///
/// `None` for IP addresses, for public suffixes themselves and for single names such as `localhost`.
/// The host is expected in lower case and punycode, as `Url::host_str` gives it.
#[must_use]
pub fn registrable_domain(host: &str) -> Option<&str> {
    if is_ip_address(host) { None } else { psl::domain_str(host) }
}

/// Whether anybody may register names below `host`: `com`, `co.uk`, `github.io`, and unknown single names.
///
/// A cookie must not be set for such a domain. See 5.7 Storage Model of RFC 6265bis.
#[must_use]
pub fn is_public_suffix(host: &str) -> bool {
    !is_ip_address(host) && psl::suffix_str(host) == Some(host)
}

/// Whether `host`, as `Url::host_str` gives it, is an IP address; IPv6 comes in brackets.
pub(crate) fn is_ip_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registrable_domain_is_one_label_below_the_public_suffix() {
        assert_eq!(registrable_domain("www.example.co.uk"), Some("example.co.uk"));
        assert_eq!(registrable_domain("example.co.uk"), Some("example.co.uk"));
        assert_eq!(registrable_domain("someone.github.io"), Some("someone.github.io"));
        assert_eq!(registrable_domain("app.corp.internal"), Some("corp.internal"));
    }

    #[test]
    fn suffixes_single_names_and_addresses_have_no_registrable_domain() {
        for host in ["com", "co.uk", "github.io", "localhost", "127.0.0.1", "[::1]", ""] {
            assert_eq!(registrable_domain(host), None, "{host}");
        }
    }

    #[test]
    fn only_what_anybody_may_register_below_is_a_public_suffix() {
        for host in ["com", "co.uk", "github.io", "localhost"] {
            assert!(is_public_suffix(host), "{host}");
        }
        for host in ["example.com", "someone.github.io", "127.0.0.1", "[::1]"] {
            assert!(!is_public_suffix(host), "{host}");
        }
    }
}
