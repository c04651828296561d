//! Renews a session that has ended while what its browsers asked for is held, so that their pages see nothing of it.

use std::time::Instant;

use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::{
    event::Event,
    rescue::Blame,
    run::Team,
    source::{Revival, Sign, Source},
};
use crate::keep::{Hold, Rotation, Settled, Wanted, Weight};

/// How a round ends, and by what the session came back.
type End = (Settled, &'static str);

impl<S: Source, E: Fn(Event)> Team<S, E> {
    /// Sees to all who are held, until it is told to stop; nothing is held any more then.
    pub(super) async fn bridge(&self, stop: &CancellationToken) {
        let Some(hold) = &self.hold else { return };
        let work = async {
            loop {
                tokio::select! {
                    wanted = hold.wanted() => self.see_to(hold, wanted).await,
                    () = self.nears_end() => self.renew_ahead(hold).await,
                }
            }
        };
        let _ = stop.run_until_cancelled(work).await;
        hold.close();
    }

    async fn see_to(&self, hold: &Hold, wanted: Wanted) {
        let began = Instant::now();
        let (outcome, how) = self.settled(hold, &wanted).await;
        debug!(?outcome, how, evidence = wanted.evidence, "what was held goes on");
        let count = hold.settle(outcome);
        if outcome == Settled::Renewed && !how.is_empty() {
            let took = began.elapsed();
            self.tell(Event::Bridged { evidence: wanted.evidence, how, waited: count, took });
        }
    }

    async fn nears_end(&self) {
        match &self.crawl.rotation {
            Some(rotation) => rotation.nears_end().await,
            None => std::future::pending().await,
        }
    }

    /// Renews the session by the application's own call before it ends as others have.
    async fn renew_ahead(&self, hold: &Hold) {
        let _at_work = self.rescue.enter().await;
        let Some(rotation) = &self.crawl.rotation else { return };
        if rotation.renew_ahead().await {
            debug!("renewed ahead of its end by the application's own call");
            self.rescue.renewed_itself(self.uses());
            hold.renewed();
        }
    }

    /// Finds out whether the session has ended, and renews it.
    async fn settled(&self, hold: &Hold, wanted: &Wanted) -> End {
        // A worker may be at it.
        let _at_work = self.rescue.enter().await;
        if hold.epoch() != wanted.epoch {
            return (Settled::Renewed, "");
        }
        let seen = match self.crawl.source.ask(wanted.since).await {
            Sign::Alive => return (Settled::Alive, ""),
            Sign::Dead { evidence } => evidence,
            Sign::Unknown if wanted.weight == Weight::Denial && hold.believes_denials() => String::new(),
            Sign::Unknown => return (Settled::LetGo, ""),
        };
        if self.rescue.may_renew_itself() && self.has_renewal_token() {
            return self.renewed_by_call().await;
        }
        self.renewed_anew(&format!("{}; {seen}", wanted.evidence)).await
    }

    /// Renews the session as the application was seen to do it; before that it is left to the page.
    async fn renewed_by_call(&self) -> End {
        match &self.crawl.rotation {
            Some(rotation) if self.is_renewed_by(rotation).await => {
                self.rescue.renewed_itself(self.uses());
                (Settled::Renewed, "renewed by the application's own call")
            }
            _ => (Settled::LeftToPage, ""),
        }
    }

    async fn is_renewed_by(&self, rotation: &Rotation) -> bool {
        rotation.ended();
        rotation.renew().await
    }

    async fn renewed_anew(&self, evidence: &str) -> End {
        let Some(blame) = self.died() else { return (Settled::LetGo, "") };
        let how = match self.crawl.source.revive(evidence).await {
            Revival::Kept => "put back",
            Revival::Renewed => "logged in again",
            Revival::Unable { reason } => {
                debug!(reason, "the session stays dead");
                return (Settled::LetGo, "");
            }
        };
        self.renewed();
        if blame == Blame::Actions {
            self.suspect(evidence);
        }
        self.rescue.ledger.begin(self.log.mark());
        (Settled::Renewed, how)
    }

    /// Lets those actions answer for it that may have ended the session: they are done once more, each on its own. What has
    /// only read is left out, for its pages have had good answers, and reading ends no session.
    fn suspect(&self, evidence: &str) {
        let (mut ran, mark) = self.rescue.ledger.lost();
        ran.retain(|task| self.log.has_acted(mark, task.id));
        for task in self.rescue.not_at_hand(ran) {
            self.suspect_one(task, evidence);
        }
    }
}
