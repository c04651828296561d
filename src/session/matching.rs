//! The comparisons that decide where a cookie goes. See 5.1 of RFC 6265bis.

use crate::site::is_ip_address;

/// Whether `host` is `domain` or a name below it. See 5.1.3 Domain Matching of RFC 6265bis.
pub(super) fn domain_matches(host: &str, domain: &str) -> bool {
    host == domain
        || (!is_ip_address(host)
            && !is_ip_address(domain)
            && host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')))
}

/// Whether a request for `request` falls under the cookie's `path`. See 5.1.4 Paths and Path-Match of RFC 6265bis.
pub(super) fn path_matches(request: &str, path: &str) -> bool {
    request
        .strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || path.ends_with('/') || rest.starts_with('/'))
}

/// The path of a cookie that names none: the folder of the request. See 5.1.4 of RFC 6265bis.
pub(super) fn default_path(request: &str) -> &str {
    match request.rfind('/') {
        Some(end) if end > 0 && request.starts_with('/') => &request[..end],
        _ => "/",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_matches_itself_and_names_below_it() {
        assert!(domain_matches("shop.example", "shop.example"));
        assert!(domain_matches("www.shop.example", "shop.example"));
        for (host, domain) in [
            ("evilshop.example", "shop.example"),
            ("shop.example", "www.shop.example"),
            ("shop.example.evil.example", "shop.example"),
            (".shop.example", "shop.example"),
            ("10.127.0.0.1", "127.0.0.1"),
            ("[::1]", ":1]"),
            ("1.2.3.4", "3.4"),
            ("shop.example", ""),
        ] {
            assert!(!domain_matches(host, domain), "{host} {domain}");
        }
        assert!(domain_matches("127.0.0.1", "127.0.0.1"));
    }

    #[test]
    fn a_path_matches_itself_and_what_lies_under_it() {
        for (request, path) in [("/", "/"), ("/a", "/"), ("/a", "/a"), ("/a/b", "/a"), ("/a/b", "/a/")] {
            assert!(path_matches(request, path), "{request} {path}");
        }
        for (request, path) in [("/ab", "/a"), ("/a", "/a/"), ("/", "/a"), ("/b/a", "/a")] {
            assert!(!path_matches(request, path), "{request} {path}");
        }
    }

    #[test]
    fn the_default_path_is_the_folder_of_the_request() {
        for (request, path) in [("/", "/"), ("/login", "/"), ("/a/login", "/a"), ("/a/", "/a"), ("", "/")] {
            assert_eq!(default_path(request), path, "{request}");
        }
    }
}
