//! Asks whether a session is still alive.

use super::{
    compare::judge,
    error::Error,
    probe::{Probe, Who},
};
use crate::session::{State, Verdict};

/// Sends the session's own check and judges the answer.
///
/// An answer that fits neither side is compared with what a stranger gets now.
///
/// # Errors
/// When the application cannot be reached.
pub async fn check(probe: &Probe, state: &State) -> Result<Verdict, Error> {
    let Some(check) = &state.check else {
        return Ok(Verdict::Unproven { reason: "the session has no check".into() });
    };
    let answer = probe.ask(check, Who::User).await?;
    let asked = format!("GET {}", check.url.path());
    match judge(&answer, &check.indicator) {
        Some(true) => Ok(Verdict::Proven { evidence: check.evidence.clone() }),
        Some(false) => {
            Ok(Verdict::Stale { evidence: format!("{asked}: {}, as a stranger gets it", answer.status) })
        }
        None => {
            let stranger = probe.ask(check, Who::Stranger).await?;
            if stranger.is_like(&answer) && !answer.is_trouble() {
                return Ok(Verdict::Stale {
                    evidence: format!("{asked}: {}, the same as without the session", answer.status),
                });
            }
            Ok(Verdict::Unproven {
                reason: format!(
                    "{asked}: {}, which is neither a user's nor a stranger's answer",
                    answer.status
                ),
            })
        }
    }
}
