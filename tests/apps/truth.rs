//! What there is to find in an application, as the application itself tells, and how much of it a crawl reached.
//!
//! `tests/apps/NAME/truth.txt` has a line for each endpoint, `GET /api/things/{}`, with `*` for any method, and for each view,
//! `VIEW #/things/{}`; `{}` stands for one segment of a path, `{+}` for several.

use std::{collections::BTreeSet, fs, path::Path};

use regex::Regex;
use serde_json::Value;
use url::Url;

/// What an application has.
pub(crate) struct Truth {
    endpoints: Vec<Entry>,
    views: Vec<Entry>,
}

struct Entry {
    method: String,
    shape: Regex,
    line: String,
}

/// How much of it a crawl reached.
pub(crate) struct Reached {
    pub(crate) endpoints: usize,
    of_endpoints: usize,
    views: usize,
    of_views: usize,
    pub(crate) missed: Vec<String>,
}

impl Truth {
    /// What is known of an application, if anything.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps").join(name).join("truth.txt");
        let text = fs::read_to_string(file).ok()?;
        let entries = text.lines().filter(|line| !line.starts_with('#')).filter_map(entry);
        let (views, endpoints) = entries.partition(|entry| entry.method == "VIEW");
        Some(Self { endpoints, views })
    }

    /// Compares it with what a crawl wrote.
    pub(crate) fn reached(&self, crawl: &Path) -> Reached {
        let (requests, shown) = (requests(crawl), shown(crawl));
        let is_asked = |entry: &Entry| {
            let is_it = |(method, path): &(String, String)| {
                (entry.method == "*" || entry.method == *method) && entry.shape.is_match(path)
            };
            requests.iter().any(is_it)
        };
        let is_shown = |entry: &Entry| shown.iter().any(|view| entry.shape.is_match(view));
        let missed = self.endpoints.iter().filter(|e| !is_asked(e));
        let missed = missed.chain(self.views.iter().filter(|e| !is_shown(e)));
        Reached {
            endpoints: self.endpoints.iter().filter(|e| is_asked(e)).count(),
            of_endpoints: self.endpoints.len(),
            views: self.views.iter().filter(|e| is_shown(e)).count(),
            of_views: self.views.len(),
            missed: missed.map(|entry| entry.line.clone()).collect(),
        }
    }
}

impl std::fmt::Display for Reached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} endpoints", self.endpoints, self.of_endpoints)?;
        if self.of_views > 0 {
            write!(f, ", {} of {} views", self.views, self.of_views)?;
        }
        Ok(())
    }
}

fn entry(line: &str) -> Option<Entry> {
    let (method, template) = line.split_once(' ')?;
    let template = template.trim_end_matches('/');
    let shape = regex::escape(template).replace(r"\{\}", "[^/]+").replace(r"\{\+\}", ".+");
    let shape = Regex::new(&format!("^{shape}/?$")).ok()?;
    Some(Entry { method: method.to_owned(), shape, line: line.to_owned() })
}

/// What was asked for and sent: a request that was held back counts too, one that nothing answers to does not.
fn requests(crawl: &Path) -> BTreeSet<(String, String)> {
    let text = fs::read_to_string(crawl.join("requests.jsonl")).unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let known = lines.filter(|r| r["in_scope"] == true && !matches!(r["status"].as_u64(), Some(404 | 405)));
    known.filter_map(|r| Some((r["method"].as_str()?.to_owned(), path(r["url"].as_str()?)?))).collect()
}

/// The addresses of all states: with the fragment, and without.
fn shown(crawl: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(crawl.join("graph.json")).unwrap_or_default();
    let graph: Value = serde_json::from_str(&text).unwrap_or_default();
    let states = graph["states"].as_array().into_iter().flatten();
    let urls = states.filter_map(|state| Url::parse(state["url"].as_str()?).ok());
    urls.flat_map(|url| [url.path().to_owned(), format!("#{}", url.fragment().unwrap_or_default())]).collect()
}

fn path(url: &str) -> Option<String> {
    Url::parse(url).ok().map(|url| url.path().to_owned())
}
