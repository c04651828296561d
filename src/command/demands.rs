//! What a crawl has to reach at least, as pipelines ask for it, and by how much it was missed.

use serde_json::{Value, json};

use crate::{
    cli::{CrawlArgs, plural},
    crawl::{Carriage, Class, Outcome, Passage, Record},
};

/// A demand that was not met.
#[derive(Debug, PartialEq)]
pub(super) struct Missed {
    /// The option that asked for it.
    option: &'static str,
    wanted: f64,
    found: f64,
    words: String,
    hint: &'static str,
}

impl Missed {
    /// For people: what was missed, and what to do.
    pub(super) fn words(&self) -> String {
        format!("  {}\n  hint: {}", self.words, self.hint)
    }

    /// For machines.
    pub(super) fn json(&self) -> Value {
        json!({ "option": self.option, "wanted": self.wanted, "found": self.found })
    }
}

/// The demands of the command line that a crawl did not meet.
pub(super) fn missed(args: &CrawlArgs, outcome: &Outcome) -> Vec<Missed> {
    let share = args.min_logged_in.and_then(|wanted| logged_in(wanted, &outcome.records));
    let endpoints = args.min_endpoints.and_then(|wanted| endpoints(wanted, outcome.totals.endpoints));
    share.into_iter().chain(endpoints).collect()
}

fn logged_in(wanted: f64, records: &[Record]) -> Option<Missed> {
    let (living, all) = carried(records);
    let found = if all == 0 { 0.0 } else { ratio(living, all) };
    (found < wanted).then(|| Missed {
        option: "--min-logged-in",
        wanted,
        found,
        words: format!(
            "ran logged out: {living} of {} carried a living session, {:.1} % where {:.1} % were asked for",
            plural(all, "request"),
            100.0 * found,
            100.0 * wanted,
        ),
        hint: "`requests.jsonl` tells from which request on; `handstamp verify` tells whether the session is good at all",
    })
}

fn endpoints(wanted: usize, found: usize) -> Option<Missed> {
    (found < wanted).then(|| Missed {
        option: "--min-endpoints",
        wanted: ratio(wanted, 1),
        found: ratio(found, 1),
        words: format!("reached too little: {} where {wanted} were asked for", plural(found, "endpoint")),
        hint: "is the address that of the application, and was there time enough? `--max-duration` sets it",
    })
}

/// How many of the application's requests carried a living session: those of its scripts, or where it has none, its pages.
fn carried(records: &[Record]) -> (usize, usize) {
    let of = |class: Class| {
        let meant = |r: &&Record| {
            r.class == class
                && r.passage == Passage::InScope
                && r.method != "OPTIONS"
                && r.session != Carriage::NotMeant
        };
        let all: Vec<_> = records.iter().filter(meant).collect();
        (all.iter().filter(|r| r.session == Carriage::Carried).count(), all.len())
    };
    match of(Class::Call) {
        (_, 0) => of(Class::Document),
        calls => calls,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a crawl makes fewer requests than that")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn record(class: Class, session: Carriage) -> Record {
        let url: url::Url = "http://a/".parse().unwrap();
        Record {
            worker: 0,
            started: SystemTime::UNIX_EPOCH,
            duration: None,
            method: "GET".into(),
            route: url.to_string(),
            url,
            class,
            passage: Passage::InScope,
            session,
            state: None,
            action: None,
            status: Some(200),
            error: None,
            request_headers: http::HeaderMap::new(),
            request_body: bytes::Bytes::new(),
            response_headers: http::HeaderMap::new(),
            response_body: bytes::Bytes::new(),
            truncated: false,
            is_novel: false,
            is_confirmed: true,
            provenance: crate::crawl::Provenance::Interaction,
        }
    }

    #[test]
    fn requests_that_carried_no_session_or_a_dead_one_count_against_the_crawl() {
        let kinds =
            [Carriage::Carried, Carriage::Carried, Carriage::Bare, Carriage::Dead, Carriage::NotMeant];
        let records: Vec<_> = kinds.into_iter().map(|session| record(Class::Call, session)).collect();
        assert_eq!(logged_in(0.5, &records), None);
        let missed = logged_in(0.95, &records).unwrap();
        assert!(missed.words().contains("2 of 4 requests"), "{missed:?}");
        assert_eq!(missed.json(), json!({ "option": "--min-logged-in", "wanted": 0.95, "found": 0.5 }));
    }

    #[test]
    fn where_no_script_asks_the_pages_count_and_nothing_at_all_is_too_little() {
        let pages = [record(Class::Document, Carriage::Carried), record(Class::Asset, Carriage::Bare)];
        assert_eq!(logged_in(1.0, &pages), None);
        assert!(logged_in(0.1, &[]).is_some());
    }

    #[test]
    fn too_few_endpoints_are_told_with_their_number() {
        assert_eq!(endpoints(3, 3), None);
        assert!(endpoints(4, 3).unwrap().words().contains("3 endpoints where 4"));
    }
}
