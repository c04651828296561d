//! Values that the application itself showed, to fill the gaps of templates with.

use std::collections::HashMap;

use serde_json::Value;
use url::Url;

use super::template::{fill, gaps};
use crate::crawl::values::plain;

/// Identifiers and the like, by the place where they were seen and by their names.
#[derive(Debug, Default)]
pub(super) struct Values {
    by_place: HashMap<String, Vec<String>>,
    by_name: HashMap<String, Vec<String>>,
    /// Short words by the names of the members that held them: names of modules, say.
    words: HashMap<String, Vec<String>>,
}

impl Values {
    /// Notes what an address that was asked for holds: `/users/7` holds a value of `/users`.
    pub(super) fn learn_url(&mut self, url: &Url) {
        let mut place = String::new();
        for segment in url.path().split('/').skip(1) {
            if segment.contains(|c: char| c.is_ascii_digit()) && !segment.contains('.') {
                keep(self.by_place.entry(place.clone()).or_default(), segment);
            }
            place = format!("{place}/{segment}");
        }
        for (name, value) in url.query_pairs() {
            keep(self.by_name.entry(plain(&name)).or_default(), &value);
        }
    }

    /// Notes the values in an answer from `url`.
    pub(super) fn learn(&mut self, url: &Url, value: &Value) {
        self.walk(url.path().trim_end_matches('/'), value, "", 0);
    }

    fn walk(&mut self, place: &str, value: &Value, owner: &str, deep: usize) {
        match value {
            Value::Array(items) if deep < DEEPEST => {
                items.iter().take(MOST_ITEMS).for_each(|item| self.walk(place, item, owner, deep + 1));
            }
            Value::Object(members) if deep < DEEPEST => {
                for (name, member) in members {
                    self.keep_word(name, member);
                    match scalar(member).filter(|_| is_name(name)) {
                        Some(text) => self.keep_all(place, owner, name, &text),
                        None => self.walk(place, member, name, deep + 1),
                    }
                }
            }
            _ => {}
        }
    }

    fn keep_word(&mut self, name: &str, value: &Value) {
        let Some(text) = value.as_str().filter(|text| is_word(text)) else { return };
        let words = self.words.entry(plain(name)).or_default();
        if words.len() < MOST_WORDS && !words.iter().any(|word| word == text) {
            words.push(text.to_owned());
        }
    }

    /// The words that members of this name held.
    pub(super) fn words(&self, name: &str) -> &[String] {
        self.words.get(&plain(name)).map(Vec::as_slice).unwrap_or_default()
    }

    fn keep_all(&mut self, place: &str, owner: &str, name: &str, text: &str) {
        let name = plain(name);
        if matches!(name.as_str(), "id" | "uuid" | "slug" | "key") {
            keep(self.by_place.entry(place.to_owned()).or_default(), text);
            keep(self.by_name.entry(format!("{}id", singular(&plain(owner)))).or_default(), text);
        }
        keep(self.by_name.entry(name).or_default(), text);
    }

    /// The template with all of its gaps filled, first by what was seen in its place, then by what bears the name.
    pub(super) fn fill(&self, template: &str) -> Option<String> {
        let names: Vec<&str> = gaps(template).collect();
        let mut filled = template.to_owned();
        for name in names {
            let before = filled.split(&format!("{{{name}}}")).next().unwrap_or_default();
            let value = self.value(before, name)?;
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            filled = fill(&filled, name, &value);
        }
        Some(filled)
    }

    fn value(&self, before: &str, name: &str) -> Option<&String> {
        let is_query = before.contains('?');
        let place = before.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let place = Url::parse(place)
            .map_or_else(|_| place.to_owned(), |url| url.path().trim_end_matches('/').to_owned());
        let here = self.by_place.get(&place).filter(|_| !is_query).and_then(|v| v.first());
        let name = plain(name);
        let thing = singular(&plain(place.rsplit('/').next().unwrap_or_default()));
        here.or_else(|| {
            self.by_name.get(&name).filter(|_| name != "id" && name != "value").and_then(|v| v.first())
        })
        .or_else(|| self.by_name.get(&format!("{thing}id")).filter(|_| !is_query).and_then(|v| v.first()))
    }
}

fn keep(values: &mut Vec<String>, value: &str) {
    if values.len() < MOST_VALUES
        && !value.is_empty()
        && value.len() <= LONGEST
        && !values.iter().any(|v| v == value)
    {
        values.push(value.to_owned());
    }
}

fn is_word(text: &str) -> bool {
    (2..=40).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            Some(text.clone()).filter(|text| !text.contains(|c: char| c.is_whitespace() || c == '/'))
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether values of this name are names of things; texts and amounts are of no use.
fn is_name(name: &str) -> bool {
    let name = plain(name);
    let is_secret = ["token", "password", "secret", "csrf", "session"].iter().any(|word| name.contains(word));
    !is_secret
        && ["id", "uuid", "slug", "key", "code", "name", "email", "number", "lang", "type", "category"]
            .iter()
            .any(|end| name.ends_with(end))
}

fn singular(name: &str) -> String {
    match name {
        _ if name.ends_with("ies") => format!("{}y", &name[..name.len() - 3]),
        _ if name.ends_with("ses") => name[..name.len() - 2].to_owned(),
        _ if name.ends_with('s') && !name.ends_with("ss") => name[..name.len() - 1].to_owned(),
        _ => name.to_owned(),
    }
}

const MOST_VALUES: usize = 8;
const MOST_ITEMS: usize = 60;
const MOST_WORDS: usize = 120;
const LONGEST: usize = 64;
const DEEPEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_with_what_was_seen() {
        let mut values = Values::default();
        let url = |text: &str| Url::parse(text).unwrap();
        values.learn(
            &url("http://a/api/products"),
            &serde_json::json!({ "data": [{ "id": 4, "orderId": "x-1", "token": "t" }] }),
        );
        values.learn(&url("http://a/api/all"), &serde_json::json!({ "categories": [{ "id": 9 }] }));
        values.learn_url(&url("http://a/rest/basket/31/items?lang=de"));
        for (template, filled) in [
            ("/api/products/{id}", Some("/api/products/4")),
            ("http://a/api/products/{value}/x", Some("http://a/api/products/4/x")),
            ("/x/{order_id}", Some("/x/x-1")),
            ("/y/categories/{id}", Some("/y/categories/9")),
            ("/rest/basket/{bid}/coupon", Some("/rest/basket/31/coupon")),
            ("/z?lang={lang}", Some("/z?lang=de")),
            ("/nothing/{id}", None),
            ("/x/{token}", None),
            ("/plain", Some("/plain")),
        ] {
            assert_eq!(values.fill(template).as_deref(), filled, "{template}");
        }
    }
}
