//! What the report of a crawl tells, as data: it is taken from an outcome, and loses its secrets before it is shown.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{OffsetDateTime, macros::format_description};

use super::{
    About,
    endpoints::{Endpoint, endpoints},
    left::{Left, left},
    timeline::Timeline,
};
use crate::{
    crawl::{End, Outcome},
    report::{Redactor, graph::graph},
    session::Verdict,
};

/// All that is told of one crawl.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::report) struct Sheet {
    pub(super) start: String,
    /// The origin of the start, which routes are shown without.
    pub(super) origin: String,
    pub(super) user: Option<String>,
    pub(super) created: String,
    pub(super) ruling: Ruling,
    pub(super) facts: Vec<Fact>,
    pub(super) terms: Vec<(String, String)>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) timeline: Timeline,
    pub(super) left: Vec<Left>,
    /// The document of `graph.json`.
    pub(super) graph: Value,
}

/// How it ended, in words.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ruling {
    /// `good`, `doubt` or `bad`.
    pub(super) tone: String,
    pub(super) words: String,
    pub(super) evidence: Vec<String>,
    pub(super) reason: String,
}

/// A number with what it counts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Fact {
    pub(super) number: String,
    pub(super) what: String,
    pub(super) more: String,
}

impl Sheet {
    pub(in crate::report) fn new(outcome: &Outcome, about: &About) -> Self {
        Self {
            start: outcome.start.to_string(),
            origin: outcome.start.origin().ascii_serialization(),
            user: about.user.clone(),
            created: moment(outcome.started),
            ruling: ruling(&outcome.end, about.verdict.as_ref()),
            facts: facts(outcome),
            terms: terms(outcome, about),
            endpoints: endpoints(outcome),
            timeline: Timeline::new(outcome),
            left: left(outcome),
            graph: graph(outcome),
        }
    }

    /// The same, as it may be shown.
    pub(in crate::report) fn without_secrets(&self, redactor: &Redactor) -> Self {
        let mut document = serde_json::to_value(self).unwrap_or_default();
        redactor.value(&mut document);
        serde_json::from_value(document).unwrap_or_default()
    }
}

fn ruling(end: &End, verdict: Option<&Verdict>) -> Ruling {
    let (words, why) = match end {
        End::Stale { evidence } => ("stopped, logged out", Some(evidence)),
        End::NoBrowser { reason } => ("stopped, no browser left", Some(reason)),
        End::Complete => ("complete", None),
        End::MaxDuration => ("the time that was asked for was over", None),
        End::MaxStates => ("the number of states that was asked for was reached", None),
        End::Cancelled => ("interrupted", None),
    };
    let session = verdict.map(|verdict| match verdict {
        Verdict::Proven { evidence } => format!("still logged in: {evidence}"),
        Verdict::Stale { evidence } => format!("no longer logged in: {evidence}"),
        Verdict::Unproven { reason } => format!("whether it is still logged in is unproven: {reason}"),
    });
    let tone = match (end, verdict) {
        (End::Stale { .. } | End::NoBrowser { .. }, _) | (_, Some(Verdict::Stale { .. })) => "bad",
        (End::Complete, Some(Verdict::Proven { .. }) | None) => "good",
        _ => "doubt",
    };
    Ruling {
        tone: tone.into(),
        words: words.into(),
        evidence: why.cloned().into_iter().chain(session).collect(),
        reason: end.word().into(),
    }
}

fn facts(outcome: &Outcome) -> Vec<Fact> {
    let (totals, graph) = (&outcome.totals, &outcome.graph);
    let fired = graph.actions.iter().filter(|action| action.status == crate::crawl::Status::Fired).count();
    let share = (100 * totals.carried).checked_div(totals.calls);
    let fact = |number: String, what: &str, more: String| Fact { number, what: what.into(), more };
    vec![
        fact(graph.states.len().to_string(), "states", format!("{} ways between them", graph.edges.len())),
        fact(totals.endpoints.to_string(), "endpoints", "different methods and routes in scope".into()),
        fact(fired.to_string(), "actions fired", format!("of {} that were found", graph.actions.len())),
        fact(totals.requests.to_string(), "requests", format!("{} by scripts, in scope", totals.calls)),
        fact(
            share.map_or("–".into(), |share| format!("{share} %")),
            "with the session",
            format!("{} of {} calls of scripts", totals.carried, totals.calls),
        ),
        fact(clock(outcome.duration.as_secs()), "time", format!("{} browsers", outcome.settings.browsers)),
    ]
}

/// A time for people, to the second.
fn moment(time: SystemTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    OffsetDateTime::from(time).format(&format).unwrap_or_default()
}

fn clock(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds} s") } else { format!("{}:{:02} min", seconds / 60, seconds % 60) }
}

fn terms(outcome: &Outcome, about: &About) -> Vec<(String, String)> {
    let settings = &outcome.settings;
    let limit = |limit: Option<String>| limit.unwrap_or_else(|| "none".into());
    let mut terms = vec![
        ("browsers".into(), format!("{} {}", settings.browsers, about.browser).trim().to_owned()),
        ("time limit".into(), limit(settings.max_duration.map(|d| clock(d.as_secs())))),
        ("limit of states".into(), limit(settings.max_states.map(|n| n.to_string()))),
        ("depth".into(), format!("{} actions from the start", settings.max_depth)),
    ];
    terms.extend(about.terms.iter().cloned());
    terms
}
