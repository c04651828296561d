//! From a `Set-Cookie` header to a stored cookie, refusing what a browser refuses.

use url::{Host, Url};

use super::{
    Cookie, SameSite, Secret,
    matching::{default_path, domain_matches},
};
use crate::site::{Origin, is_ip_address, is_public_suffix};

/// Reads the header of an answer to `url` that came at the time `now`. See 5.6 and 5.7 of RFC 6265bis.
pub(super) fn parse(text: &str, url: &Url, now: i64) -> Option<Cookie> {
    if text.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
        return None;
    }
    let raw = cookie::Cookie::parse(text).ok()?;
    let origin = Origin::of(url)?;
    let (domain, host_only) = domain(raw.domain(), origin.host())?;
    let cookie = Cookie {
        name: raw.name().to_owned(),
        value: Secret::from(raw.value()),
        domain,
        host_only,
        path: raw.path().filter(|p| p.starts_with('/')).unwrap_or(default_path(url.path())).to_owned(),
        expires: expires(&raw, now),
        secure: raw.secure().unwrap_or(false),
        http_only: raw.http_only().unwrap_or(false),
        same_site: raw.same_site().map(same_site),
        partition_key: raw.partitioned().unwrap_or(false).then(|| origin.site()),
        extra: super::Extra::default(),
    };
    (is_allowed(&cookie, &origin) && keeps_promise(&cookie)).then_some(cookie)
}

/// The domain that the cookie is for, and whether for that host only.
fn domain(attribute: Option<&str>, host: &str) -> Option<(String, bool)> {
    let Some(text) = attribute.filter(|text| !text.is_empty()) else {
        return Some((host.to_owned(), true));
    };
    let domain = Host::parse(text).ok()?.to_string();
    if domain == host && (is_ip_address(host) || is_public_suffix(host)) {
        return Some((domain, true));
    }
    (domain_matches(host, &domain) && !is_public_suffix(&domain)).then_some((domain, false))
}

fn expires(raw: &cookie::Cookie<'_>, now: i64) -> Option<i64> {
    let end = match (raw.max_age(), raw.expires_datetime()) {
        (Some(age), _) => now.saturating_add(age.whole_seconds()),
        (None, Some(date)) => date.unix_timestamp(),
        (None, None) => return None,
    };
    Some(end.min(now.saturating_add(LONGEST_LIFE)))
}

fn same_site(value: cookie::SameSite) -> SameSite {
    match value {
        cookie::SameSite::Strict => SameSite::Strict,
        cookie::SameSite::Lax => SameSite::Lax,
        cookie::SameSite::None => SameSite::None,
    }
}

fn is_allowed(cookie: &Cookie, origin: &Origin) -> bool {
    let needs_secure = cookie.same_site == Some(SameSite::None) || cookie.partition_key.is_some();
    (!cookie.secure || origin.is_trustworthy())
        && (!needs_secure || cookie.secure)
        && cookie.name.len() + cookie.value.expose().len() <= LONGEST_PAIR
}

/// What the name promises. See 4.1.3 Cookie Name Prefixes of RFC 6265bis; case does not matter in them.
fn keeps_promise(cookie: &Cookie) -> bool {
    let name = cookie.name.to_ascii_lowercase();
    if name.starts_with("__host-") {
        return cookie.secure && cookie.host_only && cookie.path == "/";
    }
    !name.starts_with("__secure-") || cookie.secure
}

/// 400 days in seconds, the limit that RFC 6265bis sets to a cookie's life.
const LONGEST_LIFE: i64 = 400 * 24 * 60 * 60;

/// Bytes of name and value together that RFC 6265bis allows.
const LONGEST_PAIR: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn at(url: &str, text: &str) -> Option<Cookie> {
        parse(text, &Url::parse(url).unwrap(), NOW)
    }

    fn from_shop(text: &str) -> Option<Cookie> {
        at("https://www.shop.example/account/login?x", text)
    }

    #[test]
    fn a_bare_cookie_is_for_its_host_and_folder_and_ends_with_the_browser() {
        let cookie = from_shop("sid=a=b ").unwrap();
        assert_eq!((cookie.name.as_str(), cookie.value.expose()), ("sid", "a=b"));
        assert_eq!((cookie.domain.as_str(), cookie.host_only), ("www.shop.example", true));
        assert_eq!((cookie.path.as_str(), cookie.expires), ("/account", None));
        assert_eq!((cookie.secure, cookie.http_only, cookie.same_site), (false, false, None));
    }

    #[test]
    fn all_attributes_are_read_whatever_their_case() {
        let cookie =
            from_shop("sid=1; DOMAIN=.Shop.Example; path=/; secure; HTTPONLY; samesite=strict").unwrap();
        assert_eq!((cookie.domain.as_str(), cookie.host_only), ("shop.example", false));
        assert!(cookie.secure && cookie.http_only);
        assert_eq!((cookie.path.as_str(), cookie.same_site), ("/", Some(SameSite::Strict)));
    }

    #[test]
    fn max_age_wins_over_expires_and_both_are_capped() {
        let past = "Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        assert_eq!(from_shop(&format!("a=1; Max-Age=60; {past}")).unwrap().expires, Some(NOW + 60));
        assert_eq!(from_shop(&format!("a=1; {past}")).unwrap().expires, Some(0));
        let old_style = "a=1; expires=Fri, 15-Jan-2027 08:00:10 GMT";
        assert_eq!(from_shop(old_style).unwrap().expires, Some(NOW + 10));
        assert_eq!(from_shop("a=1; Max-Age=999999999999").unwrap().expires, Some(NOW + LONGEST_LIFE));
        let far = "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT";
        assert_eq!(from_shop(far).unwrap().expires, Some(NOW + LONGEST_LIFE));
    }

    #[test]
    fn a_cookie_that_is_taken_back_comes_expired() {
        for text in ["a=; Max-Age=0", "a=; Max-Age=-5", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"] {
            assert!(from_shop(text).unwrap().is_expired(NOW), "{text}");
        }
        assert_eq!(from_shop("a=; Expires=garbage").unwrap().expires, None);
    }

    #[test]
    fn foreign_domains_and_public_suffixes_are_refused() {
        for domain in ["third.example", "api.shop.example", "hop.example", "example", "a b", "1.2.3.4"] {
            assert_eq!(from_shop(&format!("a=1; Domain={domain}")), None, "{domain}");
        }
        assert_eq!(at("https://shop.co.uk/", "a=1; Domain=co.uk"), None);
        assert_eq!(at("https://me.github.io/", "a=1; Domain=github.io"), None);
    }

    #[test]
    fn a_host_that_is_a_public_suffix_or_an_address_keeps_its_cookie_to_itself() {
        for host in ["localhost", "github.io", "127.0.0.1", "[::1]"] {
            let cookie = at(&format!("https://{host}/"), &format!("a=1; Domain={host}")).unwrap();
            assert_eq!((cookie.domain.as_str(), cookie.host_only), (host, true));
        }
        assert_eq!(at("https://10.0.0.1/", "a=1; Domain=0.0.1"), None);
    }

    #[test]
    fn secure_needs_encryption_or_loopback() {
        assert_eq!(at("http://shop.example/", "a=1; Secure"), None);
        assert!(at("http://localhost:3000/", "a=1; Secure").is_some());
        assert_eq!(from_shop("a=1; SameSite=None"), None);
        assert!(from_shop("a=1; SameSite=None; Secure").is_some());
    }

    #[test]
    fn prefixes_keep_their_promise() {
        assert!(from_shop("__Host-a=1; Secure; Path=/").is_some());
        for text in [
            "__Host-a=1; Path=/",
            "__Host-a=1; Secure",
            "__Host-a=1; Secure; Path=/; Domain=shop.example",
            "__HOST-a=1; Path=/",
            "__Secure-a=1",
        ] {
            assert_eq!(from_shop(text), None, "{text}");
        }
        assert!(from_shop("__Secure-a=1; Secure; Domain=shop.example").is_some());
    }

    #[test]
    fn a_partitioned_cookie_is_filed_under_its_site_and_needs_secure() {
        let cookie = from_shop("a=1; Secure; Partitioned").unwrap();
        assert_eq!(cookie.partition_key.as_deref(), Some("https://shop.example"));
        assert_eq!(from_shop("a=1; Partitioned"), None);
    }

    #[test]
    fn what_is_no_cookie_is_ignored() {
        let long = format!("a={}", "x".repeat(LONGEST_PAIR));
        for text in ["", "novalue", "=v", "a=1\r\nX: y", "a=\u{0}", long.as_str()] {
            assert_eq!(from_shop(text), None, "{text:?}");
        }
        assert_eq!(at("data:text/html,x", "a=1"), None);
    }

    #[test]
    fn a_path_that_does_not_begin_with_a_slash_is_replaced_by_the_default() {
        assert_eq!(from_shop("a=1; Path=account").unwrap().path, "/account");
        assert_eq!(from_shop("a=1; Path=").unwrap().path, "/account");
    }
}
