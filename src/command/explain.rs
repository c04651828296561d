//! Finds out by trial what a session really is, and tells of each of its tokens.

use anyhow::Result;
use serde_json::json;
use url::Url;

use super::{account::Account, ask, table, wire::Wire};
use crate::{
    browser::{Launch, Traffic},
    cli::{Exit, ExplainArgs, Progress, plural, until},
    harvest,
    session::{Insight, Reference, Reload, State, Verdict, now},
    verify::{self, Budget, End, Part, Shown, Trial},
};

pub(super) async fn run(wire: &Wire, args: &ExplainArgs) -> Result<Exit> {
    let session = wire.reference(args.session.as_ref())?;
    let mut state = wire.load(&session)?;
    let account = ask::account(wire, &session, &state)?;
    let progress = wire.progress(&format!("explaining `{session}`"));
    recall(&mut state);
    let budget = Budget { requests: args.requests, browsers: args.browsers };
    let launch = wire.launch(&args.target, false);
    let asked = Asked { account: &account, launch: &launch, page: args.url.as_ref(), budget };
    let trial = trial(wire, &asked, &mut state, &progress).await?;
    drop(progress);
    keep(wire, &session, &state, &trial)?;
    tell(wire, &session, &state, &trial)
}

/// What a trial of a session needs beside the session.
pub(super) struct Asked<'a> {
    pub(super) account: &'a Account,
    pub(super) launch: &'a Launch,
    /// The page to look at in browsers; by default where the login ended.
    pub(super) page: Option<&'a Url>,
    pub(super) budget: Budget,
}

/// Leaves parts of the session out, on requests and in fresh browsers, and marks the verdicts in what is known of the session.
pub(super) async fn trial(
    wire: &Wire,
    asked: &Asked<'_>,
    state: &mut State,
    progress: &Progress,
) -> Result<Trial> {
    let mut trial = Trial::default();
    let tell = |text: &str| progress.status(text);
    let probe = ask::probe(wire, asked.account, state).await?;
    verify::try_on_requests(&probe, state, asked.budget, &mut trial, &tell).await?;
    progress.step(format_args!("asked with {}", plural(trial.requests, "request")));
    let page = asked.page.cloned().or_else(|| page_of(state));
    if let Some(page) = page.filter(|_| trial.end != End::Dead && asked.budget.browsers > 0) {
        let mut open = async |partial: &State| look(wire, asked.launch, partial, &page).await;
        verify::try_in_browsers(state, asked.budget, &mut trial, &tell, &mut open).await?;
        progress.step(format_args!("looked with {}", plural(trial.browsers, "browser")));
    }
    trial.mark(&mut state.insight);
    if trial.end == End::Dead {
        let evidence = trial.notes.last().cloned().unwrap_or_default();
        state.verdict = Some(Verdict::Stale { evidence });
    }
    Ok(trial)
}

fn page_of(state: &State) -> Option<Url> {
    let known = state.insight.page.clone();
    known.or_else(|| state.recipe.as_ref().map(|recipe| recipe.login_url.clone()))
}

/// What a fresh browser with a part of the session shows, and what it has made of the session.
async fn look(wire: &Wire, launch: &Launch, state: &State, page: &Url) -> Result<Shown> {
    let opened = wire.logged_in(Launch { headed: false, ..launch.clone() }, state).await?;
    let seen = verify::look_in(&opened.browser, page, state).await;
    let left = match &seen {
        Ok(_) => Some(harvest::read(&opened.browser, &Traffic::default(), 0, &[]).await),
        Err(_) => None,
    };
    opened.close().await;
    Ok(Shown { seen: seen?, left: left.transpose()?.map(|harvest| harvest.state) })
}

/// What the session's own contents tell, where no login of ours has left more.
fn recall(state: &mut State) {
    if state.insight.tokens.is_empty() {
        let tokens = harvest::explain(state, &[]);
        let lifetime = Some(harvest::lifetime(state, &tokens, &[]));
        state.insight = Insight { tokens, lifetime, ..state.insight.clone() };
    }
}

/// Keeps the verdicts, and the session itself where it was renewed or has ended.
fn keep(wire: &Wire, reference: &Reference, state: &State, trial: &Trial) -> Result<()> {
    let store = wire.store()?;
    let kept = match trial.end {
        // Others may have renewed it meanwhile: theirs stays.
        End::Alive => State { insight: state.insight.clone(), ..store.load(reference)? },
        _ => state.clone(),
    };
    Ok(store.save(reference, &kept)?)
}

fn tell(wire: &Wire, session: &Reference, state: &State, trial: &Trial) -> Result<Exit> {
    let (exit, reason) = match trial.end {
        End::Dead => (Exit::LoggedOut, "stale"),
        _ if trial.on_requests.sufficient.is_empty() && trial.in_browser.sufficient.is_empty() => {
            (Exit::Incomplete, "undecided")
        }
        _ => (Exit::Done, "explained"),
    };
    wire.output.line(format_args!("session `{session}`"))?;
    for line in table::lines(&table::of_tokens(&state.insight.tokens, now())) {
        wire.output.line(format_args!("  {line}"))?;
    }
    let told = of_trial(&state.insight, trial).into_iter().chain(of_lifetime(&state.insight));
    for line in told.chain([cost(trial)]) {
        wire.output.line(line)?;
    }
    wire.output.document(&json!({
        "schema": "handstamp.explain/1", "session": session.to_string(), "tokens": table::document(&state.insight.tokens),
        "trial": trial, "lifetime": state.insight.lifetime, "reload": state.insight.reload, "reason": reason,
        "exit": exit.code(),
    }))?;
    Ok(exit)
}

/// What the trial proved, in lines.
pub(super) fn of_trial(insight: &Insight, trial: &Trial) -> Vec<String> {
    let mut lines = Vec::new();
    for (sets, of) in [(&trial.on_requests, "requests"), (&trial.in_browser, "a fresh browser")] {
        for (at, set) in sets.sufficient.iter().enumerate() {
            let word = if at == 0 { "enough for" } else { "or for" };
            lines.push(format!("{word} {of}: {}", names(set)));
        }
    }
    if insight.reload == Reload::LogsOut {
        lines.push("reload-logs-out: the token is in memory alone".to_owned());
    }
    lines.extend(trial.notes.iter().map(|note| format!("note: {note}")));
    lines
}

/// What the trial took.
pub(super) fn cost(trial: &Trial) -> String {
    format!("took {} and {}", plural(trial.requests, "request"), plural(trial.browsers, "browser"))
}

/// How long the session lasts and how it is renewed, in lines.
pub(super) fn of_lifetime(insight: &Insight) -> Vec<String> {
    let Some(lifetime) = &insight.lifetime else { return Vec::new() };
    let end = lifetime.ends.map_or_else(|| "unknown".to_owned(), |end| until(end, now()));
    let mut lines = vec![format!("lifetime: ends {end}, told by {}", lifetime.by)];
    if let Some(refresh) = &lifetime.refresh {
        let request = refresh.request.as_ref().map_or_else(String::new, |it| format!(" by {it}"));
        lines.push(format!("refresh: the application renews it{request} with {}", refresh.with));
    }
    lines.push(format!("renewal: {}", lifetime.renewal));
    lines
}

fn names(set: &[Part]) -> String {
    let all: Vec<_> = set.iter().map(ToString::to_string).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(" and ") }
}
