//! Learns what proves a session, by asking with it and without it.

use tracing::debug;
use url::Url;

use super::{
    candidates::candidates,
    compare::{Difference, compare, judge},
    error::Error,
    probe::{Probe, Who},
};
use crate::{
    browser::Exchange,
    session::{Check, State, Verdict},
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
}

/// Asks the requests that were seen after a login again, as the user and as a stranger, until one tells the two apart.
///
/// Each answer is asked for twice, so that what changes by itself is not taken for evidence. Nothing but `GET` is sent.
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
    let mut requests = 0;
    let mut failure = None;
    for candidate in candidates(traffic, page, state, username) {
        match try_one(probe, &candidate, username, &mut requests).await {
            Ok(Some(check)) => {
                let verdict = Verdict::Proven { evidence: check.evidence.clone() };
                return Ok(Learned { check: Some(check), verdict, requests });
            }
            Ok(None) => {}
            Err(error) => failure = Some(error),
        }
    }
    if let Some(error) = failure.filter(|_| requests == 0) {
        return Err(error);
    }
    let reason = "no request tells the user from a stranger".to_owned();
    Ok(Learned { check: None, verdict: Verdict::Unproven { reason }, requests })
}

async fn try_one(
    probe: &Probe,
    candidate: &Check,
    username: Option<&str>,
    requests: &mut usize,
) -> Result<Option<Check>, Error> {
    let user = probe.ask(candidate, Who::User).await?;
    let stranger = probe.ask(candidate, Who::Stranger).await?;
    *requests += 2;
    let Some(Difference { indicator, evidence }) = compare(&user, &stranger, username) else {
        debug!(path = candidate.url.path(), user = user.status, stranger = stranger.status, "no difference");
        return Ok(None);
    };
    let again = (probe.ask(candidate, Who::Stranger).await?, probe.ask(candidate, Who::User).await?);
    *requests += 2;
    if judge(&again.0, &indicator) != Some(false) || judge(&again.1, &indicator) != Some(true) {
        debug!(path = candidate.url.path(), "the difference does not hold");
        return Ok(None);
    }
    let evidence = format!("GET {}: {evidence}", candidate.url.path());
    Ok(Some(Check { indicator, evidence, ..candidate.clone() }))
}
