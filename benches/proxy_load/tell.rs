//! The figures, and how they compare.

use std::{fmt, time::Duration};

use serde_json::{Value, json};

use crate::{
    load::Tally,
    way::{BARE, KEPT, MITMPROXY, STAMPED, Way},
};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Tls,
    Large,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::Tls, Self::Large];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain, 9 bytes",
            Self::Tls => "TLS, 9 bytes",
            Self::Large => "plain, 1 MiB",
        }
    }
}

/// One turn of one way.
#[derive(Debug)]
pub(crate) struct Lap {
    rate: f64,
    p50: f64,
    p99: f64,
    peak: f64,
}

impl Lap {
    #[expect(clippy::cast_precision_loss, reason = "figures of a bench")]
    pub(crate) fn of(tally: &Tally, peak: Option<u64>) -> Self {
        let at = |share: usize| {
            let at = (tally.times.len() * share / 100).min(tally.times.len().saturating_sub(1));
            tally.times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
        };
        Self {
            rate: tally.times.len() as f64 / tally.took.as_secs_f64(),
            p50: at(50),
            p99: at(99),
            peak: peak.unwrap_or_default() as f64 / MIB,
        }
    }
}

/// All turns of all ways at one kind.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) kind: Kind,
    rows: Vec<(&'static str, Vec<Lap>)>,
}

impl Table {
    pub(crate) fn new(kind: Kind, ways: &[Way]) -> Self {
        Self { kind, rows: ways.iter().map(|way| (way.name, Vec::new())).collect() }
    }

    pub(crate) fn add(&mut self, way: usize, lap: Lap) {
        self.rows[way].1.push(lap);
    }

    fn of(&self, name: &str, figure: fn(&Lap) -> f64) -> f64 {
        self.rows.iter().find(|(own, _)| *own == name).map_or(0.0, |(_, laps)| median(laps, figure))
    }

    /// How many times the requests of mitmproxy pass with the session on them.
    fn against_mitmproxy(&self) -> f64 {
        self.of(STAMPED, |l| l.rate) / self.of(MITMPROXY, |l| l.rate)
    }

    /// What putting the session on costs, as a share of the requests that pass without.
    fn cost(&self, name: &str) -> f64 {
        1.0 - self.of(name, |l| l.rate) / self.of(BARE, |l| l.rate)
    }

    pub(crate) fn to_json(&self) -> Value {
        let rows = self.rows.iter().map(|(name, laps)| {
            let of = |figure: fn(&Lap) -> f64| median(laps, figure);
            json!({
                "way": name, "requestsPerSecond": of(|l| l.rate), "p50ms": of(|l| l.p50), "p99ms": of(|l| l.p99),
                "peakMiB": of(|l| l.peak), "turns": laps.iter().map(|l| l.rate).collect::<Vec<_>>(),
            })
        });
        json!({
            "kind": self.kind.name(), "ways": rows.collect::<Vec<_>>(), "againstMitmproxy": self.against_mitmproxy(),
            "costOfSession": self.cost(STAMPED), "costOfSessionAndHistory": self.cost(KEPT),
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let turns = self.rows.first().map_or(0, |(_, laps)| laps.len());
        let title = self.kind.name();
        writeln!(
            f,
            "{title:30}{:>12}{:>10}{:>10}{:>12}   medians of {turns}",
            "requests/s", "p50 ms", "p99 ms", "peak MiB"
        )?;
        for (name, laps) in &self.rows {
            let of = |figure: fn(&Lap) -> f64| median(laps, figure);
            writeln!(
                f,
                "  {name:28}{:>12.0}{:>10.2}{:>10.2}{:>12.1}",
                of(|l| l.rate),
                of(|l| l.p50),
                of(|l| l.p99),
                of(|l| l.peak)
            )?;
        }
        writeln!(
            f,
            "  {:.1} times mitmproxy; the session costs {:.1} %, with the history {:.1} %",
            self.against_mitmproxy(),
            100.0 * self.cost(STAMPED),
            100.0 * self.cost(KEPT)
        )
    }
}

/// One passage of 1 GiB.
#[derive(Debug)]
pub(crate) struct Streamed {
    pub(crate) name: &'static str,
    pub(crate) took: Duration,
    pub(crate) before: Option<u64>,
    pub(crate) peak: Option<u64>,
}

impl Streamed {
    #[expect(clippy::cast_precision_loss, reason = "figures of a bench")]
    fn mib(bytes: Option<u64>) -> f64 {
        bytes.unwrap_or_default() as f64 / MIB
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "kind": "stream, 1 GiB", "way": self.name, "seconds": self.took.as_secs_f64(),
            "beforeMiB": Self::mib(self.before), "peakMiB": Self::mib(self.peak),
        })
    }
}

impl fmt::Display for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "1 GiB streams: {:28}{:>8.2} s, memory {:.1} MiB before, {:.1} MiB at most",
            self.name,
            self.took.as_secs_f64(),
            Self::mib(self.before),
            Self::mib(self.peak)
        )
    }
}

fn median(laps: &[Lap], figure: fn(&Lap) -> f64) -> f64 {
    let mut sorted: Vec<_> = laps.iter().map(figure).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

const MIB: f64 = 1024.0 * 1024.0;
