//! Finds out which parts of a session plain requests need.

use super::{
    answer::Answer,
    candidates::only_reads,
    compare::judge,
    error::Error,
    minimal::{Found, Said, search},
    part::{Part, with_only},
    probe::{Probe, Who},
    trial::{Budget, End, Sets, Trial},
};
use crate::session::{Check, Cookie, Indicator, Method, State, now};

/// Sends the session's check with parts of the session left out, and writes down what that proves.
///
/// Nothing but the check is sent, and only where that is safe (`GET`, `HEAD`, and what `WebDAV` reads with). Cookies that the application renews
/// meanwhile are taken into the session. The whole session is asked again after the first refusal, whenever a refusal touches
/// a cookie that was sent, and at the end: where it is refused, the trial ends.
///
/// # Errors
/// When the application cannot be reached at all.
pub async fn try_on_requests(
    probe: &Probe,
    state: &mut State,
    budget: Budget,
    trial: &mut Trial,
    tell: &impl Fn(&str),
) -> Result<(), Error> {
    let parts = Part::on_requests(state);
    trial.on_requests = Sets::undecided(parts.clone());
    let Some(check) = state.check.clone().filter(is_askable) else {
        trial.note(
            "no request tells whether the session is alive, so none could be tried with parts left out",
        );
        return Ok(());
    };
    let mut asker =
        Asker { probe, state, check, parts, budget, sent: 0, trust: Trust::Untried, stopped: None, tell };
    let outcome = asker.run().await;
    let (sent, stopped, trust) = (asker.sent, asker.stopped.take(), asker.trust);
    let parts = std::mem::take(&mut asker.parts);
    trial.requests += sent;
    match trust {
        Trust::Renewed => {
            trial.end = End::Renewed;
            trial.note("the application renews its cookies as it is used; the new ones were taken along");
        }
        Trust::Dead => trial.end = End::Dead,
        _ => {}
    }
    trial.notes.extend(stopped);
    if let Some(found) = outcome?.filter(|_| trial.end != End::Dead) {
        trial.on_requests = Sets::of(&parts, &found);
    }
    Ok(())
}

/// Whether a check can be sent again and again.
fn is_askable(check: &Check) -> bool {
    check.indicator != Indicator::Page && only_reads(&check.method)
}

struct Asker<'a, F> {
    probe: &'a Probe,
    state: &'a mut State,
    check: Check,
    parts: Vec<Part>,
    budget: Budget,
    sent: usize,
    trust: Trust,
    /// Why nothing more may be asked.
    stopped: Option<String>,
    tell: &'a F,
}

/// What is known of the session itself while it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Untried,
    /// It outlived a refusal.
    Sound,
    Renewed,
    Dead,
}

impl<F: Fn(&str)> Asker<'_, F> {
    async fn run(&mut self) -> Result<Option<Found>, Error> {
        let all: Vec<usize> = (0..self.parts.len()).collect();
        let answer = self.send(&all).await?;
        if judge(&answer, &self.check.indicator) != Some(true) {
            self.stop("the session is dead: log in again, and try then", Trust::Dead);
            return Ok(None);
        }
        let answer = self.send(&[]).await?;
        if judge(&answer, &self.check.indicator) == Some(true) {
            self.none_needed();
            return Ok(None);
        }
        let count = self.parts.len();
        let found = search(count, &mut async |set: &[usize]| self.said(set).await).await;
        if self.trust != Trust::Dead && self.stopped.as_deref() != Some(UNREACHABLE) {
            return self.confirmed(found, &all).await.map(Some);
        }
        Ok(Some(found))
    }

    /// What an answer to no part at all means when it is that to a user.
    fn none_needed(&mut self) {
        let words = match self.state.method {
            Method::Http { .. } => "the credentials alone suffice, no cookie is needed",
            Method::Script { .. } => "what the script puts on suffices, no cookie is needed",
            _ => "the check does not tell a user from a stranger any more",
        };
        self.stopped = Some(words.to_owned());
    }

    async fn said(&mut self, set: &[usize]) -> Said {
        if self.sent + RESERVED > self.budget.requests {
            self.stopped = Some(format!("the limit of {} requests was reached", self.budget.requests));
            return Said::Stop;
        }
        let Ok(answer) = self.send(set).await else {
            self.stopped = Some(UNREACHABLE.to_owned());
            return Said::Stop;
        };
        if answer.is_trouble() {
            self.stopped = Some(format!("the server asks to be left alone: {}", answer.status));
            return Said::Stop;
        }
        if judge(&answer, &self.check.indicator) == Some(true) {
            return Said::Enough;
        }
        let is_first = self.trust == Trust::Untried;
        if (is_first || self.touches(&answer, set)) && !self.is_alive().await {
            let without: Vec<_> = self.names(|part| !set.contains(&part));
            let words =
                format!("trial ended: the session changed after a request without {}", without.join(", "));
            self.stop(&words, Trust::Dead);
            return Said::Stop;
        }
        Said::TooLittle
    }

    /// Whether the whole session is still answered as a user's.
    async fn is_alive(&mut self) -> bool {
        let all: Vec<usize> = (0..self.parts.len()).collect();
        let answer = self.send(&all).await;
        let is_alive = answer.is_ok_and(|answer| judge(&answer, &self.check.indicator) == Some(true));
        if is_alive && self.trust == Trust::Untried {
            self.trust = Trust::Sound;
        }
        is_alive
    }

    /// The smallest set and the whole session, asked again.
    async fn confirmed(&mut self, mut found: Found, all: &[usize]) -> Result<Found, Error> {
        if let Some(set) = found.minimal.first().cloned() {
            let answer = self.send(&set).await?;
            if judge(&answer, &self.check.indicator) != Some(true) {
                self.stopped = Some("the smallest set did not suffice a second time".to_owned());
                found = Found::default();
            }
        }
        let answer = self.send(all).await?;
        if judge(&answer, &self.check.indicator) == Some(false) {
            self.stop("trial ended: the session changed while it was tried", Trust::Dead);
        }
        Ok(found)
    }

    async fn send(&mut self, set: &[usize]) -> Result<Answer, Error> {
        let kept: Vec<&Part> = set.iter().map(|part| &self.parts[*part]).collect();
        (self.tell)(&if kept.len() == self.parts.len() {
            "asking with the whole session".to_owned()
        } else {
            let names: Vec<_> = kept.iter().map(ToString::to_string).collect();
            format!("asking with {}", if names.is_empty() { "nothing".to_owned() } else { names.join(", ") })
        });
        let partial = with_only(self.state, &self.parts, &kept);
        self.sent += 1;
        let answer = self.probe.with_state(&partial).ask(&self.check, Who::User).await?;
        if judge(&answer, &self.check.indicator) == Some(true) {
            self.follow(&answer, set);
        }
        Ok(answer)
    }

    /// Takes in the cookies that a good answer renews, where they were sent.
    fn follow(&mut self, answer: &Answer, set: &[usize]) {
        for line in answer.set_cookies() {
            let new = Cookie::parse(line, &self.check.url).filter(|cookie| !cookie.value.is_empty());
            let is_sent = |new: &Cookie| self.is_sent(&new.name, set);
            if new.is_some_and(|new| is_sent(&new)) && self.state.receive_cookie(line, &self.check.url, now())
            {
                self.trust = Trust::Renewed;
            }
        }
    }

    /// Whether a refusal sets or removes a cookie that was sent.
    fn touches(&self, answer: &Answer, set: &[usize]) -> bool {
        let names = answer.set_cookies().filter_map(|line| line.split('=').next());
        names.into_iter().any(|name| self.is_sent(name.trim(), set))
    }

    fn is_sent(&self, cookie: &str, set: &[usize]) -> bool {
        set.iter().any(|part| matches!(&self.parts[*part], Part::Cookie { name, .. } if name == cookie))
    }

    fn names(&self, wanted: impl Fn(usize) -> bool) -> Vec<String> {
        self.parts
            .iter()
            .enumerate()
            .filter(|(at, _)| wanted(*at))
            .map(|(_, part)| part.to_string())
            .collect()
    }

    fn stop(&mut self, words: &str, trust: Trust) {
        (self.stopped, self.trust) = (Some(words.to_owned()), trust);
    }
}

/// The requests that are kept back: to look after a refusal, to confirm the smallest set, and to ask the whole one last.
const RESERVED: usize = 4;
const UNREACHABLE: &str = "the application could not be reached any more";
