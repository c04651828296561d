//! The addresses that a piece of a page names, as mining would read them.

use url::Url;

use super::{find::Find, html::html, place::resolve, script::script};

/// What a script in an attribute names.
pub(in crate::crawl) fn named_by(handler: &str, page: &Url) -> Vec<Url> {
    if handler.is_empty() { Vec::new() } else { whole(script(handler), page) }
}

/// What a part of a document names.
pub(in crate::crawl) fn named_in(part: &str, base: &Url) -> Vec<Url> {
    whole(html(part).finds, base)
}

/// Addresses without gaps: of the others nobody knows where they lead.
fn whole(finds: Vec<Find>, base: &Url) -> Vec<Url> {
    let targets = finds.into_iter().filter(|find| !find.target.is_empty() && !find.target.contains('{'));
    targets.filter_map(|find| resolve(base, &find.target)).filter_map(|url| Url::parse(&url).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_part_of_a_page_names_is_known() {
        let base = Url::parse("http://a/app/").unwrap();
        let part = "<div><a href=x>1</a><form action=/f><button onclick=\"fetch('/api/' + id);go('/c')\"></form></div>";
        let named: Vec<String> = named_in(part, &base).iter().map(Url::to_string).collect();
        assert_eq!(named, ["http://a/app/x", "http://a/f", "http://a/c"]);
        assert_eq!(named_by("location = '/do?a=1'", &base)[0].as_str(), "http://a/do?a=1");
        assert!(named_by("", &base).is_empty());
    }
}
