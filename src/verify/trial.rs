//! What a trial has proven of a session's parts.

use serde::Serialize;

use super::{minimal::Found, part::Part};
use crate::session::{Insight, Reload, Standing};

/// What was proven by leaving parts of a session out, without any value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trial {
    /// Of plain requests.
    pub on_requests: Sets,
    /// Of fresh browsers.
    pub in_browser: Sets,
    /// What a reload of the page does.
    pub reload: Reload,
    /// How many requests were sent.
    pub requests: usize,
    /// How many browsers were opened.
    pub browsers: usize,
    /// What is worth a word: surprises, limits, what could not be tried.
    pub notes: Vec<String>,
    /// Whether the session outlived the trial.
    pub end: End,
}

/// The parts by what was proven of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sets {
    /// Those without which nothing else suffices.
    pub needed: Vec<Part>,
    /// The sets that suffice with nothing to spare, the likeliest first.
    pub sufficient: Vec<Vec<Part>>,
    /// Those that change nothing.
    pub noise: Vec<Part>,
    /// Those of which nothing is proven.
    pub undecided: Vec<Part>,
}

/// How the session came out of the trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// As it went in.
    #[default]
    Alive,
    /// The application renewed it, and the trial took the new values along.
    Renewed,
    /// The application ended it.
    Dead,
}

/// What a trial may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// How many requests.
    pub requests: usize,
    /// How many browsers.
    pub browsers: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { requests: 25, browsers: 6 }
    }
}

impl Sets {
    pub(super) fn undecided(parts: Vec<Part>) -> Self {
        Self { undecided: parts, ..Self::default() }
    }

    pub(super) fn of(parts: &[Part], found: &Found) -> Self {
        let named = |set: &Vec<usize>| set.iter().map(|part| parts[*part].clone()).collect::<Vec<_>>();
        let others = (0..parts.len()).filter(|part| !found.minimal.iter().any(|set| set.contains(part)));
        let others = named(&others.collect());
        let (noise, undecided) = if found.is_complete { (others, Vec::new()) } else { (Vec::new(), others) };
        let sufficient = found.minimal.iter().map(named).collect();
        Self { needed: named(&found.needed), sufficient, noise, undecided }
    }

    /// What was proven of a part; nothing where it was no part of the trial.
    #[must_use]
    pub fn standing(&self, part: &Part) -> Option<Standing> {
        let known = [
            (&self.needed, Standing::Needed),
            (&self.noise, Standing::Noise),
            (&self.undecided, Standing::Undecided),
        ];
        let found = known.iter().find(|(parts, _)| parts.contains(part)).map(|(_, standing)| *standing);
        found.or_else(|| self.sufficient.iter().any(|set| set.contains(part)).then_some(Standing::Sufficient))
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        let sets = self.sufficient.iter().flatten();
        self.needed.iter().chain(sets).chain(&self.noise).chain(&self.undecided)
    }

    fn of_token(&self, token: &crate::session::Explained) -> Standing {
        let own = self.parts().filter(|part| part.is_of(token)).filter_map(|part| self.standing(part));
        own.max().unwrap_or_default()
    }
}

impl Trial {
    /// Writes the verdicts down with the tokens that they are of.
    pub fn mark(&self, insight: &mut Insight) {
        for token in &mut insight.tokens {
            token.on_requests = self.on_requests.of_token(token);
            token.in_browser = self.in_browser.of_token(token);
        }
        if self.reload != Reload::Untried {
            insight.reload = self.reload;
        }
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }
}
