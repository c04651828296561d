//! A login that a person makes by hand, watched until it is proven.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Result;
use tokio::time::Instant;

use super::{
    account::Account,
    ask,
    attempt::{Attempt, Found, Walked},
    wire::Wire,
};
use crate::{
    browser::{Browser, Traffic},
    cli::Progress,
    harvest,
    login::{self, Refusal},
    session::{State, Verdict},
    verify,
};

/// Opens the page, and harvests as soon as what the person did is a session that can be proven.
pub(super) async fn walk(wire: &Wire, attempt: &Attempt, progress: &Progress) -> Result<Walked> {
    let opened = wire.browser(attempt.launch.clone()).await?;
    let walked = watched(&opened.browser, wire, attempt, progress).await;
    opened.close().await;
    walked
}

async fn watched(browser: &Browser, wire: &Wire, attempt: &Attempt, progress: &Progress) -> Result<Walked> {
    let traffic = browser.control().record().await?;
    browser.page().goto(&attempt.url).await?;
    let limit = attempt.person.unwrap_or(wire.common.timeout.0);
    progress.step(format_args!("waiting for you: log in in the browser, {} s at most", limit.as_secs()));
    let deadline = Instant::now() + limit;
    let (mut mark, mut tried) = (0, BTreeSet::new());
    loop {
        traffic.wait_change(LOOK_EVERY).await;
        let _ = traffic.wait_quiet(QUIET, LOOK_EVERY).await;
        if browser.is_gone().await {
            return Ok(Err((
                Refusal::Unanswered,
                "the browser was closed before anything was proven".to_owned(),
            )));
        }
        if traffic.mark() > mark && !login::is_asked(browser.page()).await? {
            mark = traffic.mark();
            if let Some(found) = proven(browser, &traffic, wire, &mut tried).await? {
                return Ok(Ok(found));
            }
        }
        if Instant::now() >= deadline {
            let evidence = format!("within {} s nothing was proven to be a session", limit.as_secs());
            return Ok(Err((Refusal::Unanswered, evidence)));
        }
    }
}

/// What the browser holds, where it is a session that can be proven and that was not tried before.
async fn proven(
    browser: &Browser,
    traffic: &Traffic,
    wire: &Wire,
    tried: &mut BTreeSet<Vec<String>>,
) -> Result<Option<Found>> {
    let harvest = harvest::read(browser, traffic, 0, &[]).await?;
    let values = values(&harvest.state);
    if values.is_empty() || !tried.insert(values) {
        return Ok(None);
    }
    let page = browser.page().url().await?;
    let probe = ask::probe(wire, &Account::Recipe(None), &harvest.state).await?;
    let learned = verify::learn(&probe, &traffic.since(0), &page, &harvest.state, None).await?;
    let is_proven = matches!(learned.verdict, Verdict::Proven { .. });
    Ok(is_proven.then(|| Found { harvest, traffic: traffic.since(0), page }))
}

/// What may carry a session, to tell one try from another.
fn values(state: &State) -> Vec<String> {
    let tokens = state.tokens().into_iter().map(|token| token.value.expose().to_owned());
    tokens.chain(state.cookies.iter().map(|cookie| cookie.value.expose().to_owned())).collect()
}

const LOOK_EVERY: Duration = Duration::from_millis(500);
const QUIET: Duration = Duration::from_millis(300);
