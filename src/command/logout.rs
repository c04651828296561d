//! Ends a session at the server and in the store.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::{account::Account, ask, wire::Wire};
use crate::{
    browser::{Browser, Element, Page, Traffic, script},
    cli::{Exit, LogoutArgs, Progress},
    context::Logout,
    crawl::Intent,
    session::{Check, Indicator, Reference, State, Verdict},
};

pub(super) async fn run(wire: &Wire, args: &LogoutArgs) -> Result<Exit> {
    let reference = wire.reference(args.session.as_ref())?;
    let state = wire.load(&reference)?;
    let progress = wire.progress(&format!("logging out `{reference}`"));
    let account = ask::account(wire, &reference, &state)?;
    let told = match &account {
        Account::User(context, _) => context.logout.as_ref(),
        Account::Recipe(_) => None,
    };
    let how = match told {
        Some(logout) => request(wire, &account, &state, logout).await?,
        None => click(wire, args, &state, &progress).await?,
    };
    progress.status("asking whether the session is still alive");
    let verdict = dead_or_alive(wire, &account, &state).await?;
    drop(progress);
    conclude(wire, args, &reference, how, &verdict)
}

/// Sends the request that a configuration names.
async fn request(wire: &Wire, account: &Account, state: &State, logout: &Logout) -> Result<Option<String>> {
    let body = logout.body.as_ref().map(|body| body.expose().to_owned());
    let origin = logout.url.origin().ascii_serialization();
    let mut headers = vec![("origin".to_owned(), origin.clone()), ("referer".to_owned(), origin)];
    if let Some(body) = &body {
        let kind =
            if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    let (method, url) = (logout.method.clone(), logout.url.clone());
    let told = format!("{method} {}", url.path());
    // Nothing is looked for: whether it worked shows afterwards.
    let indicator = Indicator::Pattern { logged_in: None, logged_out: None };
    let request = Check { method, url, headers, body, indicator, evidence: told.clone() };
    let status = ask::probe(wire, account, state).await?.send_as_user(&request).await?;
    Ok(Some(format!("{told}: {status}")))
}

/// Opens the application and clicks what ends the session, as a person would.
async fn click(wire: &Wire, args: &LogoutArgs, state: &State, progress: &Progress) -> Result<Option<String>> {
    let page = state.recipe.as_ref().map(|recipe| recipe.login_url.clone());
    let checked = || state.check.as_ref().filter(|c| c.indicator == Indicator::Page).map(|c| c.url.clone());
    let Some(page) = args.url.clone().or_else(checked).or(page) else { return Ok(None) };
    let opened = wire.logged_in(wire.launch(&args.target, false), state).await?;
    let work = async {
        let traffic = opened.browser.control().record().await?;
        opened.browser.page().goto(&page).await?;
        let _ = traffic.wait_quiet(QUIET, LIMIT).await;
        leave(&opened.browser, &traffic, progress).await
    };
    let outcome = work.await;
    opened.close().await;
    outcome
}

/// Clicks the logout; where there is none, opens menus and looks again.
async fn leave(browser: &Browser, traffic: &Traffic, progress: &Progress) -> Result<Option<String>> {
    let page = browser.page();
    let mut opened = Vec::new();
    for _ in 0..MENUS_MOST {
        let controls = controls(page).await?;
        if let Some(exit) = controls.iter().find(|control| Intent::of(&control.words) == Intent::Logout) {
            press(page, &exit.element).await?;
            let _ = traffic.wait_quiet(QUIET, LIMIT).await;
            confirm(page, traffic).await?;
            progress.step(format_args!("clicked `{}`", exit.label));
            return Ok(Some(format!("clicked `{}`", exit.label)));
        }
        let Some(menu) = controls.into_iter().find(|c| c.opens && !opened.contains(&c.words)) else { break };
        press(page, &menu.element).await?;
        let _ = traffic.wait_quiet(QUIET, LIMIT).await;
        opened.push(menu.words);
    }
    Ok(None)
}

/// Some applications ask whether one is sure.
async fn confirm(page: &Page, traffic: &Traffic) -> Result<()> {
    let sure = controls(page).await?.into_iter().find(|c| SURE.contains(&c.label.to_lowercase().as_str()));
    if let Some(sure) = sure {
        press(page, &sure.element).await?;
        let _ = traffic.wait_quiet(QUIET, LIMIT).await;
    }
    Ok(())
}

struct Control {
    element: Element,
    label: String,
    words: String,
    opens: bool,
}

async fn controls(page: &Page) -> Result<Vec<Control>> {
    let found = page.evaluate(&format!("return {}", script("controls")), &[]).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let controls = found.as_array().into_iter().flatten().filter_map(|value| {
        Some(Control {
            element: Element::from_value(&value["element"])?,
            label: text(&value["label"]),
            words: text(&value["words"]),
            opens: value["opens"].as_bool().unwrap_or_default(),
        })
    });
    Ok(controls.collect())
}

/// Clicks as a person would, or by script where it is hidden.
async fn press(page: &Page, element: &Element) -> Result<()> {
    if page.click(element).await.is_err() {
        page.evaluate("arguments[0].click()", &[element.to_value()]).await?;
    }
    Ok(())
}

async fn dead_or_alive(wire: &Wire, account: &Account, state: &State) -> Result<Verdict> {
    if state.check.as_ref().is_none_or(|check| check.indicator == Indicator::Page) {
        return Ok(Verdict::Unproven { reason: "the session has no check that can be asked".into() });
    }
    ask::verdict(wire, account, state).await
}

fn conclude(
    wire: &Wire,
    args: &LogoutArgs,
    reference: &Reference,
    how: Option<String>,
    verdict: &Verdict,
) -> Result<Exit> {
    let how = how.unwrap_or_else(|| "nothing was found that logs out".to_owned());
    let (line, reason, exit) = match verdict {
        Verdict::Stale { evidence } => (format!("logged out: {how}; {evidence}"), "logged-out", Exit::Done),
        Verdict::Proven { evidence } => (
            format!("{how}, but the server still accepts the session: {evidence}"),
            "still-accepted",
            Exit::Incomplete,
        ),
        Verdict::Unproven { reason } => {
            (format!("{how}, but nobody can tell whether it worked: {reason}"), "unproven", Exit::Incomplete)
        }
    };
    wire.output.line(line)?;
    if reason == "still-accepted" {
        wire.output.line("  hint: tokens that no server keeps live until they expire; else name the request under `logout` in the configuration")?;
    }
    if !args.keep {
        wire.store()?.remove(reference)?;
        wire.output.line(format_args!("removed `{reference}`"))?;
    }
    wire.output.document(&json!({
        "schema": "handstamp.logout/1", "session": reference.to_string(), "how": how, "verdict": verdict,
        "reason": reason, "removed": !args.keep, "exit": exit.code(),
    }))?;
    Ok(exit)
}

const SURE: &[&str] = &["yes", "ok", "confirm", "log out", "logout", "sign out", "ja", "oui", "sí"];
const MENUS_MOST: usize = 5;
const QUIET: Duration = Duration::from_millis(300);
const LIMIT: Duration = Duration::from_secs(5);
