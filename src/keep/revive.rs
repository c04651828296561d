//! Brings a session back whose user has been logged out: by what is known of it still, else by making it anew.

use std::time::Instant;

use tracing::{debug, info};

use super::{error::GivenUp, living::Living, login::Login};
use crate::{
    session::{State, Verdict},
    verify::{self, Probe},
};

impl<L: Login> Living<L> {
    /// What the session's own check says, asked no earlier than `since`; those who ask at once share one request.
    pub async fn sign(&self, since: Instant) -> Verdict {
        self.confirm_since(self.epoch(), Some(since)).await
    }

    /// Makes a session live again that was found dead, and tells whether it took a login or a renewal.
    ///
    /// `good` is the session as it was when it last lived. Where the application has only taken it back from the client,
    /// it lives on, and is put back.
    pub async fn revive(&self, good: Option<State>, evidence: &str) -> Result<bool, GivenUp> {
        let epoch = self.epoch();
        if matches!(self.sign(Instant::now()).await, Verdict::Proven { .. }) {
            return Ok(false);
        }
        if let Some(good) = good.filter(|good| self.shared.read(|own| own != good))
            && self.lives(&good).await
        {
            info!(session = %self.reference, "the session lives on, and is put back");
            self.shared.update(|own| *own = good);
            return Ok(false);
        }
        self.renew(epoch, super::Why::Dead(evidence.to_owned())).await.map(|_| true)
    }

    async fn lives(&self, state: &State) -> bool {
        let probe = Probe::new(self.client.clone(), state);
        let verdict = verify::check(&probe, state).await;
        debug!(session = %self.reference, ?verdict, "asked with what was known before");
        matches!(verdict, Ok(Verdict::Proven { .. }))
    }
}
