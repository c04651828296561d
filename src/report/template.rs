//! Path templates: which addresses are one endpoint, and what their parameters are called.

use std::collections::{BTreeSet, HashMap};

use url::Url;

use crate::crawl::{Mined, Record, Surety, endpoint_route};

/// What is known of an application's paths.
#[derive(Debug, Default)]
pub(super) struct Templates {
    /// Those that scripts and descriptions wrote down with gaps, as segments, by origin.
    written: Vec<(String, Vec<String>)>,
    /// Whole paths that were written down without gaps, by origin.
    literal: BTreeSet<(String, String)>,
    /// Folders in which the last segment is a name of a thing, such as a slug.
    named: BTreeSet<(String, String)>,
}

impl Templates {
    /// Learns from what was mined, and from the requests that were made.
    pub(super) fn of<'a>(mined: &[Mined], records: impl Iterator<Item = (&'a Record, Option<u64>)>) -> Self {
        let mut templates = Self::default();
        for mined in mined.iter().filter(|mined| mined.surety == Surety::Told) {
            let Some((origin, path)) = split(&mined.template) else { continue };
            if path.contains('{') {
                templates.written.push((origin, path.split('/').map(str::to_owned).collect()));
            } else {
                templates.literal.insert((origin, path));
            }
        }
        templates.fold_names(records);
        templates
    }

    /// Finds folders with many things in them that were all answered in the same shape.
    fn fold_names<'a>(&mut self, records: impl Iterator<Item = (&'a Record, Option<u64>)>) {
        let mut things: HashMap<(String, String, u64), BTreeSet<String>> = HashMap::new();
        for (record, shape) in records {
            let (origin, path) = (origin(&record.url), self.path(&record.url));
            let Some(((folder, name), shape)) = path.rsplit_once('/').zip(shape) else { continue };
            if !name.contains('{') && !folder.is_empty() {
                things.entry((origin, folder.to_owned(), shape)).or_default().insert(name.to_owned());
            }
        }
        let many = things.into_iter().filter(|(_, names)| names.len() >= MANY);
        self.named = many.map(|((origin, folder, _), _)| (origin, folder)).collect();
    }

    /// The template of an address: path only.
    pub(super) fn path(&self, url: &Url) -> String {
        let origin = origin(url);
        let masked = self.masked(url, &origin);
        match masked.rsplit_once('/') {
            Some((folder, name)) if !name.contains('{') && !self.is_literal(&origin, url.path()) => {
                let is_named = self.named.contains(&(origin, folder.to_owned()));
                if is_named { named(&format!("{folder}/{{name}}")) } else { named(&masked) }
            }
            _ => named(&masked),
        }
    }

    fn masked(&self, url: &Url, origin: &str) -> String {
        let segments: Vec<&str> = url.path().split('/').collect();
        let fitting = self.written.iter().filter(|(own, written)| own == origin && fits(written, &segments));
        let best = fitting.max_by_key(|(_, written)| written.iter().filter(|s| !s.contains('{')).count());
        match best {
            Some((_, written)) if !self.is_literal(origin, url.path()) => written.join("/"),
            _ => {
                let mut bare = url.clone();
                bare.set_query(None);
                let route = endpoint_route(&bare);
                let masked = route.strip_prefix(origin).unwrap_or(&route).split('/');
                masked
                    .zip(segments)
                    .map(|(masked, own)| if is_word(own) { own } else { masked })
                    .collect::<Vec<_>>()
                    .join("/")
            }
        }
    }

    fn is_literal(&self, origin: &str, path: &str) -> bool {
        self.literal.contains(&(origin.to_owned(), path.to_owned()))
    }
}

/// A template's origin and path; nothing for what is no address.
pub(super) fn split(template: &str) -> Option<(String, String)> {
    let (scheme, rest) = template.split_once("://")?;
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let scheme = scheme.replacen("ws", "http", 1);
    Some((format!("{scheme}://{host}"), format!("/{path}")))
}

/// A path with a name of its own for each parameter: that of the segment before it, else what it was called.
pub(super) fn named(path: &str) -> String {
    let mut used: Vec<String> = Vec::new();
    let mut before = "";
    let mut segments = Vec::new();
    for segment in path.split('/') {
        let mut text = String::new();
        let mut rest = segment;
        while let Some((head, (name, tail))) =
            rest.split_once('{').and_then(|(h, r)| Some((h, r.split_once('}')?)))
        {
            let mut own = if is_vague(name) { from_segment(before) } else { name.to_owned() };
            while used.contains(&own) {
                own.push('2');
            }
            text = format!("{text}{head}{{{own}}}");
            used.push(own);
            rest = tail;
        }
        segments.push(format!("{text}{rest}"));
        if !segment.contains('{') {
            before = segment;
        }
    }
    segments.join("/")
}

/// A template without the names of its parameters.
pub(super) fn bare(path: &str) -> String {
    let mut rest = path;
    let mut text = String::new();
    while let Some((head, tail)) = rest.split_once('{') {
        text = format!("{text}{head}{{}}");
        rest = tail.split_once('}').map_or("", |(_, tail)| tail);
    }
    text + rest
}

fn fits(written: &[String], segments: &[&str]) -> bool {
    let literals = written.iter().filter(|s| !s.is_empty() && !s.contains('{')).count();
    // One word and a gap may be anything: `/api/{value}` does not make `/api/users` a value.
    let is_sure = |own: &str| literals >= 2 || own.contains(|c: char| c.is_ascii_digit());
    written.len() == segments.len()
        && written.iter().zip(segments).all(|(wanted, own)| {
            if wanted.contains('{') {
                wanted.starts_with('{') && wanted.ends_with('}') && !own.is_empty() && is_sure(own)
            } else {
                wanted == own
            }
        })
}

/// Words with a number in them, such as `v2`, `i18n` and `oauth2`.
fn is_word(segment: &str) -> bool {
    let digits = segment.chars().filter(char::is_ascii_digit).count();
    segment.starts_with(|c: char| c.is_ascii_lowercase())
        && segment.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        && digits <= 2
        && segment.len() <= 8
}

fn is_vague(name: &str) -> bool {
    matches!(name, "n" | "id" | "value" | "name")
}

fn from_segment(segment: &str) -> String {
    let words: Vec<&str> =
        segment.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let singular = |word: &str| match word {
        _ if word.ends_with("ies") => format!("{}y", &word[..word.len() - 3]),
        _ if word.ends_with('s') && !word.ends_with("ss") && word.len() > 3 => {
            word[..word.len() - 1].to_owned()
        }
        _ => word.to_owned(),
    };
    let mut name = String::new();
    for (index, word) in words.iter().enumerate() {
        let word = if index + 1 == words.len() { singular(word) } else { (*word).to_owned() };
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        name += &if index == 0 { first.to_ascii_lowercase() } else { first.to_ascii_uppercase() };
        name += rest;
    }
    if name.is_empty() { "id".to_owned() } else { format!("{name}Id") }
}

fn origin(url: &Url) -> String {
    split(url.as_str()).map(|(origin, _)| origin).unwrap_or_default()
}

/// So many things of one shape are things of one kind.
const MANY: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::Verdict;

    fn templates(written: &[&str]) -> Templates {
        let mined: Vec<Mined> = written
            .iter()
            .map(|path| Mined {
                method: None,
                template: format!("http://a{path}"),
                fields: Vec::new(),
                sources: Vec::new(),
                surety: Surety::Told,
                verdict: Verdict::Confirmed,
                operations: Vec::new(),
            })
            .collect();
        Templates::of(&mined, std::iter::empty())
    }

    fn path(written: &[&str], path: &str) -> String {
        templates(written).path(&Url::parse("http://a").unwrap().join(path).unwrap())
    }

    #[test]
    fn parameters_are_called_after_what_stands_before_them() {
        assert_eq!(
            path(&[], "/api/basket-items/12/notes/4"),
            "/api/basket-items/{basketItemId}/notes/{noteId}"
        );
        assert_eq!(named("/{n}/{n}"), "/{id}/{id2}");
        assert_eq!(named("/a/photo-{n}.jpg"), "/a/photo-{aId}.jpg");
        assert_eq!(bare("/a/{x}/b-{y}"), "/a/{}/b-{}");
    }

    #[test]
    fn what_a_script_wrote_with_a_gap_folds_names_into_it() {
        let written = ["/rest/i18n/{language}", "/rest/i18n/all", "/api/{value}"];
        assert_eq!(path(&written, "/rest/i18n/de"), "/rest/i18n/{language}");
        assert_eq!(path(&written, "/rest/i18n/all"), "/rest/i18n/all");
        assert_eq!(path(&written, "/api/users"), "/api/users");
        assert_eq!(path(&written, "/api/7"), "/api/{apiId}");
        assert_eq!(path(&[], "/v2/i18n/8"), "/v2/i18n/{i18nId}");
    }
}
