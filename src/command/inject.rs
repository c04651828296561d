//! Puts a session into a browser that somebody else runs, and gives it to tabs to come as long as the browser lives.

use anyhow::Result;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{
    attached::{Hold, control, shown, web_tabs},
    wire::{Wire, prompt_answer},
};
use crate::{
    browser::{self, Control, Lasting, Tab},
    cli::{Attached, Exit, InjectArgs, plural},
    inject::{self, Injected},
    session::{Reference, State},
};

/// What became of it.
struct Done<'a> {
    session: &'a Reference,
    injected: &'a Injected,
    /// The tabs that are open already.
    tabs: &'a [Tab],
    reloaded: bool,
    /// What tabs to come lack.
    missing: Option<&'static str>,
    stays: bool,
}

pub(super) async fn run(wire: &Wire, args: &InjectArgs, stop: &CancellationToken) -> Result<Exit> {
    let session = wire.reference(args.session.as_ref())?;
    let state = wire.load(&session)?;
    tokio::select! {
        held = put(wire, args, &session, &state) => match held? {
            None => Ok(Exit::Done),
            Some(control) => Ok(tokio::select! {
                () = control.ended() => Exit::Done,
                () = stop.cancelled() => Exit::Interrupted,
            }),
        },
        () = stop.cancelled() => Ok(Exit::Interrupted),
    }
}

/// Puts it in and tells so; gives the control where it has to be kept.
async fn put(wire: &Wire, args: &InjectArgs, session: &Reference, state: &State) -> Result<Option<Control>> {
    let hold = if args.detach { Hold::Moment } else { Hold::Kept };
    let control = control(wire, &args.running, hold).await?;
    let answer = prompt_answer(state).await?;
    let has_answer = answer.is_some();
    if let Some(answer) = answer.filter(|_| hold == Hold::Kept) {
        control.answer_challenges(answer).await?;
    }
    let injected = match hold {
        Hold::Kept => inject::into_browser(state, &control).await,
        Hold::Moment => inject::and_leave(state, &control).await,
    };
    let mut injected = injected.map_err(|error| failed(error, &args.running))?;
    let tabs = web_tabs(&control).await?;
    for tab in &tabs {
        injected.refused.extend(inject::into_tab(state, &control, tab).await?);
        if args.reload {
            control.reload(tab).await?;
        }
    }
    injected.refused.sort();
    injected.refused.dedup();
    tell_of_agent(&control, state, &tabs).await?;
    let needs = needs_us(state) || has_answer || args.running.cdp.is_some();
    let done = Done {
        session,
        injected: &injected,
        tabs: &tabs,
        reloaded: args.reload,
        missing: missing(state, &control, hold, has_answer),
        stays: needs && hold == Hold::Kept,
    };
    done.tell(wire)?;
    Ok(Some(control).filter(|_| done.stays))
}

/// Where only classic commands are left, there is a way that the session's own script can open.
fn failed(error: inject::Error, running: &Attached) -> anyhow::Error {
    let inject::Error::Browser { source: browser::Error::Unsupported { .. } } = &error else {
        return error.into();
    };
    if running.webdriver.is_none() {
        return error.into();
    }
    let hint = "open the browser with the capability `webSocketUrl: true`, and name the address that it is granted with --bidi";
    anyhow::Error::from(error).context(format!("only classic commands are left\nhint: {hint}"))
}

/// Whether tabs to come have to be given something.
fn needs_us(state: &State) -> bool {
    state.origins.iter().any(|origin| !origin.session_storage.is_empty())
}

/// What is not there for tabs to come.
fn missing(state: &State, control: &Control, hold: Hold, has_answer: bool) -> Option<&'static str> {
    if hold == Hold::Kept {
        return None;
    }
    match control.lasting() {
        Lasting::Storage if needs_us(state) => {
            Some("the sessionStorage, which tabs to come do not get, nor do new private contexts anything")
        }
        Lasting::Storage => Some("the session in private contexts that are still to come"),
        Lasting::Scripts if has_answer => Some("the answers to the server's prompts for a password"),
        Lasting::Scripts => None,
    }
}

/// Some applications bind a session to the User-Agent, which cannot be changed from here.
async fn tell_of_agent(control: &Control, state: &State, tabs: &[Tab]) -> Result<()> {
    let (Some(tab), Some(wanted)) = (tabs.first(), &state.user_agent) else { return Ok(()) };
    let own = control.agent_in(tab).await?.unwrap_or_default();
    if own != *wanted {
        tracing::info!("the browser presents another User-Agent than the one that logged in");
    }
    Ok(())
}

impl Done<'_> {
    fn tell(&self, wire: &Wire) -> Result<()> {
        let (out, injected) = (wire.output, self.injected);
        let cookies = plural(injected.cookies, "cookie");
        let origins = plural(injected.origins, "origin");
        out.line(format_args!("`{}` is in the browser: {cookies}, storage of {origins}", self.session))?;
        for name in &injected.refused {
            warn!(%name, "the browser refused a part of the session");
        }
        if !self.tabs.is_empty() {
            let are = if self.tabs.len() == 1 { "tab is" } else { "tabs are" };
            let what =
                if self.reloaded { "loaded again" } else { "open already: load them again, or use --reload" };
            out.line(format_args!("  {} {are} {what}", self.tabs.len()))?;
        }
        if let Some(missing) = self.missing {
            out.line(format_args!("  missing: {missing}"))?;
        }
        if self.stays {
            out.line("  it stays with the browser: tabs to come get the session too, until it ends or you press Ctrl-C")?;
        }
        Ok(out.document(&json!({
            "schema": "handstamp.inject/1", "event": "injected", "session": self.session.to_string(),
            "cookies": injected.cookies, "origins": injected.origins, "refused": injected.refused,
            "openTabs": self.tabs.iter().map(shown).collect::<Vec<_>>(), "reloaded": self.reloaded,
            "missing": self.missing, "stays": self.stays,
        }))?)
    }
}
