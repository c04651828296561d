//! The access matrix: which user's crawl came to which page and which endpoint, and how that was answered.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use crate::crawl::{Class, End, Outcome, Passage};

/// Pages and endpoints against users.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// The users, in the order that was asked for.
    pub users: Vec<String>,
    /// Those of them whose crawl did not come to its end: more may be offered to them than is known.
    pub unfinished: Vec<String>,
    /// The routes of pages; those have no method.
    pub pages: Vec<Row>,
    /// The endpoints, by route and method.
    pub endpoints: Vec<Row>,
}

/// One page or endpoint.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The method; empty for a page.
    pub method: String,
    /// The route.
    pub route: String,
    /// How each user got on, in the order of the users.
    pub cells: Vec<Cell>,
}

/// How one user got on with one page or endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// How often the user's crawl asked for it, or came by.
    pub count: usize,
    /// How that was answered; empty for pages.
    pub statuses: BTreeSet<u16>,
}

impl Cell {
    /// Whether the user came to it and was let in at least once.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.count > 0 && (self.statuses.is_empty() || self.statuses.iter().any(|status| *status < 400))
    }

    /// Whether the user asked for it and was always refused.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.count > 0 && !self.is_reached()
    }
}

impl Matrix {
    /// The matrix of these crawls.
    #[must_use]
    pub fn of(subjects: &[Subject<'_>]) -> Self {
        let mut pages = BTreeMap::new();
        let mut endpoints = BTreeMap::new();
        for (user, subject) in subjects.iter().enumerate() {
            note_pages(&mut pages, user, subjects.len(), subject.outcome);
            note_endpoints(&mut endpoints, user, subjects.len(), subject.outcome);
        }
        let rows = |cells: BTreeMap<(String, String), Vec<Cell>>| {
            let row = |((route, method), cells)| Row { method, route, cells };
            cells.into_iter().map(row).collect()
        };
        Self {
            users: subjects.iter().map(|subject| subject.name.clone()).collect(),
            unfinished: subjects
                .iter()
                .filter(|subject| subject.outcome.end != End::Complete)
                .map(|subject| subject.name.clone())
                .collect(),
            pages: rows(pages),
            endpoints: rows(endpoints),
        }
    }
}

/// Cells by route and method.
type Cells = BTreeMap<(String, String), Vec<Cell>>;

fn note_pages(pages: &mut Cells, user: usize, users: usize, outcome: &Outcome) {
    for state in &outcome.graph.states {
        let key = (state.route.clone(), String::new());
        pages.entry(key).or_insert_with(|| vec![Cell::default(); users])[user].count += 1;
    }
}

fn note_endpoints(endpoints: &mut Cells, user: usize, users: usize, outcome: &Outcome) {
    let told = outcome.records.iter().filter(|r| r.passage == Passage::InScope && r.class != Class::Asset);
    for record in told {
        let key = (record.route.clone(), record.method.clone());
        let cell = &mut endpoints.entry(key).or_insert_with(|| vec![Cell::default(); users])[user];
        cell.count += 1;
        cell.statuses.extend(record.status);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_reached_where_it_answered_well_once_and_denied_where_never() {
        let cell =
            |statuses: &[u16]| Cell { count: statuses.len(), statuses: statuses.iter().copied().collect() };
        assert!(cell(&[403, 200]).is_reached() && !cell(&[403, 200]).is_denied());
        assert!(cell(&[401, 403]).is_denied());
        assert!(!Cell::default().is_reached() && !Cell::default().is_denied());
    }
}
