//! Asks the application whether a session is still logged in.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::wire::Wire;
use crate::{
    browser::Launch,
    cli::{Exit, VerifyArgs},
    session::{Indicator, Reference, State, Verdict},
    verify::{self, Login, Probe},
};

pub(super) async fn run(wire: &Wire, args: &VerifyArgs) -> Result<Exit> {
    let mut state = wire.load(&args.session)?;
    let takes_browser =
        args.in_browser || state.check.as_ref().is_some_and(|c| c.indicator == Indicator::Page);
    let progress = wire.progress(&format!("verifying `{}`", args.session));
    let verdict = if takes_browser {
        in_browser(wire, args, &state).await?
    } else {
        let probe = Probe::new(wire.client()?, &state);
        verify::check(&probe, &state).await?
    };
    drop(progress);
    state.verdict = Some(verdict.clone());
    keep(wire, &args.session, &state)?;
    tell(wire, args, &verdict)
}

/// Opens a fresh browser with the session and looks whether it is asked to log in.
async fn in_browser(wire: &Wire, args: &VerifyArgs, state: &State) -> Result<Verdict> {
    let page = args
        .url
        .clone()
        .or_else(|| state.check.as_ref().filter(|c| c.indicator == Indicator::Page).map(|c| c.url.clone()));
    let Some(page) = page.or_else(|| state.recipe.as_ref().map(|r| r.login_url.clone())) else {
        return Ok(Verdict::Unproven { reason: "there is no page to look at; name one with --url".into() });
    };
    let launch: Launch = wire.launch(&args.target, false);
    let opened = wire.logged_in(launch, state).await?;
    let seen = verify::login_shown(&opened.browser, &page).await;
    let shot = match (&seen, &args.screenshot) {
        (Ok(_), Some(file)) => Some((file, opened.browser.page().screenshot().await)),
        _ => None,
    };
    opened.close().await;
    if let Some((file, picture)) = shot {
        fs::write(file, picture?).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    let path = page.path();
    Ok(match seen? {
        Login::NotShown => Verdict::Proven {
            evidence: format!("{path}: a fresh browser with the session is not asked to log in"),
        },
        Login::Shown => Verdict::Stale {
            evidence: format!("{path}: a fresh browser with the session is shown a login form"),
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

fn tell(wire: &Wire, args: &VerifyArgs, verdict: &Verdict) -> Result<Exit> {
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
        "schema": "handstamp.verify/1", "session": args.session.to_string(), "verdict": verdict, "reason": reason,
        "evidence": evidence, "exit": exit.code(),
    }))?;
    Ok(exit)
}
