//! Which endpoint templates were reached, and when.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use handstamp::crawl::endpoint_route;
use regex::Regex;
use serde_json::Value;
use url::Url;

use crate::{front::Asked, shape::shape};

/// How requests are told apart as endpoints.
#[derive(Debug)]
pub(crate) enum Measure {
    /// The application publishes what there is: method, what its paths look like, and its template.
    Truth(Vec<(String, Regex, String)>),
    /// Nothing is known: paths with what varies masked, without files, errors and the page that stands for all.
    Shape { shell: Option<String> },
}

/// What one contestant reached: each template with the time of its first request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    pub(crate) first: BTreeMap<String, Duration>,
    /// Templates that were asked for with the session.
    pub(crate) carried: BTreeSet<String>,
    pub(crate) requests: usize,
    pub(crate) calls: usize,
    pub(crate) calls_carried: usize,
}

impl Measure {
    /// Reads lines such as `GET /api/things/{id}`; what follows a third blank is left out.
    pub(crate) fn of_lines(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let parts = lines.filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        });
        Self::Truth(parts.filter(|(_, template)| template.starts_with('/')).map(entry).collect())
    }

    /// Reads what the sample shop publishes, as far as one role can reach it.
    pub(crate) fn of_shop(truth: &Value, role: &str) -> Self {
        let all = truth["endpoints"].as_array().into_iter().flatten();
        let mine = all.filter(|e| {
            e["kind"] == "api" && e["users"].as_array().is_some_and(|u| u.iter().any(|u| u == role))
        });
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self::Truth(mine.map(|e| entry((text(&e["method"]), text(&e["template"])))).collect())
    }

    /// How many there are to find, where that is known.
    pub(crate) fn count(&self) -> Option<usize> {
        match self {
            Self::Truth(all) => Some(all.iter().map(|(_, _, name)| name).collect::<BTreeSet<_>>().len()),
            Self::Shape { .. } => None,
        }
    }

    fn template(&self, asked: &Asked) -> Option<String> {
        if matches!(asked.status, 404 | 405 | 502) {
            return None;
        }
        let path = asked.path.split('?').next().unwrap_or_default();
        match self {
            Self::Truth(all) => {
                let known =
                    all.iter().find(|(method, shape, _)| *method == asked.method && shape.is_match(path));
                known.map(|(_, _, name)| name.clone())
            }
            Self::Shape { shell } => {
                let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
                let is_shell = shell.is_some() && *shell == asked.page;
                let url = Url::parse(&format!("http://a{path}")).ok().filter(|_| !is_file && !is_shell)?;
                Some(format!("{} {}", asked.method, endpoint_route(&url).trim_start_matches("http://a")))
            }
        }
    }

    /// Sums up what was asked for since `begin`.
    pub(crate) fn sum_up(&self, all: &[Asked], begin: Instant) -> Coverage {
        let mut coverage = Coverage { requests: all.len(), ..Coverage::default() };
        for asked in all {
            let Some(template) = self.template(asked) else { continue };
            coverage.calls += 1;
            coverage.calls_carried += usize::from(asked.is_carried);
            if asked.is_carried {
                coverage.carried.insert(template.clone());
            }
            let at = asked.at.saturating_duration_since(begin);
            coverage.first.entry(template).or_insert(at);
        }
        coverage
    }
}

impl Coverage {
    /// When a share of `count` templates was reached, if ever.
    pub(crate) fn time_to(&self, share: f64, count: usize, among: &BTreeSet<String>) -> Option<Duration> {
        let mut times: Vec<_> =
            self.first.iter().filter(|(name, _)| among.contains(*name)).map(|(_, at)| *at).collect();
        times.sort();
        let needed = (share * f64::from(u32::try_from(count).ok()?)).ceil();
        times.into_iter().zip(1_u32..).find(|(_, nth)| f64::from(*nth) >= needed).map(|(at, _)| at)
    }

    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.first.keys().cloned().collect()
    }
}

fn entry((method, template): (String, String)) -> (String, Regex, String) {
    let (name, shape) = (format!("{method} {template}"), shape(&template));
    (method, shape, name)
}
