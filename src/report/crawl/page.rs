//! The report of a crawl as one page that needs nothing else.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::{
    endpoints::Endpoint,
    left::{Item, Left},
    plot::{clock, plot},
    sheet::{Ruling, Sheet},
    timeline::Timeline,
};
use crate::report::head::head as page_head;

/// The page; `pictures` says where the picture of each state is.
pub(in crate::report) fn page(sheet: &Sheet, pictures: &Value) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (page_head(&html! { "Crawl of " (sheet.start) }, LOOK, Some(POLICY)))
            body {
                (head(sheet))
                nav {
                    a href="#map" { "States" }
                    a href="#endpoints" { "Endpoints" }
                    a href="#timeline" { "Session" }
                    a href="#left" { "Left alone" }
                }
                main {
                    (facts(sheet))
                    (map())
                    (endpoints(&sheet.endpoints, &sheet.origin))
                    (timeline(&sheet.timeline))
                    (left(&sheet.left))
                }
                footer { "Written by handstamp " (env!("CARGO_PKG_VERSION")) ". Secrets are not in this file; pictures show what the pages showed." }
                script #data type="application/json" { (data(&sheet.graph)) }
                script #pictures type="application/json" { (data(pictures)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// JSON inside a script element: no text in it can end the element, or begin a comment.
fn data(value: &Value) -> PreEscaped<String> {
    PreEscaped(value.to_string().replace('<', "\\u003c"))
}

fn head(sheet: &Sheet) -> Markup {
    html! {
        header {
            h1 { "Crawl of " span.url { (sheet.start) } }
            p.faint {
                @match &sheet.user { Some(user) => { "as " b { (user) } ", " } None => "without a session, " }
                (sheet.created)
            }
            (ruling(&sheet.ruling))
        }
    }
}

fn ruling(ruling: &Ruling) -> Markup {
    html! {
        div.ruling.(ruling.tone) {
            strong { (ruling.words) }
            @for evidence in &ruling.evidence { span { (evidence) } }
            code { "reason " (ruling.reason) }
        }
    }
}

fn facts(sheet: &Sheet) -> Markup {
    html! {
        section #summary {
            ul.facts {
                @for fact in &sheet.facts {
                    li { b { (fact.number) } span { (fact.what) } small { (fact.more) } }
                }
            }
            dl.terms { @for (name, value) in &sheet.terms { div { dt { (name) } dd { (value) } } } }
        }
    }
}

/// The frame of the map; the script draws it.
fn map() -> Markup {
    html! {
        section #map {
            h2 { "States" }
            div.bar {
                input #find type="search" placeholder="Find a state by route, title or action ( / )" aria-label="Find a state" autocomplete="off";
                span #found.faint role="status" {}
                span.keys.faint { "arrows walk · Enter details · + − zoom · 0 all" }
                button #wide type="button" { "Larger" }
            }
            div.map {
                div.stage {
                    canvas #canvas tabindex="0" role="application" aria-label="The states of the application, and the ways between them; arrow keys walk" {}
                    ul #hits hidden {}
                }
                aside #state aria-live="polite" tabindex="-1" {}
            }
            noscript { p { "The map needs JavaScript; " code { "graph.json" } " holds the same." } }
        }
    }
}

fn endpoints(endpoints: &[Endpoint], origin: &str) -> Markup {
    html! {
        section #endpoints {
            h2 { "Endpoints " small { (endpoints.len()) } }
            div.bar {
                input type="search" data-filter="endpoint-table" placeholder="Filter: words that a line holds, such as POST 403 /api" aria-label="Filter endpoints" autocomplete="off";
                span.faint role="status" data-shown="endpoint-table" {}
            }
            div.wide { table #endpoint-table.sortable {
                thead { tr { th { "Method" } th { "Route" } th { "Status" } th { "Type" } th.number { "Requests" } th { "Session" } th { "Known by" } th { "First from" } } }
                tbody { @for endpoint in endpoints { (endpoint_row(endpoint, origin)) } }
            } }
        }
    }
}

fn endpoint_row(one: &Endpoint, origin: &str) -> Markup {
    html! {
        tr {
            td { span.method { (one.method) } }
            td { code { (one.route.strip_prefix(origin).unwrap_or(&one.route)) } @if one.class != "call" { " " small.faint { (one.class) } } }
            td { @for status in &one.statuses { span.status.(tone(status)) { (status) } " " } }
            td.faint { @for kind in &one.kinds { (kind) " " } }
            td.number { (one.count) }
            td {
                @if one.carried > 0 { span.good { "with " (one.carried) } " " }
                @if one.bare > 0 { span.bad { "without " (one.bare) } }
                @if one.carried + one.bare == 0 { span.faint { "–" } }
            }
            td { (one.provenance) }
            td { @if let Some(state) = &one.state { (state_link(state)) @if let Some(action) = &one.action { " " small.faint { (action) } } } }
        }
    }
}

fn tone(status: &str) -> &'static str {
    match status.as_bytes().first() {
        Some(b'2' | b'1') => "good",
        Some(b'3') => "faint",
        Some(b'4' | b'5') => "bad",
        _ => "doubt",
    }
}

fn state_link(state: &str) -> Markup {
    html! { a.state href={ "#" (state) } { (state) } }
}

fn timeline(timeline: &Timeline) -> Markup {
    html! {
        section #timeline {
            h2 { "Session over time" }
            @if timeline.has_requests() {
                p.legend {
                    span.carried { "requests with the session" } span.bare { "without it" } span.other { "not meant to carry it" }
                    span.states { "states known" } span.lost { "session lost" } span.bridged { "session renewed unseen" } span.replaced { "browser replaced" }
                }
                (plot(timeline))
            }
            @if timeline.marks.is_empty() { p { "Nothing happened to the session or the browsers." } } @else {
                ol.marks {
                    @for mark in &timeline.marks {
                        li.(mark.kind) { span.at { (clock(mark.at)) } (mark.words) }
                    }
                }
            }
        }
    }
}

fn left(groups: &[Left]) -> Markup {
    html! {
        section #left {
            h2 { "Left alone, and why" }
            @if groups.is_empty() { p { "Nothing: all that was found was done." } }
            @for group in groups {
                details open[group.count <= FEW] {
                    summary { b { (group.title) } " " small.faint { (group.count) } }
                    p.faint { (group.why) }
                    ul.left {
                        @for item in &group.items { (left_item(item)) }
                    }
                }
            }
        }
    }
}

fn left_item(item: &Item) -> Markup {
    html! {
        li {
            span.kind { (item.kind) } " " span.what { (item.what) }
            @if item.times > 1 { " " small.faint { "× " (item.times) } }
            @if let Some(state) = &item.state { " " (state_link(state)) }
        }
    }
}

/// Groups of so many are shown unfolded.
const FEW: usize = 12;
/// The page asks for nothing but the pictures beside it.
pub(super) const POLICY: &str =
    "default-src 'none'; img-src data: 'self' file:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
pub(super) const LOOK: &str = include_str!("page.css");
/// Filters and sorts tables.
pub(super) const TABLES: &str = include_str!("tables.js");
const SCRIPT: &str = concat!(
    include_str!("layout.js"),
    include_str!("map.js"),
    include_str!("details.js"),
    include_str!("tables.js")
);
