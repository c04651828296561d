//! Crawls as several users, one after the other, and compares who reaches what.

use std::sync::Arc;

use anyhow::Result;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    account::Account,
    crawl::{alive, crawl_as, crawled, living_verdict, redactor, stale, tell, terms},
    failure::Usage,
    logins::Logins,
    roster::Wards,
    table,
    wire::Wire,
};
use crate::{
    cli::{CrawlArgs, Exit, plural},
    crawl::{
        End, Outcome,
        access::{Access, Limits, Subject, Verdict as Judged},
    },
    inject::Mode,
    keep::Living,
    report::{self, About, AccessFiles, access_rows, user_folder},
    session::{Secret, State, Verdict},
};

/// One of those who crawl.
struct Visitor {
    name: String,
    output: report::Output,
    /// The session, and whose it is; nothing for nobody.
    session: Option<(Arc<Living<Logins>>, Account)>,
}

pub(super) async fn run(wire: &Wire, args: &CrawlArgs, stop: CancellationToken) -> Result<Exit> {
    let output = report::Output::create(&args.output)?;
    let wards = Wards::new(wire, &args.target)?;
    let visitors = visitors(wire, args, &wards)?;
    for (living, account) in visitors.iter().filter_map(|visitor| visitor.session.as_ref()) {
        if let Verdict::Stale { evidence } = alive(wire, account, living).await? {
            wards.settle().await;
            return stale(wire, living, &evidence);
        }
    }
    let before = states(&visitors);
    let mut outcomes = Vec::new();
    for visitor in visitors.iter().take_while(|_| !stop.is_cancelled()) {
        outcomes.push(one(wire, args, visitor, &before, stop.child_token()).await?);
    }
    let now = states(&visitors);
    let access = compare(wire, args, &visitors, &outcomes, &stop).await?;
    wards.settle().await;
    let all: Vec<&State> = before.iter().chain(&now).collect();
    let files = output.write_access(&args.url, &access, &redactor(&all))?;
    conclude(wire, &visitors, &outcomes, &access, &files)
}

/// Those who were asked for, each with a folder for what is found.
fn visitors(wire: &Wire, args: &CrawlArgs, wards: &Wards) -> Result<Vec<Visitor>> {
    let config = wire.config()?;
    let visitor = |name: &String| -> Result<Visitor> {
        let output = report::Output::create(&args.output.join(user_folder(name)))?;
        if name == NOBODY {
            return Ok(Visitor { name: name.clone(), output, session: None });
        }
        let Some(config) = &config else {
            let hint = "name it with --config FILE, or write `handstamp.yaml` here";
            return Err(
                Usage::new(&format!("there is no configuration that has the user `{name}`"), hint).into()
            );
        };
        let (context, user) = config.find(wire.common.context.as_deref(), Some(name))?;
        let account = Account::User(Box::new(context.clone()), Box::new(user.clone()));
        Ok(Visitor { name: name.clone(), output, session: Some((wards.user(context, user)?, account)) })
    };
    let mut names = args.users.clone();
    names.dedup();
    names.iter().map(visitor).collect()
}

fn states(visitors: &[Visitor]) -> Vec<State> {
    visitors.iter().filter_map(|v| v.session.as_ref()).map(|(living, _)| living.shared().snapshot()).collect()
}

/// Crawls as one of them, and writes what was found.
async fn one(
    wire: &Wire,
    args: &CrawlArgs,
    visitor: &Visitor,
    before: &[State],
    stop: CancellationToken,
) -> Result<Outcome> {
    let all: Vec<&State> = before.iter().collect();
    let progress = wire.progress(&format!("crawling {} as {}", args.url, visitor.name));
    let living = visitor.session.as_ref().map(|(living, _)| living);
    let events = |event| tell(wire.output, &progress, &event);
    let outcome = crawl_as(wire, args, living, crawled(args, &all), None, events, stop).await?;
    let now = living.map(|living| living.shared().snapshot());
    let verdict = match (&visitor.session, &now) {
        (Some((_, account)), Some(now)) => Some(living_verdict(wire, account, now).await),
        _ => None,
    };
    let about = About {
        user: visitor.session.is_some().then(|| visitor.name.clone()),
        browser: args.target.browser.to_string(),
        verdict: verdict.as_ref().and_then(|verdict| verdict.as_ref().ok()).cloned(),
        terms: terms(args),
    };
    let secrets: Vec<&State> = all.into_iter().chain(&now).collect();
    visitor.output.write(&outcome, &about, &redactor(&secrets))?;
    verdict.transpose()?;
    drop(progress);
    wire.output.line(format_args!(
        "{}: {}, {}, {}, {}",
        visitor.name,
        outcome.end.word().replace('_', " "),
        plural(outcome.graph.states.len(), "state"),
        plural(outcome.totals.endpoints, "endpoint"),
        plural(outcome.totals.requests, "request"),
    ))?;
    Ok(outcome)
}

/// Replays the requests of each as the others, with sessions that were alive before and after.
async fn compare(
    wire: &Wire,
    args: &CrawlArgs,
    visitors: &[Visitor],
    outcomes: &[Outcome],
    stop: &CancellationToken,
) -> Result<Access> {
    let progress = wire.progress("sending the requests of each user as the others");
    for (living, _) in visitors.iter().filter_map(|visitor| visitor.session.as_ref()) {
        living.check_up().await;
    }
    let subjects: Vec<Subject<'_>> =
        visitors.iter().zip(outcomes).map(|(visitor, outcome)| subject(visitor, outcome)).collect();
    let limits = Limits { requests: args.replays, writes: args.replay_writes };
    let mut access = Access::compare(&subjects, &wire.client()?, limits, stop).await;
    for visitor in visitors {
        let Some((living, account)) = &visitor.session else { continue };
        progress.status(format_args!("asking whether {} is still logged in", visitor.name));
        let verdict = living_verdict(wire, account, &living.shared().snapshot()).await;
        if matches!(verdict, Ok(Verdict::Stale { .. })) {
            access.doubt(&visitor.name);
        }
    }
    Ok(access)
}

fn subject<'a>(visitor: &Visitor, outcome: &'a Outcome) -> Subject<'a> {
    let Some((living, _)) = &visitor.session else {
        let name = visitor.name.clone();
        return Subject { name, outcome, stamp: None, secrets: Vec::new(), marks: Vec::new() };
    };
    let state = living.shared().snapshot();
    Subject {
        name: visitor.name.clone(),
        outcome,
        stamp: Some((*living.stamp(Mode::Force)).clone()),
        secrets: state.hidden().into_iter().map(Secret::from).collect(),
        marks: state.recipe.as_ref().and_then(|recipe| recipe.username.clone()).into_iter().collect(),
    }
}

fn conclude(
    wire: &Wire,
    visitors: &[Visitor],
    outcomes: &[Outcome],
    access: &Access,
    files: &AccessFiles,
) -> Result<Exit> {
    let exit = match outcomes {
        all if all.iter().any(|outcome| outcome.end == End::Cancelled) => Exit::Interrupted,
        all if all.len() < visitors.len() => Exit::Interrupted,
        all if all.iter().any(|outcome| matches!(outcome.end, End::Stale { .. })) => Exit::LoggedOut,
        all if all.iter().all(|outcome| outcome.end.is_done()) => Exit::Done,
        _ => Exit::Incomplete,
    };
    let out = wire.output;
    for line in table::lines(&access_rows(&access.matrix)) {
        out.line(line)?;
    }
    let count = |verdict| access.findings.iter().filter(|f| f.ruling.verdict == verdict).count();
    let counts = JUDGED.map(|verdict| (verdict.word(), count(verdict)));
    let told: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    out.line(format_args!("{} as other users: {}", plural(access.requests, "request"), told.join(", ")))?;
    for finding in access.findings.iter().filter(|f| f.ruling.verdict == Judged::Suspicious) {
        let f = finding;
        out.line(format_args!(
            "  {} {} of {} as {}: {}",
            f.method, f.route, f.owner, f.other, f.ruling.evidence
        ))?;
    }
    for file in [&files.page, &files.document] {
        out.line(format_args!("  {}", file.display()))?;
    }
    out.document(&json!({
        "schema": "handstamp.crawl/1", "event": "compared", "exit": exit.code(),
        "users": visitors.iter().zip(outcomes).map(|(visitor, outcome)| json!({
            "user": visitor.name, "reason": outcome.end.word(), "states": outcome.graph.states.len(),
            "endpoints": outcome.totals.endpoints, "requests": outcome.totals.requests,
        })).collect::<Vec<_>>(),
        "replays": access.requests, "left_out": access.left_out,
        "verdicts": counts.into_iter().map(|(word, count)| (word.to_owned(), json!(count))).collect::<serde_json::Map<_, _>>(),
        "files": [&files.page, &files.document],
    }))?;
    Ok(exit)
}

/// Who has no session.
const NOBODY: &str = "anonymous";
const JUDGED: [Judged; 6] =
    [Judged::Suspicious, Judged::Open, Judged::Shared, Judged::Own, Judged::Enforced, Judged::Unstable];
