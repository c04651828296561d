//! Who reaches what, as one page that needs nothing else.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    access::{AccessSheet, Line, Told, user_folder},
    page::{LOOK, POLICY, TABLES},
};
use crate::report::head::head as page_head;

/// The page; the reports of the users lie in folders beside it.
pub(in crate::report) fn access_page(sheet: &AccessSheet) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (page_head(&html! { "Access at " (sheet.start) }, LOOK, Some(POLICY)))
            body {
                header { h1 { "Who reaches what at " span.url { (sheet.start) } } }
                nav {
                    a href="#findings" { "Findings" } a href="#matrix" { "Matrix" }
                    @for user in &sheet.users { a href={ (user_folder(user)) "/report.html" } { "Crawl of " (user) } }
                }
                main { (summary(sheet)) (findings(sheet)) (matrix(sheet)) }
                footer { "Written by handstamp " (env!("CARGO_PKG_VERSION")) ". Secrets are not in this file." }
                script { (PreEscaped(TABLES)) }
            }
        }
    }
}

fn summary(sheet: &AccessSheet) -> Markup {
    html! {
        section #summary {
            ul.facts {
                @for (verdict, meaning) in MEANINGS {
                    li { b { (sheet.findings.iter().filter(|f| f.verdict == verdict).count()) } span.verdict.(verdict) { (verdict) } small { (meaning) } }
                }
            }
            p.faint {
                (sheet.requests) " requests were sent for it, one of each endpoint and user."
                @if !sheet.unfinished.is_empty() {
                    span.doubt { " The crawl of " (sheet.unfinished.join(", ")) " did not come to its end: what is suspicious may be meant for them." }
                }
                @if sheet.left_out > 0 { " " (sheet.left_out) " endpoints were left out because of the limit." }
            }
        }
    }
}

fn findings(sheet: &AccessSheet) -> Markup {
    html! {
        section #findings {
            h2 { "Each user's requests, sent as the others " small { (sheet.findings.len()) } }
            div.bar {
                input type="search" data-filter="finding-table" placeholder="Filter: words that a line holds, such as suspicious bob /api" aria-label="Filter findings" autocomplete="off";
                span.faint role="status" data-shown="finding-table" {}
            }
            div.wide { table #finding-table.sortable {
                thead { tr { th { "Verdict" } th { "Method" } th { "Route" } th { "Request of" } th { "Sent as" } th { "Status" } th { "Evidence" } th { "Asked by" } } }
                tbody { @for finding in &sheet.findings { (finding_row(finding, &sheet.origin)) } }
            } }
        }
    }
}

fn finding_row(told: &Told, origin: &str) -> Markup {
    html! {
        tr {
            td { span.chip.verdict.(told.verdict) { (told.verdict) } }
            td { span.method { (told.method) } }
            td { code title=(told.url) { (told.route.strip_prefix(origin).unwrap_or(&told.route)) } }
            td { (told.owner) }
            td { (told.other) }
            td.status { @if told.status > 0 { (told.status) } @else { "–" } }
            td { (told.evidence) @if !told.note.is_empty() { div.doubt { (told.note) } } }
            td.faint { (told.asked_by.join(", ")) }
        }
    }
}

fn matrix(sheet: &AccessSheet) -> Markup {
    html! {
        section #matrix {
            h2 { "What each crawl reached by itself " small { (sheet.rows.len()) } }
            div.bar {
                input type="search" data-filter="matrix-table" placeholder="Filter: words that a line holds, such as page denied admin" aria-label="Filter the matrix" autocomplete="off";
                span.faint role="status" data-shown="matrix-table" {}
            }
            div.wide { table #matrix-table.sortable {
                thead { tr { th { "What" } th { "Route" } @for user in &sheet.users { th { (user) } } } }
                tbody { @for line in &sheet.rows { (matrix_row(line, &sheet.origin)) } }
            } }
        }
    }
}

fn matrix_row(line: &Line, origin: &str) -> Markup {
    html! {
        tr {
            td { span.method { (line.method) } }
            td { code { (line.route.strip_prefix(origin).unwrap_or(&line.route)) } }
            @for (word, statuses) in &line.cells {
                td { span.reach.(if word == "-" { "none" } else { word }) { (word) } " " small.faint { (statuses) } }
            }
        }
    }
}

const MEANINGS: [(&str, &str); 6] = [
    ("suspicious", "another user gets the owner's data, or what that user's interface does not offer"),
    ("open", "the same for everybody, also without a session"),
    ("shared", "both interfaces ask for it, and both get the same"),
    ("own", "each user gets an answer of one's own"),
    ("enforced", "the other user is refused"),
    ("unstable", "could not be told"),
];
