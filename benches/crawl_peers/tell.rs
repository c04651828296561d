//! Says how the runs compare, for people and for machines.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use crate::{contestant::Contestant, race::Run};

/// A table, and what the peers have that handstamp has not.
pub(crate) fn table(runs: &[Run]) -> String {
    let union = union(runs, |_| true);
    let mut text = format!(
        "{:12}{:>10}{:>9}{:>9}{:>9}{:>11}{:>9}{:>10}{:>10}{:>10}\n",
        "",
        "templates",
        "50 %",
        "90 %",
        "all own",
        "half union",
        "seconds",
        "requests",
        "logged in",
        "peak MB"
    );
    text.extend(runs.iter().map(|run| row(run, &union)));
    text + &contrast(runs, union.len())
}

/// What the peers reached together, and what handstamp did not.
fn contrast(runs: &[Run], all: usize) -> String {
    let peers = union(runs, |run| run.who != Contestant::Handstamp);
    let ours = union(runs, |run| run.who == Contestant::Handstamp);
    let more: Vec<_> = peers.difference(&ours).map(String::as_str).collect();
    let more = if more.is_empty() { "nothing".to_owned() } else { more.join(", ") };
    let count = runs.first().and_then(|run| run.count);
    let published = count.map_or_else(String::new, |count| format!(", published {count}"));
    let only = ours.difference(&peers).count();
    let failed: Vec<_> = runs
        .iter()
        .filter_map(|run| Some(format!("{} failed:\n{}\n", run.who.name(), run.failure.as_ref()?)))
        .collect();
    format!(
        "\nunion of the peers {}, of all {all}, only handstamp {only}{published}\nonly peers: {more}\n{}",
        peers.len(),
        failed.concat()
    )
}

fn row(run: &Run, union: &BTreeSet<String>) -> String {
    let own = run.coverage.names();
    let to = |share, among: &BTreeSet<String>| {
        run.coverage
            .time_to(share, among.len(), among)
            .map_or_else(|| "-".to_owned(), |t| format!("{:.1} s", t.as_secs_f64()))
    };
    let pace =
        run.actions.map_or_else(String::new, |n| format!("  {:.1} actions/s", per_second(n, run.total)));
    format!(
        "{:12}{:>10}{:>9}{:>9}{:>9}{:>11}{:>9.1}{:>10}{:>10}{:>10}{pace}\n",
        run.who.name(),
        own.len(),
        to(0.5, &own),
        to(0.9, &own),
        to(1.0, &own),
        to(0.5, union),
        run.total.as_secs_f64(),
        run.coverage.requests,
        share(run.coverage.calls_carried, run.coverage.calls),
        run.peak >> 20,
    )
}

/// All that is in the table, and each template with the time at which it was first asked for.
pub(crate) fn to_json(run: &Run, union: &BTreeSet<String>) -> Value {
    let own = run.coverage.names();
    let seconds = |share, among: &BTreeSet<String>| {
        run.coverage.time_to(share, among.len(), among).map(|t| t.as_secs_f64())
    };
    let shares =
        |among| json!({ "50": seconds(0.5, among), "90": seconds(0.9, among), "100": seconds(1.0, among) });
    let first: Value =
        run.coverage.first.iter().map(|(name, at)| (name.clone(), json!(at.as_secs_f64()))).collect();
    json!({
        "name": run.who.name(), "templates": own.len(), "published": run.count, "seconds": run.total.as_secs_f64(),
        "timeToShareOfOwn": shares(&own), "timeToShareOfUnion": shares(union), "requests": run.coverage.requests,
        "calls": run.coverage.calls, "callsLoggedIn": run.coverage.calls_carried, "templatesLoggedIn": run.coverage.carried.len(),
        "peakBytes": run.peak, "actions": run.actions, "first": first, "failure": run.failure,
    })
}

/// What any of these runs reached.
pub(crate) fn union(runs: &[Run], which: impl Fn(&Run) -> bool) -> BTreeSet<String> {
    runs.iter().filter(|run| which(run)).flat_map(|run| run.coverage.names()).collect()
}

fn share(part: usize, whole: usize) -> String {
    (100 * part).checked_div(whole).map_or_else(|| "-".to_owned(), |share| format!("{share} %"))
}

fn per_second(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / time.as_secs_f64()
}
