//! Ends a session at the server and in the store.

use std::time::Duration;

use anyhow::Result;
use http::{HeaderName, HeaderValue, Method, Request, header};
use serde_json::{Value, json};

use super::wire::Wire;
use crate::{
    browser::{Browser, Element, Page, Traffic, script},
    cli::{Exit, LogoutArgs, Progress},
    context::{Context, Logout},
    crawl::Intent,
    inject::{Mode, Stamp},
    proxy,
    session::{Indicator, Reference, Shared, State, Verdict},
    verify,
};

pub(super) async fn run(wire: &Wire, args: &LogoutArgs) -> Result<Exit> {
    let reference = wire.reference(args.session.as_ref())?;
    let state = wire.load(&reference)?;
    let progress = wire.progress(&format!("logging out `{reference}`"));
    let told = context(wire, &reference)?.and_then(|context| context.logout);
    let how = match told {
        Some(logout) => request(wire, &state, &logout).await?,
        None => click(wire, args, &state, &progress).await?,
    };
    progress.status("asking whether the session is still alive");
    let verdict = dead_or_alive(wire, &state).await?;
    drop(progress);
    conclude(wire, args, &reference, how, &verdict)
}

/// The context whose user the session is of.
fn context(wire: &Wire, reference: &Reference) -> Result<Option<Context>> {
    let found = wire.config()?.and_then(|config| {
        let is_own = |context: &Context| {
            context.users.iter().any(|user| context.session(user).is_ok_and(|own| own == *reference))
        };
        config.contexts.iter().find(|context| is_own(context)).cloned()
    });
    Ok(found)
}

/// Sends the request that a configuration names.
async fn request(wire: &Wire, state: &State, logout: &Logout) -> Result<Option<String>> {
    let method: Method = logout.method.parse()?;
    let stamp = Stamp::new(Shared::new(state.clone()), state.reach(), Mode::Force);
    let body = logout.body.as_ref().map(|body| body.expose().to_owned()).unwrap_or_default();
    let mut request = Request::builder().method(method.clone()).uri(logout.url.as_str());
    if let Some(headers) = request.headers_mut() {
        let kind =
            if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        if !body.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let origin = logout.url.origin().ascii_serialization();
        for name in [header::ORIGIN, header::REFERER] as [HeaderName; 2] {
            headers.insert(name, HeaderValue::from_str(&origin)?);
        }
        stamp.put_on(&method, &logout.url, headers);
    }
    let answer = wire.client()?.send(request.body(proxy::full(body))?).await?;
    Ok(Some(format!("{method} {}: {}", logout.url.path(), answer.status().as_u16())))
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

async fn dead_or_alive(wire: &Wire, state: &State) -> Result<Verdict> {
    if state.check.as_ref().is_none_or(|check| check.indicator == Indicator::Page) {
        return Ok(Verdict::Unproven { reason: "the session has no check that can be asked".into() });
    }
    Ok(verify::check(&wire.probe(state)?, state).await?)
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
