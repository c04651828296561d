//! Looks after each action whether the browser is still logged in, and gives it the session back where it is not.

use std::time::Instant;

use super::{
    event::Event,
    frontier::Task,
    health::{Lost, Suspicion},
    log::Pulse,
    record::Provenance,
    recorder::Cause,
    refill::refill,
    route::is_same_document,
    run::Team,
    seat::{Fault, Seat},
    source::{Sign, Source},
    view::View,
};

/// Where a check leaves the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Where it was.
    Here,
    /// At the start page.
    Start,
}

impl Seat {
    /// Looks whether the session is still there: after a suspicion, and as often as the budget allows.
    pub(super) async fn check<S: Source, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        view: &View,
        pulse: Pulse,
        task: &Task,
    ) -> Result<Place, Fault> {
        if !team.has_session() {
            return Ok(Place::Here);
        }
        let told = self.recorder.take_sign().map(|evidence| Suspicion { evidence, what: Lost::Session });
        let suspicion = told.or_else(|| team.health.suspicion(view, pulse));
        if suspicion.is_none() && task.strikes == 0 && !team.rescue.ledger.is_due() {
            return Ok(Place::Here);
        }
        let (asked, mark) = (Instant::now(), team.log.mark());
        let sign = team.crawl.source.ask(asked).await;
        if sign == Sign::Alive {
            team.rescue.ledger.good(asked, mark);
        } else {
            team.rescue.ledger.unknown(asked);
        }
        match (sign, suspicion) {
            (Sign::Dead { evidence }, suspicion) => {
                let seen = suspicion.map(|s| format!("{}; ", s.evidence)).unwrap_or_default();
                Err(Fault::LoggedOut(format!("{seen}{evidence}")))
            }
            (_, None) => Ok(Place::Here),
            (Sign::Alive, Some(Suspicion { evidence, what: Lost::Copy })) => Err(Fault::Stripped(evidence)),
            (Sign::Alive, Some(suspicion)) if self.recorder.is_outdated() => Err(Fault::Outdated(format!(
                "{}; the session was renewed elsewhere, and the browser has the old one",
                suspicion.evidence
            ))),
            (Sign::Alive, Some(suspicion)) => {
                team.health.acquit(view, &suspicion);
                Ok(Place::Here)
            }
            (Sign::Unknown, Some(suspicion)) => self.confirm(team, view, &suspicion).await,
        }
    }

    /// Confirms at the start page what looks like the loss of the session.
    async fn confirm<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        view: &View,
        suspicion: &Suspicion,
    ) -> Result<Place, Fault> {
        if let (_, Some(proof)) = self.start_over(team).await? {
            return Err(Fault::LoggedOut(format!("{}; {proof}", suspicion.evidence)));
        }
        team.health.acquit(view, suspicion);
        Ok(Place::Start)
    }

    /// Opens the start page anew; tells what is there, and what is wrong with it if anything is.
    pub(super) async fn start_over<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
    ) -> Result<((View, Pulse), Option<String>), Fault> {
        let (mark, start) = (team.log.mark(), team.crawl.start.clone());
        self.provenance = Provenance::Interaction;
        self.recorder.blame(Cause::default());
        let mut view = self.agent().open(&start).await?;
        if view.document == self.here.document && is_same_document(&self.here.url, &start) {
            view = self.agent().reload().await?;
        }
        self.enter(start);
        let pulse = team.log.pulse(mark, self.worker);
        let proof = team.health.confirm(&view, pulse);
        if proof.is_none() {
            self.arrive(team, &view, 0);
        }
        Ok(((view, pulse), proof))
    }

    /// Gives the browser the session as it is now, and opens the start page with it.
    pub(super) async fn catch_up<S: Source, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
    ) -> Result<(View, Pulse), Fault> {
        let making = team.making();
        if let Some(state) = team.crawl.source.state() {
            refill(&self.browser, &self.recorder, &state).await?;
        }
        match self.start_over(team).await? {
            (_, Some(proof)) => Err(Fault::LoggedOut(proof)),
            (seen, None) => {
                self.epoch = making;
                Ok(seen)
            }
        }
    }
}
