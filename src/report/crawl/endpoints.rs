//! The endpoints of a crawl for its report: requests of one method and route are one line.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    crawl::{Carriage, Class, Outcome, Passage, Provenance, Record},
    report::requests::class,
};

/// One method and route.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::report) struct Endpoint {
    pub(super) method: String,
    pub(super) route: String,
    /// What asked for it: document, call, websocket.
    pub(super) class: String,
    pub(super) count: usize,
    pub(super) statuses: BTreeSet<String>,
    /// The media types of its answers.
    pub(super) kinds: BTreeSet<String>,
    pub(super) carried: usize,
    pub(super) bare: usize,
    /// `interaction`, or how else it became known.
    pub(super) provenance: String,
    /// The state in which it was first asked for.
    pub(super) state: Option<String>,
    /// The action that first asked for it, in words.
    pub(super) action: Option<String>,
}

pub(in crate::report) fn endpoints(outcome: &Outcome) -> Vec<Endpoint> {
    let mut all = BTreeMap::<(&str, &str), Endpoint>::new();
    let told = |r: &&Record| r.passage != Passage::OutOfScope && r.class != Class::Asset && r.is_confirmed;
    for record in outcome.records.iter().filter(told) {
        let key = (record.route.as_str(), record.method.as_str());
        all.entry(key).or_insert_with(|| first(record, outcome)).add(record);
    }
    all.into_values().collect()
}

fn first(record: &Record, outcome: &Outcome) -> Endpoint {
    let action = record.action.and_then(|id| outcome.graph.actions.get(id.0));
    Endpoint {
        method: record.method.clone(),
        route: record.route.clone(),
        class: class(record.class).into(),
        provenance: record.provenance.name().into(),
        state: record.state.map(|id| id.to_string()),
        action: action.map(|action| format!("{} {}", action.kind.name(), action.name).trim_end().to_owned()),
        ..Endpoint::default()
    }
}

impl Endpoint {
    fn add(&mut self, record: &Record) {
        self.count += 1;
        if record.provenance == Provenance::Interaction {
            self.provenance = record.provenance.name().into();
        }
        self.carried += usize::from(record.session == Carriage::Carried);
        self.bare += usize::from(matches!(record.session, Carriage::Bare | Carriage::Dead));
        self.statuses.insert(match (record.passage, record.status) {
            (Passage::InScope, Some(status)) => status.to_string(),
            (Passage::InScope, None) => "no answer".into(),
            _ => "not sent".into(),
        });
        self.kinds.extend(record.content_type().filter(|kind| !kind.is_empty()).map(str::to_owned));
    }
}
