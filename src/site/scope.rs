//! A scope: the URLs that a piece of work may touch.

use std::collections::BTreeSet;

use url::Url;

use super::{Origin, Pattern};

/// Origins, narrowed by expressions that are searched for in the whole URL.
///
/// A URL is in scope when its origin is, when some include expression matches (or there is none), and
/// when no exclude expression matches. Expressions see WebSocket URLs under `http` and `https`; they are
/// not anchored unless they say so. One that gives up on a URL leaves it out.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    origins: BTreeSet<Origin>,
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

impl Scope {
    /// A scope of these origins, all of their URLs.
    #[must_use]
    pub fn new(origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { origins: origins.into_iter().collect(), ..Self::default() }
    }

    /// Narrows the scope to URLs that this or another include expression matches.
    #[must_use]
    pub fn include(mut self, expression: impl Into<Pattern>) -> Self {
        self.include.push(expression.into());
        self
    }

    /// Takes the URLs that match out of the scope; this wins over include expressions.
    #[must_use]
    pub fn exclude(mut self, expression: impl Into<Pattern>) -> Self {
        self.exclude.push(expression.into());
        self
    }

    /// Whether `url` is in scope.
    #[must_use]
    pub fn contains(&self, url: &Url) -> bool {
        Origin::of(url).is_some_and(|origin| self.has_origin(&origin)) && self.admits(&as_http(url))
    }

    /// Whether this origin is one of the scope's.
    #[must_use]
    pub fn has_origin(&self, origin: &Origin) -> bool {
        self.origins.contains(origin)
    }

    /// Whether one of the scope's origins has exactly this host, at whatever port. Cookies ignore ports.
    #[must_use]
    pub fn has_host(&self, host: &str) -> bool {
        self.origins.iter().any(|origin| origin.host() == host)
    }

    /// The origins, in order.
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.origins.iter()
    }

    fn admits(&self, url: &str) -> bool {
        let included = self.include.is_empty() || self.include.iter().any(|e| e.finds(url) == Some(true));
        included && !self.exclude.iter().any(|e| e.finds(url) != Some(false))
    }
}

fn as_http(url: &Url) -> String {
    match url.scheme() {
        "ws" | "wss" => url.as_str().replacen("ws", "http", 1),
        _ => url.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn scope() -> Scope {
        Scope::new([Origin::parse("https://shop.example").unwrap()])
    }

    #[test]
    fn only_urls_of_its_origins_are_in_scope() {
        assert!(scope().contains(&url("https://shop.example/basket?id=1")));
        assert!(scope().contains(&url("wss://shop.example/live")));
        for other in [
            "http://shop.example/",
            "https://shop.example:8443/",
            "https://www.shop.example/",
            "https://shop.example.evil.example/",
            "https://shop.example@evil.example/",
            "data:text/html,x",
        ] {
            assert!(!scope().contains(&url(other)), "{other}");
        }
    }

    #[test]
    fn an_excluded_url_is_out_of_scope_even_when_it_is_included() {
        let scope = scope().include(Regex::new("/app/").unwrap()).exclude(Regex::new("/logout$").unwrap());
        assert!(scope.contains(&url("https://shop.example/app/home")));
        assert!(!scope.contains(&url("https://shop.example/app/logout")));
        assert!(!scope.contains(&url("https://shop.example/blog/")));
    }

    #[test]
    fn expressions_see_websockets_as_http() {
        let scope = scope().include(Regex::new("^https://shop.example/").unwrap());
        assert!(scope.contains(&url("wss://shop.example/live")));
    }

    #[test]
    fn a_url_that_an_expression_gives_up_on_is_out_of_scope() {
        let endless = || Pattern::parse(r"(x+x+)+\1(?=y)").unwrap();
        let hard = url(&format!("https://shop.example/{}", "x".repeat(100)));
        assert!(!scope().include(endless()).contains(&hard));
        assert!(!scope().exclude(endless()).contains(&hard));
        assert!(scope().exclude(endless()).contains(&url("https://shop.example/")));
    }

    #[test]
    fn a_host_is_compared_whole_and_without_its_port() {
        let scope = Scope::new([Origin::parse("http://shop.example:8080").unwrap()]);
        assert!(scope.has_host("shop.example"));
        assert!(!scope.has_host("www.shop.example"));
        assert!(!scope.has_host("example"));
    }

    #[test]
    fn an_empty_scope_contains_nothing() {
        assert!(!Scope::default().contains(&url("https://shop.example/")));
    }
}
