//! Proves a session: by asking the application, and where that tells nothing, by looking at the page.

use anyhow::Result;
use url::Url;

use super::{account::Account, ask, wire::Wire};
use crate::{
    browser::{Exchange, Launch},
    cli::Progress,
    session::{Check, Indicator, State, Verdict},
    verify::{self, Candidate, Login},
};

/// Learns a check for a fresh session and sets it, with its verdict; tells which requests were looked at.
pub(super) async fn prove(
    wire: &Wire,
    account: &Account,
    launch: &Launch,
    state: &mut State,
    traffic: &[Exchange],
    page: &Url,
    progress: &Progress,
) -> Result<Vec<Candidate>> {
    progress.status("looking for what proves the login");
    let learned = ask::learn(wire, account, state, traffic, page).await?;
    tracing::debug!(requests = learned.requests, verdict = ?learned.verdict, "learned");
    if learned.check.is_some() {
        (state.check, state.verdict) = (learned.check, Some(learned.verdict));
        return Ok(learned.candidates);
    }
    progress.step("no request tells the user from a stranger: looking at the page in two fresh browsers");
    state.verdict = Some(match by_page(wire, launch, state, page).await? {
        Some(check) => {
            let verdict = Verdict::Proven { evidence: check.evidence.clone() };
            state.check = Some(check);
            verdict
        }
        None => learned.verdict,
    });
    Ok(learned.candidates)
}

/// Looks at the page in a browser with the session and in one without.
async fn by_page(wire: &Wire, launch: &Launch, state: &State, page: &Url) -> Result<Option<Check>> {
    let user = in_browser(wire, launch.clone(), Some(state), page).await?;
    let stranger = in_browser(wire, launch.clone(), None, page).await?;
    let differs = (user, stranger) == (Login::NotShown, Login::Shown);
    Ok(differs.then(|| Check {
        body: None,
        method: "GET".into(),
        url: page.clone(),
        headers: Vec::new(),
        indicator: Indicator::Page,
        evidence: format!(
            "{}: a fresh browser with the session shows no login form, one without it does",
            page.path()
        ),
    }))
}

/// Whether a fresh browser, with or without the session, is shown a login form.
pub(super) async fn in_browser(
    wire: &Wire,
    mut launch: Launch,
    state: Option<&State>,
    page: &Url,
) -> Result<Login> {
    launch.headed = false;
    let opened = match state {
        Some(state) => wire.logged_in(launch, state).await?,
        None => wire.browser(launch).await?,
    };
    let shown = verify::login_shown(&opened.browser, page).await;
    opened.close().await;
    Ok(shown?)
}
