//! Who reaches what, as a document, as a table, and as data for the page.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{
    crawl::access::{Access, Cell, Finding, Matrix, Row},
    report::Redactor,
};

/// What the page tells of the comparison; it loses its secrets before it is shown.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::report) struct AccessSheet {
    pub(super) start: String,
    pub(super) origin: String,
    pub(super) users: Vec<String>,
    pub(super) unfinished: Vec<String>,
    pub(super) requests: usize,
    pub(super) left_out: usize,
    pub(super) rows: Vec<Line>,
    pub(super) findings: Vec<Told>,
}

/// One page or endpoint.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Line {
    /// The method, or `page`.
    pub(super) method: String,
    pub(super) route: String,
    /// Word and statuses for each user.
    pub(super) cells: Vec<(String, String)>,
    /// Whether all users are alike.
    pub(super) is_same: bool,
}

/// One finding.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) verdict: String,
    pub(super) method: String,
    pub(super) route: String,
    pub(super) url: String,
    pub(super) owner: String,
    pub(super) other: String,
    pub(super) status: u16,
    pub(super) asked_by: Vec<String>,
    pub(super) evidence: String,
    /// What it means that it is open although not all interfaces ask for it.
    pub(super) note: String,
}

impl AccessSheet {
    pub(in crate::report) fn new(start: &Url, access: &Access) -> Self {
        let users = &access.matrix.users;
        let mut findings: Vec<Told> = access.findings.iter().map(|finding| told(finding, users)).collect();
        // What deserves a look comes first.
        findings.sort_by_key(|told| (told.verdict != "suspicious", told.note.is_empty()));
        Self {
            start: start.to_string(),
            origin: start.origin().ascii_serialization(),
            users: users.clone(),
            unfinished: access.matrix.unfinished.clone(),
            requests: access.requests,
            left_out: access.left_out,
            rows: access.matrix.pages.iter().chain(&access.matrix.endpoints).map(line).collect(),
            findings,
        }
    }

    pub(in crate::report) fn without_secrets(&self, redactor: &Redactor) -> Self {
        let mut document = serde_json::to_value(self).unwrap_or_default();
        redactor.value(&mut document);
        serde_json::from_value(document).unwrap_or_default()
    }
}

/// The name of a user's folder beside the comparison.
#[must_use]
pub fn user_folder(name: &str) -> String {
    let word = |c: char| if c.is_alphanumeric() || "._@-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(word).collect();
    name.trim_start_matches('.').to_owned()
}

/// The document of `access.json`.
pub(in crate::report) fn access_document(start: &Url, access: &Access) -> Value {
    let users = &access.matrix.users;
    let row = |row: &Row| {
        json!({
            "method": row.method, "route": row.route,
            "users": users.iter().zip(&row.cells).map(|(user, cell)| json!({
                "user": user, "reach": word(cell), "count": cell.count, "statuses": cell.statuses,
            })).collect::<Vec<_>>(),
        })
    };
    let finding = |f: &Finding| {
        json!({
            "verdict": f.ruling.verdict.word(), "evidence": f.ruling.evidence, "method": f.method, "route": f.route,
            "url": f.url.as_str(), "owner": f.owner, "as": f.other, "owner_status": f.owner_status,
            "status": f.status, "asked_by": f.asked_by,
        })
    };
    json!({
        "schema": "handstamp.access/1",
        "start": start.as_str(),
        "users": users,
        "unfinished": access.matrix.unfinished,
        "pages": access.matrix.pages.iter().map(row).collect::<Vec<_>>(),
        "endpoints": access.matrix.endpoints.iter().map(row).collect::<Vec<_>>(),
        "requests": access.requests,
        "left_out": access.left_out,
        "findings": access.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

/// The matrix as rows under their heading; what all users reach alike is counted in the last one.
#[must_use]
pub fn access_rows(matrix: &Matrix) -> Vec<Vec<String>> {
    let heading = ["", "route"].map(str::to_owned).into_iter().chain(matrix.users.iter().cloned()).collect();
    let all: Vec<Line> = matrix.pages.iter().chain(&matrix.endpoints).map(line).collect();
    let same = all.iter().filter(|line| line.is_same).count();
    let differing = all.into_iter().filter(|line| !line.is_same).map(|line| {
        let cells = line
            .cells
            .into_iter()
            .map(|(word, statuses)| if statuses.is_empty() { word } else { format!("{word} {statuses}") });
        [line.method, line.route].into_iter().chain(cells).collect()
    });
    let mut rows: Vec<Vec<String>> = std::iter::once(heading).chain(differing).collect();
    if same > 0 {
        let rest = std::iter::repeat_n("reached".to_owned(), matrix.users.len());
        rows.push([String::new(), format!("and {same} more")].into_iter().chain(rest).collect());
    }
    rows
}

fn line(row: &Row) -> Line {
    let statuses = |cell: &Cell| cell.statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(" ");
    Line {
        method: if row.method.is_empty() { "page".into() } else { row.method.clone() },
        route: row.route.clone(),
        cells: row.cells.iter().map(|cell| (word(cell).to_owned(), statuses(cell))).collect(),
        is_same: row.cells.iter().all(Cell::is_reached),
    }
}

fn word(cell: &Cell) -> &'static str {
    if cell.is_denied() {
        "denied"
    } else if cell.is_reached() {
        "reached"
    } else {
        "-"
    }
}

fn told(finding: &Finding, users: &[String]) -> Told {
    let is_open = finding.ruling.verdict == crate::crawl::access::Verdict::Open;
    let is_unlisted =
        is_open && finding.asked_by.len() < users.len() && !finding.asked_by.contains(&finding.other);
    Told {
        verdict: finding.ruling.verdict.word().into(),
        method: finding.method.clone(),
        route: finding.route.clone(),
        url: finding.url.to_string(),
        owner: finding.owner.clone(),
        other: finding.other.clone(),
        status: finding.status,
        asked_by: finding.asked_by.clone(),
        evidence: finding.ruling.evidence.clone(),
        note: if is_unlisted {
            format!("the interface of {} does not ask for it", finding.other)
        } else {
            String::new()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_tells_what_differs_and_counts_the_rest() {
        let cell =
            |statuses: &[u16]| Cell { count: statuses.len(), statuses: statuses.iter().copied().collect() };
        let row = |route: &str, cells: Vec<Cell>| Row { method: "GET".into(), route: route.into(), cells };
        let matrix = Matrix {
            users: vec!["anonymous".into(), "anna".into()],
            unfinished: Vec::new(),
            pages: Vec::new(),
            endpoints: vec![
                row("/a", vec![cell(&[200]), cell(&[200])]),
                row("/b", vec![cell(&[401]), cell(&[200])]),
                row("/c", vec![cell(&[]), cell(&[200])]),
            ],
        };
        let rows = access_rows(&matrix);
        assert_eq!(rows[0], ["", "route", "anonymous", "anna"]);
        assert_eq!(rows[1], ["GET", "/b", "denied 401", "reached 200"]);
        assert_eq!(rows[2], ["GET", "/c", "-", "reached 200"]);
        assert_eq!(rows[3], ["", "and 1 more", "reached", "reached"]);
    }
}
