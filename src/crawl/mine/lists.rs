//! Lists that servers offer to machines: `robots.txt` and sitemaps.

use std::sync::LazyLock;

use regex::Regex;

use super::find::{Find, What};

/// The paths and sitemaps that a `robots.txt` names; patterns are no paths.
pub(super) fn robots(text: &str) -> Vec<Find> {
    text.lines().enumerate().filter_map(|(index, line)| Some(rule(line)?.at(index + 1))).collect()
}

fn rule(line: &str) -> Option<Find> {
    let (name, value) = line.split('#').next().unwrap_or_default().split_once(':')?;
    let value = value.trim();
    match name.trim().to_ascii_lowercase().as_str() {
        "sitemap" => Some(Find::new(What::Sitemap, value)),
        "allow" | "disallow" => {
            let path = value.trim_end_matches(['*', '$']);
            (path.len() > 1 && !path.contains('*')).then(|| Find::new(What::Page, path))
        }
        _ => None,
    }
}

/// The addresses in a sitemap, or the sitemaps in an index; packed ones are left out.
pub(super) fn sitemap(text: &str) -> Vec<Find> {
    let what = if text.contains("<sitemapindex") { What::Sitemap } else { What::Page };
    let found = LOCATION.captures_iter(text).filter_map(|found| found.get(1));
    found
        .map(|place| (place.as_str().replace("&amp;", "&"), text[..place.start()].matches('\n').count() + 1))
        .filter(|(target, _)| target.rsplit('.').next() != Some("gz"))
        .take(MOST)
        .map(|(target, line)| Find::new(what, target).at(line))
        .collect()
}

static LOCATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s)<(?:loc|link)>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]+)|<xhtml:link[^>]+href="([^"]+)""#)
        .expect("the pattern is a constant that the tests compile")
});
const MOST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(finds: Vec<Find>) -> Vec<(What, String)> {
        finds.into_iter().map(|find| (find.what, find.target)).collect()
    }

    #[test]
    fn rules_and_sitemaps_are_read() {
        let text = "User-agent: *\nDisallow: /admin/ # not you\nDisallow: /\nDisallow: /*.pdf$\nAllow: /a*\nSitemap: http://a/s.xml";
        assert_eq!(
            targets(robots(text)),
            [
                (What::Page, "/admin/".into()),
                (What::Page, "/a".into()),
                (What::Sitemap, "http://a/s.xml".into())
            ]
        );
    }

    #[test]
    fn a_sitemap_lists_pages_and_an_index_lists_sitemaps() {
        let page = "<urlset><url>\n<loc>http://a/x?b=1&amp;c=2</loc></url></urlset>";
        assert_eq!(sitemap(page), [Find::new(What::Page, "http://a/x?b=1&c=2").at(2)]);
        let index = "<sitemapindex><sitemap><loc> http://a/1.xml </loc></sitemap><sitemap><loc>http://a/2.xml.gz</loc></sitemap></sitemapindex>";
        assert_eq!(targets(sitemap(index)), [(What::Sitemap, "http://a/1.xml".into())]);
    }
}
