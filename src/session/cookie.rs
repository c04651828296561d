//! A cookie, and which requests it goes with.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Extra, Secret,
    matching::{domain_matches, path_matches},
    set_cookie,
};
use crate::site::{Origin, is_public_suffix};

/// When a cookie goes along with requests that another site started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SameSite {
    /// Never.
    Strict,
    /// Only when a link or the like leads the whole tab there.
    Lax,
    /// Always.
    None,
}

/// A stored cookie. See 5.7 Storage Model of RFC 6265bis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cookie {
    /// The name.
    pub name: String,
    /// The value, as it is sent.
    pub value: Secret,
    /// The host in lower case and punycode, without a leading dot.
    pub domain: String,
    /// Whether it goes to exactly that host, not to those below it.
    pub host_only: bool,
    /// The path that it is valid under.
    pub path: String,
    /// When it ends, in Unix seconds; `None` where it ends with the browser.
    pub expires: Option<i64>,
    /// Whether it travels encrypted only (or to loopback).
    pub secure: bool,
    /// Whether it is hidden from scripts.
    pub http_only: bool,
    /// The `SameSite` attribute, where there was one.
    pub same_site: Option<SameSite>,
    /// The site of the tab that a partitioned cookie belongs to, such as `https://shop.example`.
    pub partition_key: Option<String>,
    /// Unknown keys of the cookie's entry in the session file.
    pub extra: Extra,
}

impl Cookie {
    /// Reads one `Set-Cookie` header of the answer to `url`.
    ///
    /// `None` where a browser would ignore it: a foreign domain, a public suffix, `Secure` without
    /// encryption, `SameSite=None` without `Secure`, a broken `__Host-` or `__Secure-` promise, control
    /// characters, too long. A cookie that is to be removed comes back expired. `Max-Age` wins over
    /// `Expires`, and both end after 400 days. A partitioned cookie is filed under the site of `url`, as
    /// if that were open in a tab of its own. See 5.6 and 5.7 of RFC 6265bis.
    #[must_use]
    pub fn parse(set_cookie: &str, url: &Url) -> Option<Self> {
        set_cookie::parse(set_cookie, url, super::now())
    }

    /// Whether it goes with a request for `url` at the time `now`, in Unix seconds.
    ///
    /// Looks at host, path, encryption and expiry. Ports do not matter, and who started the request
    /// (`SameSite`, partition) is left to the caller. See 5.8.3 Retrieval Algorithm of RFC 6265bis.
    #[must_use]
    pub fn matches(&self, url: &Url, now: i64) -> bool {
        let Some(origin) = Origin::of(url) else { return false };
        let is_own = origin.host() == self.domain;
        // A session file may say of a cookie what no server could: that it is for a whole public suffix.
        let is_below = || {
            !self.host_only && domain_matches(origin.host(), &self.domain) && !is_public_suffix(&self.domain)
        };
        (is_own || is_below())
            && path_matches(url.path(), &self.path)
            && (!self.secure || origin.is_trustworthy())
            && !self.is_expired(now)
    }

    /// Whether it has ended at the time `now`, in Unix seconds.
    #[must_use]
    pub fn is_expired(&self, now: i64) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }

    /// Whether `other` would take this one's place: name, domain, path and partition are the same.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.name == other.name
            && self.domain == other.domain
            && self.host_only == other.host_only
            && self.path == other.path
            && self.partition_key == other.partition_key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn cookie() -> Cookie {
        Cookie {
            name: "sid".into(),
            value: "secret".into(),
            domain: "shop.example".into(),
            path: "/".into(),
            ..Cookie::default()
        }
    }

    fn goes_to(cookie: &Cookie, url: &str) -> bool {
        cookie.matches(&Url::parse(url).unwrap(), NOW)
    }

    #[test]
    fn a_domain_cookie_goes_to_sub_domains_and_a_host_only_one_does_not() {
        assert!(goes_to(&cookie(), "https://www.shop.example/"));
        assert!(goes_to(&cookie(), "https://shop.example:8443/"));
        let host_only = Cookie { host_only: true, ..cookie() };
        assert!(goes_to(&host_only, "https://shop.example/"));
        assert!(!goes_to(&host_only, "https://www.shop.example/"));
    }

    #[test]
    fn no_cookie_goes_to_siblings_parents_or_look_alikes() {
        let cookie = Cookie { domain: "app.shop.example".into(), ..cookie() };
        for url in [
            "https://shop.example/",
            "https://api.shop.example/",
            "https://app.shop.example.evil.example/",
            "https://myapp.shop.example/",
            "https://third.example/",
        ] {
            assert!(!goes_to(&cookie, url), "{url}");
        }
    }

    #[test]
    fn a_cookie_for_a_public_suffix_goes_to_nobody_below_it() {
        for domain in ["co.uk", "github.io", "example"] {
            let wide = Cookie { domain: domain.into(), ..cookie() };
            assert!(!goes_to(&wide, &format!("https://shop.{domain}/")), "{domain}");
        }
    }

    #[test]
    fn a_secure_cookie_stays_off_plain_http_except_on_loopback() {
        let secure = Cookie { secure: true, ..cookie() };
        assert!(goes_to(&secure, "https://shop.example/"));
        assert!(goes_to(&secure, "wss://shop.example/"));
        assert!(!goes_to(&secure, "http://shop.example/"));
        assert!(!goes_to(&secure, "ws://shop.example/"));
        let local = Cookie { domain: "localhost".into(), host_only: true, ..secure };
        assert!(goes_to(&local, "http://localhost:3000/"));
    }

    #[test]
    fn a_cookie_keeps_to_its_path_and_its_time() {
        let cookie = Cookie { path: "/app".into(), expires: Some(NOW + 1), ..cookie() };
        assert!(goes_to(&cookie, "https://shop.example/app/x?y"));
        assert!(!goes_to(&cookie, "https://shop.example/apple"));
        assert!(!cookie.matches(&Url::parse("https://shop.example/app").unwrap(), NOW + 1));
    }

    #[test]
    fn debug_output_hides_the_value() {
        assert!(!format!("{:?}", cookie()).contains("secret"));
    }
}
