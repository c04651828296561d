//! Renews a session that has ended while what its browsers asked for is held, so that their pages see nothing of it.

use std::time::Instant;

use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::{
    event::Event,
    mend::UNSEEN_STRIKES,
    rescue::Blame,
    run::Team,
    source::{Revival, Sign, Source},
};
use crate::keep::{Hold, Settled, Wanted, Weight};

/// How a round ends, and by what the session came back.
type End = (Settled, &'static str);

impl<S: Source, E: Fn(Event)> Team<S, E> {
    /// Sees to all who are held, until it is told to stop; nothing is held any more then.
    pub(super) async fn bridge(&self, stop: &CancellationToken) {
        let Some(hold) = &self.hold else { return };
        let work = async {
            loop {
                let wanted = hold.wanted().await;
                let began = Instant::now();
                let (outcome, how) = self.settled(hold, &wanted).await;
                debug!(?outcome, how, evidence = wanted.evidence, "what was held goes on");
                let count = hold.settle(outcome);
                if outcome == Settled::Renewed && !how.is_empty() {
                    let took = began.elapsed();
                    self.tell(Event::Bridged { evidence: wanted.evidence, how, waited: count, took });
                }
            }
        };
        let _ = stop.run_until_cancelled(work).await;
        hold.close();
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
            Some(rotation) if rotation.renew().await => {
                self.rescue.renewed_itself();
                (Settled::Renewed, "renewed by the application's own call")
            }
            _ => (Settled::LeftToPage, ""),
        }
    }

    async fn renewed_anew(&self, evidence: &str) -> End {
        let Some(blame) = self.rescue.died() else { return (Settled::LetGo, "") };
        let how = match self.crawl.source.revive(evidence).await {
            Revival::Kept => "put back",
            Revival::Renewed => "logged in again",
            Revival::Unable { reason } => {
                debug!(reason, "the session stays dead");
                return (Settled::LetGo, "");
            }
        };
        self.rescue.renewed();
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
            self.strike(task, UNSEEN_STRIKES, evidence);
        }
    }
}
