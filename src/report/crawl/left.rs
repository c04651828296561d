//! What a crawl left alone, and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::crawl::{Action, Outcome, Passage, Status};

/// What was left alone for one reason.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Left {
    pub(super) title: String,
    pub(super) why: String,
    pub(super) count: usize,
    pub(super) items: Vec<Item>,
}

/// One thing that was left alone, or some that are alike.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) what: String,
    pub(super) kind: String,
    pub(super) state: Option<String>,
    /// How many are like it, itself included.
    pub(super) times: usize,
}

pub(super) fn left(outcome: &Outcome) -> Vec<Left> {
    let mut groups = BTreeMap::<(usize, String), Vec<Item>>::new();
    for action in &outcome.graph.actions {
        if let Some(group) = group(action) {
            groups.entry(group).or_default().push(Item {
                what: label(action),
                kind: action.kind.name().into(),
                state: Some(action.state.to_string()),
                times: 1,
            });
        }
    }
    let told = groups.into_iter().map(|((rank, title), items)| Left::new(title, WHY[rank], items));
    not_sent(outcome).into_iter().chain(told).collect()
}

/// In which group an action is told, if it was left alone.
fn group(action: &Action) -> Option<(usize, String)> {
    Some(match action.status {
        Status::Fired => return None,
        Status::Quarantined => (0, "Quarantined".into()),
        Status::Avoided(reason) => (1, format!("Avoided: {reason}")),
        Status::Unreachable => (2, "Unreachable".into()),
        Status::Disabled => (3, "Disabled".into()),
        Status::Pending => (4, "Not reached in time".into()),
        Status::Folded => (5, "Folded".into()),
    })
}

/// The requests that were answered by the crawl itself.
fn not_sent(outcome: &Outcome) -> Option<Left> {
    let kept = |passage| !matches!(passage, Passage::InScope | Passage::OutOfScope);
    let held = outcome.records.iter().filter(|record| kept(record.passage));
    let items: Vec<Item> = held
        .map(|record| Item {
            what: format!("{} {}", record.method, record.route),
            kind: "request".into(),
            state: record.state.map(|id| id.to_string()),
            times: 1,
        })
        .collect();
    (!items.is_empty()).then(|| Left::new("Requests that were never sent".into(), NOT_SENT, items))
}

fn label(action: &Action) -> String {
    let name = if action.name.is_empty() { &action.path } else { &action.name };
    match &action.href {
        Some(url) if name.is_empty() => url.to_string(),
        _ => name.clone(),
    }
}

impl Left {
    /// Items that read alike are told once.
    fn new(title: String, why: &str, items: Vec<Item>) -> Self {
        let count = items.len();
        let mut told: Vec<Item> = Vec::new();
        let mut places = BTreeMap::new();
        for item in items {
            let place = *places.entry((item.kind.clone(), item.what.clone())).or_insert(told.len());
            match told.get_mut(place) {
                Some(same) => same.times += 1,
                None => told.push(item),
            }
        }
        told.truncate(MOST_ITEMS);
        Self { title, why: why.into(), count, items: told }
    }
}

const NOT_SENT: &str = "Each would have ended the session, done harm, or gone to an address that is excluded or that an obeyed robots.txt disallows. The crawl answered it itself with 204, so that it is known and nothing happened.";
const WHY: [&str; 6] = [
    "Each ended the session or the browser twice, and is not fired again.",
    "Its words or its address say what it would do.",
    "Its element could not be found again, by its address nor by the way on which it was found.",
    "Its element stayed disabled, whatever the fields beside it were filled with.",
    "The crawl ended before its turn.",
    "Enough of its like were fired, and the last ones brought nothing new.",
];
/// How many different items of a group are told.
const MOST_ITEMS: usize = 300;
