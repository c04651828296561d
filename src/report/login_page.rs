//! The authentication report as one page that needs nothing else.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, Markup, html};

use super::head::head as page_head;
use super::login::{Candidate, Domain, LoginReport, Part, Ruling, Stage};

/// The page.
pub(super) fn page(report: &LoginReport) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (page_head(&html! { "Login at " (report.url) }, STYLE, None))
            body {
                (head(report))
                main {
                    (summary(report))
                    (steps(&report.steps))
                    (management(report))
                    (tokens(report))
                    (verification(report))
                    (domains(&report.domains))
                    (context(report))
                }
                footer { "Written by handstamp " (env!("CARGO_PKG_VERSION")) ". Secrets are not in this file; pictures show what the page showed." }
            }
        }
    }
}

fn head(report: &LoginReport) -> Markup {
    html! {
        header {
            h1 { "Login at " span.url { (report.url) } }
            p.facts {
                @if let Some(user) = &report.user { "as " b { (user) } ", " }
                "with " (report.browser) ", " (report.created) ", in " (format!("{:.1}", report.seconds)) " s"
            }
            (ruling(&report.ruling))
        }
    }
}

fn ruling(ruling: &Ruling) -> Markup {
    let class = match ruling.verdict.as_str() {
        "proven" => "good",
        "failed" => "bad",
        _ => "doubt",
    };
    let word = match class {
        "good" => "logged in",
        "bad" => "not logged in",
        _ => "unproven",
    };
    html! {
        div.ruling.(class) {
            strong { (word) }
            span { (ruling.evidence) }
            @if let Some(hint) = &ruling.hint { span.hint { "Hint: " (hint) } }
            code { "reason " (ruling.reason) ", exit code " (ruling.exit) }
        }
    }
}

fn summary(report: &LoginReport) -> Markup {
    html! {
        section {
            h2 { "Summary" }
            ul.points {
                @for point in &report.summary {
                    li.(if point.passed { "good" } else { "bad" }) title=(point.key) { (point.words) }
                }
            }
            @if !report.failure_reasons.is_empty() {
                h3 { "What is missing" }
                ul { @for reason in &report.failure_reasons { li { (reason.words) " " code { (reason.key) } } } }
            }
        }
    }
}

fn steps(steps: &[Stage]) -> Markup {
    html! {
        section {
            h2 { "Steps" }
            ol.steps {
                @for (number, stage) in steps.iter().enumerate() {
                    li {
                        div.what { span.at { (format!("{:.1} s", stage.at)) } (stage.what) }
                        @if let Some(png) = &stage.png {
                            details open[number + 1 == steps.len()] {
                                summary { "the page" }
                                img alt={ "the page after: " (stage.what) } loading="lazy"
                                    src={ "data:image/png;base64," (STANDARD.encode(png)) };
                            }
                        }
                    }
                }
            }
        }
    }
}

fn management(report: &LoginReport) -> Markup {
    html! {
        section {
            h2 { "Session management" }
            p { "Carried by the method " b { (report.management.method) } }
            ul { @for reason in &report.management.reasons { li { (reason) } } }
            @if !report.lifetime.is_empty() {
                h3 { "Lifetime" }
                ul { @for line in &report.lifetime { li { (line) } } }
            }
        }
    }
}

fn tokens(report: &LoginReport) -> Markup {
    html! {
        section {
            h2 { "Tokens" }
            @if report.tokens.is_empty() { p { "None were found." } } @else {
                div.wide { table {
                    thead { tr { th { "Token" } th { "Kept in" } th { "Kind" } th { "Role" } th { "Sent as" } th { "Ends" } th { "Verdict" } } }
                    tbody { @for part in &report.tokens { (token(part)) } }
                } }
            }
            @if !report.trial.is_empty() {
                h3 { "Trial" }
                ul { @for line in &report.trial { li { (line) } } }
            }
        }
    }
}

fn token(part: &Part) -> Markup {
    html! {
        tr {
            td { code { (part.key) } " " span.hidden { "***" } }
            td { (part.place) }
            td { (part.kind) }
            td { (part.role) }
            td { @for sent in &part.sent_as { code { (sent) } " " } }
            td { (part.expires) }
            td { @if !part.verdict.is_empty() { span.verdict.(part.verdict) { (part.verdict) } } }
        }
    }
}

fn verification(report: &LoginReport) -> Markup {
    html! {
        section {
            h2 { "Verification" }
            @match &report.verification {
                Some(found) => dl {
                    dt { "Request" } dd { code { (found.request) } }
                    dt { "Indicator" } dd { (found.indicator) }
                    dt { "Evidence" } dd { (found.evidence) }
                },
                None => p { "No request was found that tells a user from a stranger." },
            }
            @if !report.candidates.is_empty() { (candidates(&report.candidates)) }
        }
    }
}

fn candidates(candidates: &[Candidate]) -> Markup {
    html! {
        h3 { "Requests that were tried" }
        div.wide { table {
            thead { tr { th { "Request" } th { "Verdict" } th { "Why" } } }
            tbody {
                @for candidate in candidates {
                    tr { td { code { (candidate.request) } } td { (candidate.verdict) } td { (candidate.why) } }
                }
            }
        } }
    }
}

fn domains(domains: &[Domain]) -> Markup {
    let tell = |is: bool| if is { "yes" } else { "no" };
    html! {
        section {
            h2 { "Domains" }
            div.wide { table {
                thead { tr { th { "Origin" } th { "Requests" } th { "Belongs to the session" } th { "Got the password" } } }
                tbody {
                    @for domain in domains {
                        tr { td { code { (domain.origin) } } td { (domain.requests) } td { (tell(domain.in_scope)) } td { (tell(domain.got_password)) } }
                    }
                }
            } }
        }
    }
}

fn context(report: &LoginReport) -> Markup {
    html! {
        section {
            h2 { "Context file" }
            p { "Beside this page as " code { "handstamp.yaml" } ", ready for " code { "handstamp login --config handstamp.yaml" } ":" }
            pre { (report.context) }
        }
    }
}

const STYLE: &str = include_str!("login.css");
