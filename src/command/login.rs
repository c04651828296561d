//! Logs in, harvests the session, proves it, and keeps it.

use std::{
    io::{self, BufRead as _},
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tracing::warn;
use url::Url;

use super::{
    account::{self, Account, totp_of_recipe},
    attempt::{Attempt, Way, walk},
    explain, failure,
    login_report::{Told, of_error, of_refusal, of_verdict},
    method::{self, Made},
    show,
    wire::Wire,
};
use crate::{
    cli::{Chosen, Exit, LoginArgs, plural},
    harvest::{self, Detected},
    login::{Credentials, Refusal},
    report::{Diary, LoginReport},
    session::{Credential, Method, Recipe, Secret, State, Verdict},
    verify::{Budget, Candidate, Trial},
};

pub(super) async fn run(wire: &Wire, args: &LoginArgs) -> Result<Exit> {
    let Some(url) = &args.url else { return super::login_users::run(wire, &args.target).await };
    require_web(url)?;
    if args.manual && !args.headed && args.target.webdriver.is_none() {
        bail!(failure::Usage::new("nobody can log in to a browser that is not shown", "add --headed"));
    }
    let (reference, password) = password(args)?;
    let totp = args.totp();
    let made_of = totp.as_ref().map(totp_of_recipe).transpose()?;
    let username = args.username.clone();
    let credentials = Credentials { username, password, totp: made_of, ..Credentials::default() };
    let chosen =
        args.method.chosen().map_err(|told| failure::Usage::new(told, "see `handstamp login --help`"))?;
    let store = wire.store()?;
    store.ensure_writable(&args.session)?;
    let username = args.username.clone();
    let steps = args.recipe.as_deref().map(std::path::absolute).transpose()?;
    let recipe = Recipe { login_url: url.clone(), username, password: reference, totp, steps };
    let diary = args.report.as_deref().map(LoginReport::begin).transpose()?.map(Arc::new);
    let password = credentials.password.clone();
    let made = made(wire, args, chosen, recipe, (credentials, diary.clone())).await;
    let report = |ruling, session| match &diary {
        Some(diary) => Told { wire, args, diary, password: &password, ruling, session }.write(),
        None => Ok(()),
    };
    let mut session = match made {
        Ok(Ok(made)) => made,
        Ok(Err((refusal, evidence))) => {
            let exit = refused(wire, refusal, &evidence)?;
            report(of_refusal(refusal, &evidence, exit), None)?;
            return Ok(exit);
        }
        Err(error) => {
            report(of_error(&error), None)?;
            return Err(error);
        }
    };
    if args.report.is_some() {
        session.trial = tried(wire, args, &mut session.state).await?;
    }
    let state = &session.state;
    store.save(&args.session, state)?;
    store.accounts().worked(&args.session)?;
    let exit = tell(wire, args, state, session.detected.as_ref())?;
    report(of_verdict(state.verdict.as_ref(), exit.code()), Some(&session))?;
    Ok(exit)
}

/// A session that was made, and what is known of it.
pub(super) struct Session {
    pub(super) state: State,
    pub(super) detected: Option<Detected>,
    /// The requests that were looked at as proof.
    pub(super) candidates: Vec<Candidate>,
    /// What leaving parts out has shown.
    pub(super) trial: Option<Trial>,
}

/// What leaving parts of a proven session out shows.
async fn tried(wire: &Wire, args: &LoginArgs, state: &mut State) -> Result<Option<Trial>> {
    if !matches!(state.verdict, Some(Verdict::Proven { .. })) {
        return Ok(None);
    }
    let progress = wire.progress("leaving parts of the session out, to see which are needed");
    let (account, launch) = (Account::Recipe(state.recipe.clone()), wire.launch(&args.target, false));
    let asked = explain::Asked { account: &account, launch: &launch, page: None, budget: Budget::default() };
    Ok(Some(explain::trial(wire, &asked, state, &progress).await?))
}

/// A session with its verdict, through the form in a browser or, where the method needs no login, without one.
async fn made(
    wire: &Wire,
    args: &LoginArgs,
    chosen: Chosen,
    recipe: Recipe,
    (credentials, diary): (Credentials, Option<Arc<Diary>>),
) -> Result<std::result::Result<Session, (Refusal, String)>> {
    let url = recipe.login_url.clone();
    let progress = wire.progress(&format!("logging in to {}", url.host_str().unwrap_or_default()));
    if let Chosen::Explicit(Method::Http { scheme }) = chosen {
        let state = harvest::from_credentials(&url, scheme);
        let made = Made { traffic: &[], credentials: &credentials, page: &url };
        return method::by_credentials(wire, scheme, State { recipe: Some(recipe), ..state }, &made).await;
    }
    let launch = wire.launch(&args.target, args.headed);
    let person = (args.headed || args.manual).then_some(args.wait_for_person.0);
    let way = if args.manual { Way::Manual } else { Way::Found };
    let flow = account::steps(recipe.steps.as_deref())?;
    let attempt = Attempt { url, credentials, flow, launch, diary, person, way };
    let found = match walk(wire, &attempt, &progress).await? {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    for name in &found.harvest.lost {
        warn!(%name, "this cannot be kept");
    }
    if let Method::Http { scheme } = found.harvest.state.method {
        let state = State { recipe: Some(recipe), ..found.harvest.state };
        let made = Made { traffic: &found.traffic, credentials: &attempt.credentials, page: &found.page };
        return method::by_credentials(wire, scheme, state, &made).await;
    }
    let mut state = State { recipe: Some(recipe), ..found.harvest.state };
    let launch = wire.launch(&args.target, false);
    let made = Made { traffic: &found.traffic, credentials: &attempt.credentials, page: &found.page };
    let (detected, candidates) = method::settle(wire, &launch, &mut state, &made, chosen, &progress).await?;
    Ok(Ok(Session { state, detected: Some(detected), candidates, trial: None }))
}

/// The password, and a reference to where it can be read again.
fn password(args: &LoginArgs) -> Result<(Option<Credential>, Secret)> {
    let reference = match (&args.password_env, &args.password_file) {
        (Some(name), _) => Credential::Env(name.clone()),
        (_, Some(file)) => Credential::File(std::path::absolute(file)?),
        _ if args.manual => return Ok((None, Secret::default())),
        _ if args.password_stdin => return Ok((None, from_stdin()?)),
        _ => {
            let Some(password) = &args.password else {
                bail!(failure::Usage::new(
                    "no password was given",
                    "name a variable with --password-env VAR, or use --password-stdin"
                ));
            };
            warn!(
                "a password on the command line can be read by others on this machine; prefer --password-env"
            );
            return Ok((None, Secret::from(password.as_str())));
        }
    };
    let secret = reference.resolve()?;
    Ok((Some(reference), secret))
}

fn from_stdin() -> Result<Secret> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("cannot read the password from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!(failure::Usage::new(
            "there is no password on standard input",
            "for example `pass show app | handstamp login …`"
        ));
    }
    Ok(Secret::from(password))
}

fn refused(wire: &Wire, refusal: Refusal, evidence: &str) -> Result<Exit> {
    wire.output.line(format_args!("not logged in: {}", refusal.message()))?;
    wire.output.line(format_args!("  evidence: {evidence}"))?;
    wire.output.line(format_args!("  hint: {}", refusal.hint()))?;
    let exit = failure::exit_of(refusal);
    wire.output.document(&json!({
        "schema": "handstamp.login/1", "verdict": "failed", "reason": refusal.reason(), "message": refusal.message(),
        "evidence": evidence, "hint": refusal.hint(), "exit": exit.code(),
    }))?;
    Ok(exit)
}

fn tell(wire: &Wire, args: &LoginArgs, state: &State, detected: Option<&Detected>) -> Result<Exit> {
    let out = wire.output;
    let (word, evidence, exit) = match &state.verdict {
        Some(Verdict::Proven { evidence }) => ("proven", evidence.as_str(), Exit::Done),
        Some(Verdict::Stale { evidence }) => ("stale", evidence.as_str(), Exit::Incomplete),
        Some(Verdict::Unproven { reason }) => ("unproven", reason.as_str(), Exit::Incomplete),
        None => ("unproven", "nothing was asked", Exit::Incomplete),
    };
    if exit == Exit::Done {
        out.line(format_args!("logged in, proven by {evidence}"))?;
    } else {
        out.line(format_args!("the form went through, but the login is {word}: {evidence}"))?;
        out.line("  hint: look at it with `handstamp open`, and mind that a crawl may run logged out")?;
    }
    for line in show::contents(state) {
        out.line(format_args!("  {line}"))?;
    }
    if let Some(found) = detected.filter(|_| wire.common.verbose > 0) {
        let why = found.reasons.join("; ");
        out.line(format_args!("  session management: {}, because {why}", found.method.word()))?;
        if found.method != state.method {
            out.line(format_args!("  it goes onto requests by the method {}", state.method.word()))?;
        }
    }
    let cannot_renew = state.recipe.as_ref().is_some_and(|r| r.password.is_none());
    out.line(format_args!("kept as `{}`", args.session))?;
    if cannot_renew {
        out.line(
            "  note: it cannot be renewed by itself, since no variable or file with the password was named",
        )?;
    }
    let mut document = show::document(state);
    document["schema"] = json!("handstamp.login/1");
    document["session"] = json!(args.session.to_string());
    document["reason"] = Value::from(if exit == Exit::Done { "logged-in" } else { "unproven" });
    document["exit"] = json!(exit.code());
    document["sessionManagement"] = method::document(state, detected);
    out.document(&document)?;
    tracing::debug!(tokens = %plural(state.tokens().len(), "token"), "kept");
    Ok(exit)
}

/// Refuses addresses that no browser can log in at.
pub(super) fn require_web(url: &Url) -> Result<()> {
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        bail!(failure::Usage::new(
            &format!("`{url}` is no web address"),
            "begin it with http:// or https://"
        ));
    }
    Ok(())
}
