//! Two contestants at the same task, in turns, and how they compare.

use std::{fmt, time::Duration};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::racer::{Lap, Racer};

/// The same task for both.
#[derive(Debug)]
pub(crate) struct Contest {
    pub(crate) name: &'static str,
    pub(crate) ours: Racer,
    pub(crate) theirs: Racer,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    name: &'static str,
    ours: Vec<Lap>,
    theirs: Vec<Lap>,
}

impl Contest {
    /// Lets both run in turns, after one run each that does not count.
    pub(crate) async fn run(&self, runs: usize) -> Result<Outcome> {
        let mut outcome = Outcome { name: self.name, ours: Vec::new(), theirs: Vec::new() };
        for run in 0..=runs {
            let ours = self.ours.run().await.with_context(|| format!("handstamp: {}", self.name))?;
            let theirs = self.theirs.run().await.with_context(|| format!("playwright: {}", self.name))?;
            if run > 0 {
                outcome.ours.push(ours);
                outcome.theirs.push(theirs);
            }
        }
        Ok(outcome)
    }
}

impl Outcome {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "handstamp": side(&self.ours),
            "playwright": side(&self.theirs),
            "ratio": { "median": ratio(self, median), "min": ratio(self, min) },
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:36}{:>10}{:>10}   of {} runs", self.name, "median", "min", self.ours.len())?;
        for (name, laps) in [("handstamp", &self.ours), ("playwright", &self.theirs)] {
            let times = totals(laps);
            writeln!(f, "  {name:34}{:>8.3} s{:>8.3} s", median(&times), min(&times))?;
        }
        writeln!(f, "  {:34}{:>8.2}  {:>8.2}", "ratio", ratio(self, median), ratio(self, min))?;
        for (name, laps) in [("handstamp", &self.ours), ("playwright", &self.theirs)] {
            let stages: Vec<_> = stages(laps).iter().map(|(s, t)| format!("{s} {:.0}", t * 1000.0)).collect();
            writeln!(f, "  {name}, ms: {}", stages.join(", "))?;
        }
        Ok(())
    }
}

fn side(laps: &[Lap]) -> Value {
    let times = totals(laps);
    let stages: Vec<_> = stages(laps).iter().map(|(s, t)| json!({ "stage": s, "median": t })).collect();
    json!({ "median": median(&times), "min": min(&times), "seconds": times, "stages": stages })
}

fn totals(laps: &[Lap]) -> Vec<f64> {
    laps.iter().map(|lap| lap.total.as_secs_f64()).collect()
}

/// The median of each stage, in seconds.
fn stages(laps: &[Lap]) -> Vec<(&'static str, f64)> {
    let Some(first) = laps.first() else { return Vec::new() };
    let of = |stage| {
        laps.iter().filter_map(move |lap| lap.stages.get(stage)).map(|(_, t): &(_, Duration)| t.as_secs_f64())
    };
    first
        .stages
        .iter()
        .enumerate()
        .map(|(i, (name, _))| (*name, median(&of(i).collect::<Vec<_>>())))
        .collect()
}

fn ratio(outcome: &Outcome, of: fn(&[f64]) -> f64) -> f64 {
    of(&totals(&outcome.ours)) / of(&totals(&outcome.theirs))
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

fn min(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}
