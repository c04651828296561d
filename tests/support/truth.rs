//! What there is to find in an application, as the application itself tells, and how much of it a crawl reached.

use std::{collections::BTreeSet, fmt, fs, path::Path};

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::shape;

/// What one role can reach in an application.
#[derive(Debug)]
pub(crate) struct Truth {
    endpoints: Vec<Entry>,
    views: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    method: String,
    shape: Regex,
    line: String,
}

/// How much of it a crawl reached.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) endpoints: Count,
    pub(crate) views: Count,
    /// What neither interaction nor mining reached, as it stands in the list.
    pub(crate) missed: BTreeSet<String>,
}

/// So many by interaction, so many with mining, of so many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    by_interaction: usize,
    pub(crate) reached: usize,
    pub(crate) all: usize,
}

/// What a crawl asked for and showed.
struct Seen {
    requests: BTreeSet<(String, String)>,
    views: BTreeSet<String>,
}

impl Truth {
    /// Reads a list with a line for each endpoint, `GET /api/things/{}`, and each view, `VIEW #/things/{}`; `#` begins a comment.
    pub(crate) fn of_lines(text: &str) -> Self {
        Self::of(text.lines().filter(|line| !line.starts_with('#')).filter_map(Entry::read))
    }

    /// Reads what the sample shop publishes, as far as one role can reach it.
    pub(crate) fn of_shop(list: &Value, role: &str) -> Self {
        let of = |key: &str, kind: &'static str| {
            let all = list[key].as_array().unwrap().iter().filter(move |entry| entry["kind"] == kind);
            all.filter(|entry| entry["users"].as_array().unwrap().iter().any(|user| user == role))
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let endpoints = of("endpoints", "api").map(|e| Entry::new(text(&e["method"]), &text(&e["template"])));
        let views = of("views", "view").map(|view| Entry::new(VIEW.to_owned(), &text(&view["route"])));
        Self::of(endpoints.chain(views))
    }

    fn of(entries: impl Iterator<Item = Entry>) -> Self {
        let (views, endpoints) = entries.partition(|entry| entry.method == VIEW);
        Self { endpoints, views }
    }

    /// Compares it with what a crawl wrote into a folder.
    pub(crate) fn reached(&self, folder: &Path) -> Reached {
        let (by_interaction, all) =
            (Seen::read(folder, |by| by == "interaction"), Seen::read(folder, |_| true));
        let count = |entries: &[Entry]| Count {
            by_interaction: entries.iter().filter(|entry| by_interaction.holds(entry)).count(),
            reached: entries.iter().filter(|entry| all.holds(entry)).count(),
            all: entries.len(),
        };
        let missed = self.endpoints.iter().chain(&self.views).filter(|entry| !all.holds(entry));
        Reached {
            endpoints: count(&self.endpoints),
            views: count(&self.views),
            missed: missed.map(|entry| entry.line.clone()).collect(),
        }
    }
}

impl Entry {
    fn new(method: String, template: &str) -> Self {
        let line = format!("{method} {template}");
        Self { method, shape: shape(template), line }
    }

    fn read(line: &str) -> Option<Self> {
        let (method, template) = line.split_once(' ')?;
        Some(Self::new(method.to_owned(), template))
    }
}

impl Seen {
    /// Reads what a crawl wrote, as far as its provenance counts.
    fn read(folder: &Path, counts: impl Fn(&str) -> bool) -> Self {
        let text = fs::read_to_string(folder.join("requests.jsonl")).unwrap();
        let graph: Value = serde_json::from_slice(&fs::read(folder.join("graph.json")).unwrap()).unwrap();
        let is_counted = |value: &Value| counts(value["provenance"].as_str().unwrap());
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let states = graph["states"].as_array().unwrap().iter().filter(|state| is_counted(state));
        Self {
            requests: lines.filter(is_counted).filter_map(|line| asked(&line)).collect(),
            views: states.flat_map(|state| shown(state["url"].as_str().unwrap())).collect(),
        }
    }

    fn holds(&self, entry: &Entry) -> bool {
        if entry.method == VIEW {
            return self.views.iter().any(|view| entry.shape.is_match(view));
        }
        self.requests.iter().any(|(method, path)| entry.method == *method && entry.shape.is_match(path))
    }
}

impl Reached {
    pub(crate) fn of(&self) -> usize {
        self.endpoints.all + self.views.all
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {}", self.views, self.endpoints)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} of {}", self.by_interaction, self.reached, self.all)
    }
}

/// Method and path of what was asked for: a request that was held back counts too, one that nothing answers to does not.
fn asked(request: &Value) -> Option<(String, String)> {
    let is_known = request["in_scope"] == true && !matches!(request["status"].as_u64(), Some(404 | 405));
    let url = Url::parse(request["url"].as_str()?).ok().filter(|_| is_known)?;
    Some((request["method"].as_str()?.to_owned(), url.path().to_owned()))
}

/// The address of a state as the views of a list are written: the path, or the fragment.
fn shown(url: &str) -> [String; 2] {
    let url = Url::parse(url).unwrap();
    [url.path().to_owned(), format!("#{}", url.fragment().unwrap_or_default())]
}

/// Stands in the place of a method.
const VIEW: &str = "VIEW";
