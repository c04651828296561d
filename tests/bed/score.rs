//! How many pages of the bed a crawl got through: by interaction, with mining, and what it missed.

use std::{collections::BTreeMap, fmt};

use handstamp::{
    browser::Kind,
    crawl::{End, Outcome, Status},
};

use crate::{
    crawl::kind,
    page::{Page, Way},
    server::Server,
};

/// The number at the end.
pub(crate) struct Score {
    seconds: f64,
    end: End,
    interaction: Tally,
    mining: Tally,
    traps: Tally,
    /// Found, although it was held to be out of reach.
    surprises: Vec<String>,
    unreachable: Vec<String>,
    known: Vec<String>,
    /// What is wrong, by page.
    wrong: BTreeMap<String, String>,
    statuses: String,
}

#[derive(Default)]
struct Tally {
    all: usize,
    good: usize,
}

impl Tally {
    fn add(&mut self, is_good: bool) {
        self.all += 1;
        self.good += usize::from(is_good);
    }
}

impl Score {
    pub(crate) fn new(pages: &[Page], server: &Server, outcome: &Outcome) -> Self {
        let mut score = Self {
            seconds: outcome.duration.as_secs_f64(),
            end: outcome.end.clone(),
            interaction: Tally::default(),
            mining: Tally::default(),
            traps: Tally::default(),
            surprises: Vec::new(),
            unreachable: Vec::new(),
            known: Vec::new(),
            wrong: BTreeMap::new(),
            statuses: statuses(outcome),
        };
        for page in pages {
            score.judge(page, server);
        }
        score
    }

    fn judge(&mut self, page: &Page, server: &Server) {
        let missed: Vec<_> = page.found.iter().filter(|what| !server.has_found(&page.name, what)).collect();
        let is_found = missed.is_empty();
        match &page.way {
            Way::Interaction => self.interaction.add(is_found),
            Way::Mining => self.mining.add(is_found),
            Way::Unreachable(_) if is_found => self.surprises.push(page.name.clone()),
            Way::Unreachable(reason) => self.unreachable.push(format!("{}: {reason}", page.name)),
        }
        let known =
            KNOWN.iter().find(|(browser, name, _)| browser.is_none_or(|b| b == kind()) && *name == page.name);
        match (known, &page.way) {
            (_, Way::Unreachable(_)) => {}
            (_, _) if is_found => {}
            (Some((_, name, reason)), _) => self.known.push(format!("{name}: {reason}")),
            (None, _) => drop(self.wrong.insert(page.name.clone(), format!("missed {missed:?}"))),
        }
        if let Some(most) = page.most {
            let cost = server.requests(&page.name);
            self.traps.add(cost <= most);
            if cost > most {
                self.wrong.insert(page.name.clone(), format!("{cost} requests, where {most} are enough"));
            }
        }
    }

    pub(crate) fn is_good(&self) -> bool {
        self.end == End::Complete && self.wrong.is_empty()
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { interaction, mining, traps, .. } = self;
        let pages = interaction.all + mining.all + self.surprises.len() + self.unreachable.len();
        writeln!(
            f,
            "the bed: {pages} pages in {:.1} s, {:?}, {}, {}",
            self.seconds,
            self.end,
            kind(),
            self.statuses
        )?;
        writeln!(f, "  found by interaction: {} of {}", interaction.good, interaction.all)?;
        let (good, all) = (interaction.good + mining.good, interaction.all + mining.all);
        writeln!(f, "  found with mining:    {good} of {all}")?;
        writeln!(f, "  trap budgets kept:    {} of {}", traps.good, traps.all)?;
        for (title, names) in [
            ("out of reach", &self.unreachable),
            ("found nevertheless", &self.surprises),
            ("known to be missed", &self.known),
        ] {
            for name in names {
                writeln!(f, "  {title}: {name}")?;
            }
        }
        for (name, what) in &self.wrong {
            writeln!(f, "  WRONG {name}: {what}")?;
        }
        Ok(())
    }
}

fn statuses(outcome: &Outcome) -> String {
    let count = |status: Status| outcome.graph.actions.iter().filter(|a| a.status == status).count();
    format!(
        "{} states, {} fired, {} folded, {} unreachable, {} requests",
        outcome.graph.states.len(),
        count(Status::Fired),
        count(Status::Folded),
        count(Status::Unreachable),
        outcome.totals.requests
    )
}

/// Pages that are missed, in one browser or in all, and why.
const KNOWN: &[(Option<Kind>, &str, &str)] = &[(
    Some(Kind::Firefox),
    "shadow/declarative-closed",
    "Firefox does not tell that a box is higher than what it shows",
)];
