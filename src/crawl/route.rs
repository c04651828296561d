//! Routes: addresses and endpoints with what varies masked, so that `/item/1` and `/item/2` are one.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

/// The route of a page: its path, the names of its query, and the fragment where that is a route of the application's own.
///
/// The origin stands in front, so that two hosts in scope stay apart.
#[must_use]
pub fn page_route(url: &Url) -> String {
    let mut route = endpoint_route(url);
    if let Some(fragment) = url.fragment().filter(|f| is_route(f)) {
        let (path, query) = fragment.split_once('?').map_or((fragment, None), |(p, q)| (p, Some(q)));
        route.push('#');
        route.push_str(&mask_path(path));
        route.push_str(&query_shape(query.unwrap_or_default()));
    }
    route
}

/// The route of a request: as for a page, without fragment.
#[must_use]
pub fn endpoint_route(url: &Url) -> String {
    let origin = url.origin().ascii_serialization();
    format!("{origin}{}{}", mask_path(url.path()), query_shape(url.query().unwrap_or_default()))
}

/// The address without its last path segment and query, which siblings of one folder share.
pub(super) fn folder(url: &Url) -> String {
    let route = page_route(url);
    let route = route.split('?').next().unwrap_or_default();
    route.rsplit_once('/').map_or(route, |(head, _)| head).to_owned()
}

/// Whether two addresses show the same document, so that going from one to the other loads nothing.
pub(super) fn is_same_document(a: &Url, b: &Url) -> bool {
    let bare = |url: &Url| url[..url::Position::AfterQuery].to_owned();
    bare(a) == bare(b)
}

/// Masks numbers, dates and identifiers in a text, so that counters and clocks do not make it new.
pub(super) fn mask(text: &str) -> String {
    let text = IDS.replace_all(text, "{id}");
    DIGITS.replace_all(&text, "{n}").into_owned()
}

/// Fragments such as `/basket` or `!/basket` are routes, `top` is a place in the page.
fn is_route(fragment: &str) -> bool {
    fragment.starts_with('/') || fragment.starts_with("!/") || fragment.contains('/')
}

/// Masks each segment; one that comes again and again, as relative links make it, stands there twice at most.
fn mask_path(path: &str) -> String {
    let mut segments: Vec<String> = Vec::new();
    for segment in path.split('/').map(mask_segment) {
        let is_repeated =
            !segment.is_empty() && segments.iter().rev().take(2).filter(|s| **s == segment).count() == 2;
        if !is_repeated {
            segments.push(segment);
        }
    }
    segments.join("/")
}

fn mask_segment(segment: &str) -> String {
    let is_token =
        segment.len() >= 20 && segment.contains(|c: char| c.is_ascii_digit()) && !segment.contains('.');
    if is_token { "{id}".to_owned() } else { mask(segment) }
}

/// The names of a query with those values that read like the name of a view: short words.
fn query_shape(query: &str) -> String {
    let mut pairs: Vec<String> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| {
            let shown = if is_word(&value) && !FREE_TEXT.is_match(&name) { value.as_ref() } else { "*" };
            format!("{}={shown}", mask(&name))
        })
        .collect();
    pairs.sort();
    pairs.dedup();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// Whether a value reads like the name of a view, and not like a token that happens to be of letters.
fn is_word(value: &str) -> bool {
    let has_vowel = || value.contains(|c: char| "aeiouyAEIOUY".contains(c));
    WORD.is_match(value) && (value.len() <= 3 || has_vowel())
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

static IDS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9]*[a-f]+[0-9][0-9a-f]{6,}\b|\b[0-9]+[a-f][0-9a-f]{6,}\b",
    )
});
static DIGITS: LazyLock<Regex> = LazyLock::new(|| regex(r"\d+([.,:/-]\d+)*"));
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^([a-z]{1,20}|[A-Z][a-z]{1,19}|[A-Z_]{2,12}|[a-z]{2,}([_-][a-z]{2,}){1,3}|[a-z]{2,}([A-Z][a-z]{2,}){1,3})$",
    )
});
static FREE_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)^(q|query|search|s|term|text|keyword|filter|name|next|return\w*|redirect\w*)$")
});

#[cfg(test)]
mod tests {
    use super::*;

    fn route(text: &str) -> String {
        page_route(&Url::parse(text).unwrap())
    }

    #[test]
    fn numbers_and_identifiers_are_masked() {
        assert_eq!(route("http://a/item/12"), "http://a/item/{n}");
        assert_eq!(route("http://a/x/0b9ad3c1-1111-4222-8333-944444444444"), "http://a/x/{id}");
        assert_eq!(route("http://a/feedback/facade"), "http://a/feedback/facade");
        assert_eq!(route("http://a/commit/3f2a91bc04"), "http://a/commit/{id}");
    }

    #[test]
    fn a_fragment_is_a_route_when_it_is_a_path() {
        assert_eq!(route("http://a/#/order/4?tab=items"), "http://a/#/order/{n}?tab=items");
        assert_eq!(route("http://a/page#top"), "http://a/page");
    }

    #[test]
    fn a_path_that_grows_by_itself_is_one_route() {
        assert_eq!(route("http://a/deep/x/x/x/x/"), "http://a/deep/x/x/");
        assert_eq!(route("http://a/deep/x/y/x"), "http://a/deep/x/y/x");
    }

    #[test]
    fn queries_are_known_by_their_names() {
        assert_eq!(route("http://a/s?q=tea&page=2"), "http://a/s?page=*&q=*");
        assert_eq!(route("http://a/?view=list"), "http://a/?view=list");
        assert_eq!(route("http://a/?view=orderHistory&t=QzPkAbC"), "http://a/?t=*&view=orderHistory");
    }

    #[test]
    fn counters_in_texts_are_masked() {
        assert_eq!(mask("2nd time at 12:30"), "{n}nd time at {n}");
    }
}
