//! Who started a request, as far as the request shows it: what `SameSite` and partitions of cookies ask for.

use http::{
    HeaderMap, HeaderName, Method,
    header::{ACCEPT, ORIGIN, REFERER},
};
use url::Url;

use crate::{
    session::{Cookie, SameSite},
    site::Origin,
};

/// What a request tells of its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Initiator {
    /// The site of the request itself.
    own: String,
    /// Another site that started it; nothing where its own did, or where nothing is told.
    other: Option<Foreign>,
    /// Whether it leads a whole tab somewhere, in a safe way.
    is_followed_link: bool,
}

/// Another site.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Foreign {
    Known(String),
    Unknown,
}

impl Initiator {
    /// Reads it from `Sec-Fetch-*`, else `Origin`, else `Referer`. A request without these came from no page.
    ///
    /// See 5.2 of RFC 6265bis.
    pub(super) fn of(method: &Method, url: &Url, headers: &HeaderMap) -> Option<Self> {
        let own = Origin::of(url)?.site();
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let named = text(&ORIGIN).or_else(|| text(&REFERER));
        let site = named.map(|named| match Origin::parse(named) {
            Ok(origin) => Foreign::Known(origin.site()),
            Err(_) => Foreign::Unknown,
        });
        let other = match text(&FETCH_SITE) {
            Some("cross-site") => Some(site.unwrap_or(Foreign::Unknown)),
            Some(_) => None,
            None => site.filter(|site| *site != Foreign::Known(own.clone())),
        };
        let navigates = match (text(&FETCH_MODE), text(&FETCH_DEST)) {
            (Some(mode), dest) => mode == "navigate" && dest.is_none_or(|dest| dest == "document"),
            // Older browsers tell it by what they ask for.
            (None, _) => {
                !headers.contains_key(ORIGIN)
                    && text(&ACCEPT).is_some_and(|kinds| kinds.contains("text/html"))
            }
        };
        Some(Self { own, other, is_followed_link: navigates && method.is_safe() })
    }

    /// Whether a cookie may go along. See 5.8.3 of RFC 6265bis; a cookie without `SameSite` is treated as `Lax`.
    pub(super) fn admits(&self, cookie: &Cookie) -> bool {
        let top = match &self.other {
            None => Some(&self.own),
            Some(Foreign::Known(site)) => Some(site),
            Some(Foreign::Unknown) => None,
        };
        let is_in_partition = cookie.partition_key.as_ref().is_none_or(|key| Some(key) == top);
        let is_welcome = match cookie.same_site {
            _ if self.other.is_none() => true,
            Some(SameSite::None) => true,
            Some(SameSite::Strict) => false,
            Some(SameSite::Lax) | None => self.is_followed_link,
        };
        is_in_partition && is_welcome
    }
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

#[cfg(test)]
mod tests {
    use super::*;

    /// The cookies that go along: strict, lax, without a word, none, partitioned at home, partitioned abroad.
    fn sent(method: &Method, headers: &[(&'static str, &str)]) -> String {
        let url = Url::parse("https://api.shop.example/x").unwrap();
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let initiator = Initiator::of(method, &url, &headers).unwrap();
        let cookie = |same_site, key: Option<&str>| Cookie {
            same_site,
            partition_key: key.map(str::to_owned),
            ..Cookie::default()
        };
        let all = [
            ('s', cookie(Some(SameSite::Strict), None)),
            ('l', cookie(Some(SameSite::Lax), None)),
            ('d', cookie(None, None)),
            ('n', cookie(Some(SameSite::None), None)),
            ('h', cookie(Some(SameSite::None), Some("https://shop.example"))),
            ('a', cookie(Some(SameSite::None), Some("https://other.example"))),
        ];
        all.iter().filter(|(_, cookie)| initiator.admits(cookie)).map(|(letter, _)| letter).collect()
    }

    #[test]
    fn a_request_from_no_page_or_the_same_site_carries_all_but_other_partitions() {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "same-site"), ("origin", "https://app.shop.example")],
            &[("origin", "https://app.shop.example:8443")],
            &[("referer", "https://app.shop.example/page?x")],
        ] {
            assert_eq!(sent(&Method::POST, headers), "sldnh", "{headers:?}");
        }
    }

    #[test]
    fn a_call_from_another_site_carries_what_says_none() {
        for headers in [
            &[
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "cors"),
                ("origin", "https://other.example"),
            ][..],
            &[("origin", "https://other.example")],
            &[("referer", "https://other.example/")],
        ] {
            assert_eq!(sent(&Method::GET, headers), "na", "{headers:?}");
        }
        for headers in [&[("sec-fetch-site", "cross-site")][..], &[("origin", "null")]] {
            assert_eq!(sent(&Method::GET, headers), "n", "{headers:?}");
        }
        let plain = &[("origin", "http://app.shop.example")];
        assert_eq!(sent(&Method::GET, plain), "n", "a site without encryption is another one");
    }

    #[test]
    fn a_link_from_another_site_carries_lax_cookies_and_a_form_or_frame_does_not() {
        let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        let in_tab = [&link[..], &[("sec-fetch-dest", "document")]].concat();
        let in_frame = [&link[..], &[("sec-fetch-dest", "iframe")]].concat();
        assert_eq!(sent(&Method::GET, &in_tab), "ldn");
        assert_eq!(sent(&Method::POST, &in_tab), "n");
        assert_eq!(sent(&Method::GET, &in_frame), "n");
        let old = [("referer", "https://other.example/"), ("accept", "text/html,*/*")];
        assert_eq!(sent(&Method::GET, &old), "ldna");
    }
}
