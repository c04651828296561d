//! Crawls an application with a session, and writes what was found.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Result;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use url::Position;

use super::{
    account::Account,
    ask, crawl_users,
    demands::{self, Missed},
    failure::Usage,
    login::require_web,
    logins::Logins,
    reach::reach,
    roster::Wards,
    wire::Wire,
};
use crate::{
    browser::{Browser, Launch},
    cli::{CrawlArgs, Exit, Output, Progress, plural},
    crawl::{
        BoxError, Checkpoint, Crawl, DEFAULT_PICTURES, End, Event, LoggedIn, Mining, Outcome, Policy, Robots,
        Settings, Source,
    },
    inject::{self, Mode},
    keep::{Living, Rotation},
    proxy::{Authority, Reach, Remote},
    report::{self, About, Checkpoints, Redactor, Written},
    session::{Indicator, State, Verdict},
    site::{Origin, Scope},
};

pub(super) async fn run(wire: &Wire, args: &CrawlArgs, stop: CancellationToken) -> Result<Exit> {
    require_web(&args.url)?;
    if !args.users.is_empty() {
        return Box::pin(crawl_users::run(wire, args, stop)).await;
    }
    let resume = resumed(args)?;
    let output = report::Output::create(args.folder())?;
    let wards = Wards::new(wire, &args.target)?;
    let living = wards.asked(args.session.as_ref())?;
    let reference = wire.reference(args.session.as_ref())?;
    let account = ask::account(wire, &reference, &living.shared().snapshot())?;
    if let Verdict::Stale { evidence } = alive(wire, &account, &living).await? {
        wards.settle().await;
        return stale(wire, &living, &evidence);
    }
    let state = living.shared().snapshot();
    let progress = wire.progress(&format!("crawling {}", args.url));
    let saves = Saves::create(args, resume.as_ref())?;
    let secrets = || redactor(&[&state, &living.shared().snapshot()]);
    let events = |event: Event| {
        if let Event::Checkpoint(checkpoint) = &event {
            saves.keep(checkpoint, &secrets());
        }
        tell(wire.output, &progress, &event);
    };
    let scope = crawled(args, &[&state]);
    let mut outcome = crawl_as(wire, args, Some(&living), scope, resume, events, stop).await?;
    let now = living.shared().snapshot();
    progress.status("asking whether the session is still alive");
    // What was found is written whatever becomes of this.
    let verdict = living_verdict(wire, &account, &now).await;
    let about = About {
        user: Some(living.name()),
        browser: args.target.browser.to_string(),
        verdict: verdict.as_ref().ok().cloned(),
        terms: terms(args),
    };
    if args.resume.is_some() {
        output.recall(&mut outcome);
    }
    let redactor = redactor(&[&state, &now]);
    let written = output.write(&outcome, &about, &redactor)?;
    saves.end(&outcome, &redactor);
    let verdict = verdict?;
    wards.settle().await;
    drop(progress);
    conclude(wire, args, &outcome, &written, &verdict, &demands::missed(args, &outcome))
}

/// Where the crawl that is gone on with was left.
fn resumed(args: &CrawlArgs) -> Result<Option<Checkpoint>> {
    let Some(dir) = &args.resume else { return Ok(None) };
    let checkpoint = report::checkpoint(dir)?;
    if checkpoint.start != args.url {
        return Err(Usage::new(
            &format!("the crawl in `{}` began at another address", dir.display()),
            &format!("it began at {}", &checkpoint.start[..Position::AfterPath]),
        )
        .into());
    }
    Ok(Some(checkpoint))
}

/// Crawls with a session, or as nobody.
pub(super) async fn crawl_as(
    wire: &Wire,
    args: &CrawlArgs,
    living: Option<&Arc<Living<Logins>>>,
    scope: Scope,
    resume: Option<Checkpoint>,
    events: impl Fn(Event) + Send + Sync,
    stop: CancellationToken,
) -> Result<Outcome> {
    let mut launch = wire.launch(&args.target, args.headed);
    let reach =
        Box::pin(reach(args.target.webdriver.as_ref().map(Remote::url), args.advertise.as_deref())).await?;
    if let Reach::Elsewhere { told, .. } = &reach {
        launch.proxy_host = Some(told.clone());
    }
    let client = wire.client()?;
    let settings = Settings { reach, ..settings(args) };
    let (start, authority) = (args.url.clone(), Authority::ephemeral()?);
    let Some(living) = living else {
        let (stamp, rotation, source, cancel) = (None, None, Strangers(launch), stop);
        let crawl = Crawl {
            start,
            scope,
            settings,
            stamp,
            rotation,
            authority,
            client,
            source,
            events,
            resume,
            cancel,
        };
        return Ok(crawl.run().await?);
    };
    let rotation = Some(Arc::new(Rotation::new(living.shared().clone(), client.clone())));
    let (stamp, cancel) = (Some((*living.stamp(Mode::Follow)).clone()), stop);
    let source = LoggedIn::new(launch, Arc::clone(living));
    let crawl =
        Crawl { start, scope, settings, stamp, rotation, authority, client, source, events, resume, cancel };
    Ok(crawl.run().await?)
}

/// Logs in where there is no session yet or where it is dead, and tells how it is then.
pub(super) async fn alive(wire: &Wire, account: &Account, living: &Living<Logins>) -> Result<Verdict> {
    // A user of a configuration has a scope before there is a session.
    if living.shared().read(|state| state.created == 0) {
        let _progress = wire.progress(&format!("logging in `{}`", living.name()));
        living.ready().await?;
    }
    let verdict = living_verdict(wire, account, &living.shared().snapshot()).await?;
    if !matches!(verdict, Verdict::Stale { .. }) || !living.can_renew() {
        return Ok(verdict);
    }
    let _progress = wire.progress(&format!("`{}` is logged out, logging in again", living.name()));
    living.check_up().await;
    living_verdict(wire, account, &living.shared().snapshot()).await
}

/// Opens browsers of a stranger: without any session.
struct Strangers(Launch);

impl Source for Strangers {
    async fn open(&self, _worker: usize, proxy: SocketAddr) -> Result<Browser, BoxError> {
        // The browser trusts the proxy whatever it signs; the proxy checks the target's certificate.
        let launch = Launch { proxy: Some(proxy), insecure: true, ..self.0.clone() };
        Ok(Box::pin(inject::open(&launch, None)).await?)
    }

    async fn room(&self) -> Option<usize> {
        self.0.vacancies().await
    }
}

/// What is crawled: the origin of the address, and those that the session belongs to.
pub(super) fn crawled(args: &CrawlArgs, states: &[&State]) -> Scope {
    let theirs = states.iter().flat_map(|state| state.scope.iter().cloned());
    let origins = Origin::of(&args.url).into_iter().chain(theirs);
    args.exclude.iter().cloned().fold(Scope::new(origins), Scope::exclude)
}

/// What else was asked for, as the report tells it.
pub(super) fn terms(args: &CrawlArgs) -> Vec<(String, String)> {
    let texts = args.exclude.iter().chain(&args.exclude_text).map(regex::Regex::as_str);
    let excluded: Vec<&str> = texts.chain(args.exclude_selector.iter().map(String::as_str)).collect();
    let terms = [
        ("excluded", excluded.join(", ")),
        ("policy", if args.policy == Policy::default() { "" } else { args.policy.name() }.to_owned()),
        ("robots.txt", if args.robots { "obeyed" } else { "" }.to_owned()),
        ("at most", args.max_rate.map(|rate| format!("{rate} requests a second")).unwrap_or_default()),
    ];
    let asked = terms.into_iter().filter(|(_, value)| !value.is_empty());
    asked.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn settings(args: &CrawlArgs) -> Settings {
    Settings {
        browsers: args.browsers.into(),
        max_duration: args.max_duration.map(|l| l.0),
        max_states: args.max_states,
        values: args.value.clone(),
        pictures: if args.no_screenshots { 0 } else { DEFAULT_PICTURES },
        policy: args.policy,
        robots: if args.robots { Robots::Obeyed } else { Robots::Ignored },
        exclude_texts: args.exclude_text.clone(),
        exclude_selectors: args.exclude_selector.clone(),
        max_rate: args.max_rate,
        identify: args.identify.clone(),
        mine: if args.no_mine { Mining::Off } else { Mining::On },
        // One of several users is not gone on with.
        save_every: args.users.is_empty().then_some(SAVE_EVERY),
        ..Settings::default()
    }
}

/// Whether the session is alive; one that only a browser can tell is taken as it is.
pub(super) async fn living_verdict(wire: &Wire, account: &Account, state: &State) -> Result<Verdict> {
    if state.check.as_ref().is_none_or(|c| c.indicator == Indicator::Page) {
        return Ok(state.verdict.clone().unwrap_or(Verdict::Unproven { reason: "nothing was asked".into() }));
    }
    ask::verdict(wire, account, state).await
}

pub(super) fn redactor(states: &[&State]) -> Redactor {
    let hidden: Vec<String> = states.iter().flat_map(|state| state.hidden()).collect();
    Redactor::new(hidden.iter().map(String::as_str))
}

/// Keeps where the crawl stands, as far as that can be written.
struct Saves(Mutex<Checkpoints>);

impl Saves {
    fn create(args: &CrawlArgs, from: Option<&Checkpoint>) -> Result<Self> {
        Ok(Self(Mutex::new(Checkpoints::create(args.folder(), from)?)))
    }

    fn keep(&self, checkpoint: &Checkpoint, redactor: &Redactor) {
        let mut checkpoints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = checkpoints.write(checkpoint, redactor) {
            tracing::warn!(%error, "where the crawl stands could not be kept");
        }
    }

    /// What was cut off can go on from here.
    fn end(self, outcome: &Outcome, redactor: &Redactor) {
        match &outcome.rest {
            Some(rest) => self.keep(rest, redactor),
            None => self.0.into_inner().unwrap_or_else(PoisonError::into_inner).remove(),
        }
    }
}

/// How often where the crawl stands is kept.
const SAVE_EVERY: Duration = Duration::from_secs(10);

pub(super) fn tell(output: Output, progress: &Progress, event: &Event) {
    match event {
        Event::Fired { what, progress: p, .. } => {
            let share = (100 * p.totals.carried).checked_div(p.totals.calls).unwrap_or(100);
            progress.status(format_args!(
                "{}, {} waiting, {}, {}, {share} % with the session  {what}",
                plural(p.states, "state"),
                plural(p.waiting, "action"),
                plural(p.totals.requests, "request"),
                plural(p.totals.endpoints, "endpoint"),
            ));
        }
        Event::Found { route, title, .. } => progress.step(format_args!("found {route} `{title}`")),
        Event::SessionLost { worker, evidence, .. } => {
            progress.step(format_args!("browser {worker} is logged out: {evidence}"));
        }
        Event::Recovered { worker, how, took, repeated } => progress.step(format_args!(
            "browser {worker} is logged in again after {:.1} s: {how}; {} done again",
            took.as_secs_f64(),
            plural(*repeated, "action"),
        )),
        Event::Quarantined { what, evidence, .. } => {
            progress.step(format_args!("{what} is left alone from now on: {evidence}"));
        }
        Event::Bridged { how, waited, took, .. } => progress.step(format_args!(
            "the session had ended, {} waited {:.1} s for it: {how}",
            plural(*waited, "request"),
            took.as_secs_f64(),
        )),
        Event::OneBrowser => progress.step("the browsers take the session from each other: one goes on"),
        Event::Fewer { open, asked } => progress.step(format_args!(
            "there is room for {} of {asked}: the others wait for a place",
            plural(*open, "browser"),
        )),
        Event::Replaced { worker, reason } => {
            progress.step(format_args!("browser {worker} is replaced: {reason}"));
        }
        _ => {}
    }
    // A reader who has gone does not end the crawl: its files are the result.
    let _ = output.document(&line(event));
}

/// An event as a line for machines.
fn line(event: &Event) -> serde_json::Value {
    let mut line = match event {
        Event::Opened { worker } => json!({ "event": "opened", "worker": worker }),
        Event::Found { route, title, .. } => json!({ "event": "found", "route": route, "title": title }),
        Event::Fired { worker, action, what, progress: p } => json!({
            "event": "fired", "worker": worker, "action": action.to_string(), "what": what, "states": p.states, "waiting": p.waiting,
            "fired": p.fired, "requests": p.totals.requests, "endpoints": p.totals.endpoints,
            "by_interaction": p.totals.by_interaction,
            "calls": p.totals.calls, "carried": p.totals.carried,
        }),
        Event::SessionLost { worker, evidence, .. } => {
            json!({ "event": "session-lost", "worker": worker, "evidence": evidence })
        }
        Event::Recovered { worker, how, took, repeated } => json!({
            "event": "recovered", "worker": worker, "how": how, "seconds": took.as_secs_f64(), "repeated": repeated,
        }),
        Event::Quarantined { what, evidence, .. } => {
            json!({ "event": "quarantined", "what": what, "evidence": evidence })
        }
        Event::Bridged { evidence, how, waited, took } => json!({
            "event": "bridged", "evidence": evidence, "how": how, "waited": waited, "seconds": took.as_secs_f64(),
        }),
        Event::OneBrowser => json!({ "event": "one-browser" }),
        Event::Checkpoint(checkpoint) => json!({ "event": "checkpoint", "waiting": checkpoint.waiting() }),
        Event::Fewer { open, asked } => json!({ "event": "fewer", "browsers": open, "asked": asked }),
        Event::Replaced { worker, reason } => {
            json!({ "event": "replaced", "worker": worker, "reason": reason })
        }
    };
    line["schema"] = json!("handstamp.crawl/1");
    line
}

/// What was written, in the order in which it is told.
fn files(written: &Written) -> [&PathBuf; 7] {
    let Written { page, urls, requests, endpoints, openapi, graph, har } = written;
    [page, urls, requests, endpoints, openapi, graph, har]
}

pub(super) fn stale(wire: &Wire, living: &Living<Logins>, evidence: &str) -> Result<Exit> {
    wire.output.line(format_args!("not crawled: the session `{}` is logged out", living.name()))?;
    wire.output.line(format_args!("  evidence: {evidence}\n  hint: log in again with `handstamp login`"))?;
    wire.output.document(&json!({
        "schema": "handstamp.crawl/1", "event": "ended", "reason": "stale", "evidence": evidence, "exit": Exit::LoggedOut.code(),
    }))?;
    Ok(Exit::LoggedOut)
}

fn conclude(
    wire: &Wire,
    args: &CrawlArgs,
    outcome: &Outcome,
    written: &Written,
    verdict: &Verdict,
    missed: &[Missed],
) -> Result<Exit> {
    let is_stale = matches!(verdict, Verdict::Stale { .. });
    let exit = match &outcome.end {
        End::Stale { .. } => Exit::LoggedOut,
        End::Cancelled => Exit::Interrupted,
        end if end.is_done() && !is_stale && missed.is_empty() => Exit::Done,
        _ => Exit::Incomplete,
    };
    let (out, totals) = (wire.output, &outcome.totals);
    let seconds = outcome.duration.as_secs();
    out.line(format_args!(
        "{}: {}, {}, {} in {seconds} s",
        outcome.end.word().replace('_', " "),
        plural(outcome.graph.states.len(), "state"),
        plural(totals.endpoints, "endpoint"),
        plural(totals.requests, "request"),
    ))?;
    out.line(format_args!(
        "  {} of the endpoints by interaction, {} by mining alone",
        totals.by_interaction,
        totals.endpoints - totals.by_interaction
    ))?;
    out.line(format_args!(
        "  the session was on {} of {} calls of the application's scripts",
        totals.carried, totals.calls
    ))?;
    out.line(match verdict {
        Verdict::Proven { evidence } => format!("  still logged in: {evidence}"),
        Verdict::Stale { evidence } => format!("  no longer logged in: {evidence}"),
        Verdict::Unproven { reason } => format!("  whether it is still logged in is unproven: {reason}"),
    })?;
    for missed in missed {
        out.line(missed.words())?;
    }
    for file in files(written) {
        out.line(format_args!("  {}", file.display()))?;
    }
    let left = outcome.rest.as_ref().map(Checkpoint::waiting);
    if let Some(left) = left {
        let (left, dir) = (plural(left, "action"), args.folder().display());
        out.line(format_args!("  {left} wait; go on with `--resume {dir}`"))?;
    }
    out.document(&json!({
        "schema": "handstamp.crawl/1", "event": "ended", "reason": outcome.end.word(), "exit": exit.code(), "seconds": seconds,
        "states": outcome.graph.states.len(), "endpoints": totals.endpoints, "requests": totals.requests,
        "by_interaction": totals.by_interaction, "calls": totals.calls, "carried": totals.carried, "verdict": verdict,
        "waiting": left.unwrap_or_default(), "missed": missed.iter().map(Missed::json).collect::<Vec<_>>(),
        "files": files(written),
    }))?;
    Ok(exit)
}
