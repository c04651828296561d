//! Learns what proves a session, by asking with it, without it, and with broken tokens.

use tracing::debug;
use url::Url;

use super::{
    answer::Answer,
    broken::broken,
    candidate::{Candidate, Suitability},
    candidates::candidates,
    compare::{compare, judge},
    error::Error,
    probe::{Probe, Who},
};
use crate::{
    browser::Exchange,
    session::{Check, Indicator, State, Verdict},
    site::Pattern,
};

/// What was learned.
#[derive(Debug)]
pub struct Learned {
    /// The request that tells a living session from a dead one, if one was found.
    pub check: Option<Check>,
    /// What it said.
    pub verdict: Verdict,
    /// How many requests that took.
    pub requests: usize,
    /// All that was looked at, the most promising first.
    pub candidates: Vec<Candidate>,
}

/// Asks the requests that were seen after a login again until one tells the user from a stranger: in two rounds as both, so
/// that what changes by itself is masked, and then with each token broken in its middle.
///
/// What is answered alike to a broken token and to the real one proves nothing. A difference that is only in the make-up of
/// a page is taken where the next few candidates have no plainer one. Nothing but what reads is sent: two requests to a candidate
/// that does not tell, five to one that does.
///
/// # Errors
/// When the application cannot be reached at all.
pub async fn learn(
    probe: &Probe,
    traffic: &[Exchange],
    page: &Url,
    state: &State,
    username: Option<&str>,
) -> Result<Learned, Error> {
    let all = candidates(traffic, page, state, username);
    let rounds = Rounds::new(probe, state, Wanted::Difference { username });
    rounds.run(all).await
}

/// Looks for a request whose answers the given patterns tell apart, the page that the login ended on first.
///
/// # Errors
/// When the application cannot be reached at all.
pub async fn learn_by_patterns(
    probe: &Probe,
    traffic: &[Exchange],
    page: &Url,
    state: &State,
    (logged_in, logged_out): (Option<&Pattern>, Option<&Pattern>),
) -> Result<Learned, Error> {
    let text = |pattern: Option<&Pattern>| pattern.map(|pattern| pattern.as_str().to_owned());
    let indicator = Indicator::Pattern { logged_in: text(logged_in), logged_out: text(logged_out) };
    let mut all = candidates(traffic, page, state, None);
    all.sort_by_key(|check| check.url.path() != page.path());
    let rounds = Rounds::new(probe, state, Wanted::Given(indicator));
    rounds.run(all).await
}

/// What is looked for in the answers.
enum Wanted<'a> {
    Difference { username: Option<&'a str> },
    Given(Indicator),
}

struct Rounds<'a> {
    probe: &'a Probe,
    broken: Option<Probe>,
    wanted: Wanted<'a>,
    requests: usize,
}

/// What the rounds said of one candidate.
enum Said {
    Tells(Box<Check>),
    Rejected(String),
}

impl<'a> Rounds<'a> {
    fn new(probe: &'a Probe, state: &State, wanted: Wanted<'a>) -> Self {
        let broken = broken(state).map(|state| probe.with_state(&state));
        Self { probe, broken, wanted, requests: 0 }
    }

    async fn run(mut self, all: Vec<Check>) -> Result<Learned, Error> {
        let (mut best, mut failure) = (None::<(usize, Check)>, None);
        let (mut told, mut more) = (Vec::new(), MORE_FOR_WEAK);
        for candidate in all {
            let is_settled = best.as_ref().is_some_and(|(_, check)| is_plain(&check.indicator) || more == 0);
            if is_settled {
                told.push(Candidate::new(&candidate, Suitability::Unasked, "a better one was found before"));
                continue;
            }
            more -= usize::from(best.is_some());
            match self.ask(&candidate).await {
                Ok(Said::Tells(check)) => {
                    told.push(Candidate::new(&check, Suitability::Suitable, check.evidence.clone()));
                    if best.is_none() || is_plain(&check.indicator) {
                        best = Some((told.len() - 1, *check));
                    }
                }
                Ok(Said::Rejected(why)) => told.push(Candidate::new(&candidate, Suitability::Rejected, why)),
                Err(error) => {
                    told.push(Candidate::new(&candidate, Suitability::Failed, error.to_string()));
                    failure = Some(error);
                }
            }
        }
        match (best, failure) {
            (None, Some(error)) if self.requests == 0 => Err(error),
            (best, _) => Ok(self.learned(best, told)),
        }
    }

    fn learned(self, best: Option<(usize, Check)>, mut candidates: Vec<Candidate>) -> Learned {
        for told in &candidates {
            debug!(url = told.url, verdict = ?told.verdict, why = told.why, "candidate");
        }
        let Some((place, check)) = best else {
            let reason = match self.wanted {
                Wanted::Difference { .. } => "no request tells the user from a stranger",
                Wanted::Given(_) => "the given patterns do not tell the user from a stranger",
            };
            let verdict = Verdict::Unproven { reason: reason.to_owned() };
            return Learned { check: None, verdict, requests: self.requests, candidates };
        };
        candidates[place].verdict = Suitability::Chosen;
        let verdict = Verdict::Proven { evidence: check.evidence.clone() };
        Learned { check: Some(check), verdict, requests: self.requests, candidates }
    }

    async fn ask(&mut self, candidate: &Check) -> Result<Said, Error> {
        let mut users = vec![self.probe.ask(candidate, Who::User).await?];
        let mut strangers = vec![self.probe.ask(candidate, Who::Stranger).await?];
        self.requests += 2;
        if self.difference(&users, &strangers).is_none() {
            let (user, stranger) = (users[0].status, strangers[0].status);
            return Ok(Said::Rejected(format!("{user} to the user and {stranger} to a stranger, and alike")));
        }
        strangers.push(self.probe.ask(candidate, Who::Stranger).await?);
        users.push(self.probe.ask(candidate, Who::User).await?);
        self.requests += 2;
        let Some((indicator, evidence)) = self.difference(&users, &strangers) else {
            return Ok(Said::Rejected("the difference does not hold in a second round".to_owned()));
        };
        let holds = users.iter().all(|answer| judge(answer, &indicator) == Some(true))
            && strangers.iter().all(|answer| judge(answer, &indicator) == Some(false));
        if !holds {
            return Ok(Said::Rejected("the difference does not hold in a second round".to_owned()));
        }
        if let Some(broken) = &self.broken {
            self.requests += 1;
            let answer = broken.ask(candidate, Who::User).await?;
            if judge(&answer, &indicator) == Some(true) {
                let why = format!("{} to a broken token too, as to the real one", answer.status);
                return Ok(Said::Rejected(why));
            }
        }
        let evidence = format!("{} {}: {evidence}", candidate.method, candidate.url.path());
        Ok(Said::Tells(Box::new(Check { indicator, evidence, ..candidate.clone() })))
    }

    fn difference(&self, users: &[Answer], strangers: &[Answer]) -> Option<(Indicator, String)> {
        match &self.wanted {
            Wanted::Difference { username } => {
                compare(users, strangers, *username).map(|found| (found.indicator, found.evidence))
            }
            Wanted::Given(indicator) => {
                let (user, stranger) = (users.first()?, strangers.first()?);
                let tells = judge(user, indicator) == Some(true) && judge(stranger, indicator) == Some(false);
                tells.then(|| (indicator.clone(), "the given pattern".to_owned()))
            }
        }
    }
}

/// Whether a difference is as plain as a difference can be.
fn is_plain(indicator: &Indicator) -> bool {
    match indicator {
        Indicator::Status { logged_out, .. } => matches!(logged_out, 401 | 403),
        Indicator::Redirect { .. } | Indicator::Body { .. } | Indicator::Pattern { .. } => true,
        _ => false,
    }
}

/// How many more candidates are tried once one has a difference that is not plain.
const MORE_FOR_WEAK: usize = 2;
