//! Asks the application whether a session is still logged in.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::json;
use url::Url;

use super::{account::Account, ask, prove::in_browser, wire::Wire};
use crate::{
    browser::Launch,
    cli::{Exit, VerifyArgs},
    session::{Indicator, Reference, State, Verdict},
    site::Pattern,
    verify::{self, Login, Seen},
};

pub(super) async fn run(wire: &Wire, args: &VerifyArgs) -> Result<Exit> {
    let session = wire.reference(args.session.as_ref())?;
    let mut state = wire.load(&session)?;
    let takes_browser =
        args.in_browser || state.check.as_ref().is_some_and(|c| c.indicator == Indicator::Page);
    let progress = wire.progress(&format!("verifying `{session}`"));
    let verdict = if takes_browser {
        by_browser(wire, args, &state).await?
    } else {
        let account = ask::account(wire, &session, &state)?;
        given(wire, &account, &mut state).await?;
        ask::verdict(wire, &account, &state).await?
    };
    drop(progress);
    state.verdict = Some(verdict.clone());
    keep(wire, &session, &state)?;
    tell(wire, &session, &verdict)
}

/// Takes the check that the configuration asks for, or the patterns that it gives, in the place of what was learned.
async fn given(wire: &Wire, account: &Account, state: &mut State) -> Result<()> {
    if let Some(check) = account.check() {
        state.check = Some(check);
    } else if let Some((logged_in, logged_out)) = account.patterns() {
        let text = |pattern: Option<&Pattern>| pattern.map(|pattern| pattern.as_str().to_owned());
        let wanted = Indicator::Pattern { logged_in: text(logged_in), logged_out: text(logged_out) };
        let page = state.insight.page.clone().or_else(|| state.recipe.as_ref().map(|r| r.login_url.clone()));
        if let (Some(page), false) = (page, state.check.as_ref().is_some_and(|c| c.indicator == wanted)) {
            let learned = ask::learn(wire, account, state, &[], &page).await?;
            state.check = learned.check.or_else(|| state.check.take());
        }
    }
    Ok(())
}

/// Opens a fresh browser with the session and looks whether it is asked to log in.
async fn by_browser(wire: &Wire, args: &VerifyArgs, state: &State) -> Result<Verdict> {
    let page = args
        .url
        .clone()
        .or_else(|| state.check.as_ref().filter(|c| c.indicator == Indicator::Page).map(|c| c.url.clone()));
    let Some(page) = page.or_else(|| state.recipe.as_ref().map(|r| r.login_url.clone())) else {
        return Ok(Verdict::Unproven { reason: "there is no page to look at; name one with --url".into() });
    };
    let launch: Launch = wire.launch(&args.target, false);
    let opened = wire.logged_in(launch.clone(), state).await?;
    let seen = verify::look_in(&opened.browser, &page, state).await;
    let shot = match (&seen, &args.screenshot) {
        (Ok(_), Some(file)) => Some((file, opened.browser.page().screenshot().await)),
        _ => None,
    };
    opened.close().await;
    if let Some((file, picture)) = shot {
        fs::write(file, picture?).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    judge(wire, launch, &page, seen?).await
}

/// What the page asked the application by itself proves most. Where it asked nothing that tells, a browser without the
/// session shows what strangers get.
async fn judge(wire: &Wire, launch: Launch, page: &Url, seen: Seen) -> Result<Verdict> {
    let path = page.path();
    Ok(match (seen.login, seen.answered) {
        (Login::Shown, _) => Verdict::Stale {
            evidence: format!("{path}: a fresh browser with the session is shown a login form"),
        },
        (Login::NotShown, Some((true, answer))) => Verdict::Proven {
            evidence: format!(
                "a fresh browser with the session is not asked to log in, and got {answer}, as a user does"
            ),
        },
        (Login::NotShown, Some((false, answer))) => Verdict::Stale {
            evidence: format!("a fresh browser with the session got {answer}, as a stranger does"),
        },
        (Login::NotShown, None) => match in_browser(wire, launch, None, page).await? {
            Login::Shown => Verdict::Proven {
                evidence: format!(
                    "{path}: a fresh browser with the session shows no login form, one without it does"
                ),
            },
            Login::NotShown => Verdict::Unproven {
                reason: format!(
                    "{path}: strangers are not asked to log in there either; name another page with --url"
                ),
            },
        },
    })
}

/// Keeps the verdict with a session of the store; files are left as they are.
fn keep(wire: &Wire, reference: &Reference, state: &State) -> Result<()> {
    match reference {
        Reference::Name(_) => Ok(wire.store()?.save(reference, state)?),
        Reference::File(_) => Ok(()),
    }
}

fn tell(wire: &Wire, session: &Reference, verdict: &Verdict) -> Result<Exit> {
    let (word, evidence, exit) = match verdict {
        Verdict::Proven { evidence } => ("logged in", evidence, Exit::Done),
        Verdict::Stale { evidence } => ("logged out", evidence, Exit::LoggedOut),
        Verdict::Unproven { reason } => ("unproven", reason, Exit::Incomplete),
    };
    wire.output.line(format_args!("{word}: {evidence}"))?;
    if exit == Exit::LoggedOut {
        wire.output.line("  hint: log in again with `handstamp login`")?;
    }
    let reason = match exit {
        Exit::Done => "logged-in",
        Exit::LoggedOut => "stale",
        _ => "unproven",
    };
    wire.output.document(&json!({
        "schema": "handstamp.verify/1", "session": session.to_string(), "verdict": verdict, "reason": reason,
        "evidence": evidence, "exit": exit.code(),
    }))?;
    Ok(exit)
}
