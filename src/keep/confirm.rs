//! Asks the application whether a session is dead, once for all who suspect it.

use std::time::{Duration, Instant};

use tracing::{debug, info};

use super::{living::Living, login::Login};
use crate::{
    session::{Indicator, Verdict},
    verify,
};

/// What the check said of a session.
#[derive(Debug, Clone)]
pub(super) struct Confirmed {
    epoch: u64,
    begun: Instant,
    at: Instant,
    pub(super) verdict: Verdict,
}

impl<L: Login> Living<L> {
    /// What the session's own check says now; one caller asks, and those who come meanwhile or right after get its answer.
    pub(super) async fn confirm(&self, epoch: u64) -> Verdict {
        self.confirm_since(epoch, None).await
    }

    /// The same, by an answer to a question that was asked after `since`, where that is given.
    pub(super) async fn confirm_since(&self, epoch: u64, since: Option<Instant>) -> Verdict {
        let mut last = self.confirmed.lock().await;
        let is_good = |known: &&Confirmed| {
            known.epoch == epoch && since.map_or(known.at.elapsed() < FRESH, |since| known.begun >= since)
        };
        if let Some(known) = last.as_ref().filter(is_good) {
            return known.verdict.clone();
        }
        let begun = Instant::now();
        let verdict = self.check().await;
        debug!(session = %self.reference, ?verdict, "checked");
        if self.epoch() == epoch {
            *last = Some(Confirmed { epoch, begun, at: Instant::now(), verdict: verdict.clone() });
        }
        verdict
    }

    /// Renews the session when its check says that it is dead.
    pub async fn check_up(&self) {
        let epoch = self.epoch();
        if let Verdict::Stale { evidence } = self.confirm(epoch).await {
            info!(session = %self.reference, evidence, "the session is dead");
            if let Err(error) = self.renew(epoch, super::Why::Dead(evidence)).await {
                debug!(%error, "not renewed");
            }
        }
    }

    async fn check(&self) -> Verdict {
        let state = self.shared.snapshot();
        if state.check.as_ref().is_none_or(|check| check.indicator == Indicator::Page) {
            return Verdict::Unproven { reason: "the session has no check that can be asked".into() };
        }
        verify::check(&self.probe(), &state)
            .await
            .unwrap_or_else(|error| Verdict::Unproven { reason: error.to_string() })
    }
}

/// How long an answer is believed.
const FRESH: Duration = Duration::from_secs(1);
