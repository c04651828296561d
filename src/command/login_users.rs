//! Logs in the users of a configuration, side by side.

use std::sync::Arc;

use anyhow::Result;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{
    account::Account,
    failure,
    logins::{Failed, Logins},
    roster::LOGINS_MOST,
    wire::Wire,
};
use crate::{
    cli::{Exit, Target, plural},
    context::{Context, User},
    session::{Reference, State, Verdict},
};

pub(super) async fn run(wire: &Wire, target: &Target) -> Result<Exit> {
    let users = users(wire)?;
    let store = wire.store()?;
    for (context, user) in &users {
        store.ensure_writable(&context.session(user)?)?;
    }
    let progress = wire.progress(&format!("logging in {}", plural(users.len(), "user")));
    let permits = Arc::new(Semaphore::new(LOGINS_MOST));
    let done = join_all(users.into_iter().map(|user| one(wire, target, user, Arc::clone(&permits)))).await;
    drop(progress);
    let mut worst = Exit::Done;
    for (name, outcome) in &done {
        let exit = tell(wire, name, outcome)?;
        worst = if exit.code() > worst.code() { exit } else { worst };
    }
    let all: Vec<Value> = done.iter().map(|(name, outcome)| document(name, outcome)).collect();
    wire.output.document(&json!({ "schema": "handstamp.logins/1", "users": all, "exit": worst.code() }))?;
    Ok(worst)
}

/// The users who were asked for: the one of `--user`, else all of the context, else all.
fn users(wire: &Wire) -> Result<Vec<(Context, User)>> {
    let asked = wire.common.user.is_some();
    if asked && let Some(one) = wire.user()? {
        return Ok(vec![one]);
    }
    let Some(config) = wire.config()? else {
        return Err(failure::Usage::new(
            "there is nothing to log in to",
            "give an address, or a configuration with --config FILE",
        )
        .into());
    };
    let contexts = match &wire.common.context {
        Some(name) => vec![config.context(Some(name))?.clone()],
        None => config.contexts,
    };
    let pairs = contexts.into_iter().flat_map(|context| {
        let users = context.users.clone();
        users.into_iter().map(move |user| (context.clone(), user))
    });
    Ok(pairs.collect())
}

type Outcome = Result<State, Failed>;

async fn one(
    wire: &Wire,
    target: &Target,
    (context, user): (Context, User),
    permits: Arc<Semaphore>,
) -> (String, Outcome) {
    let name = format!("{}/{}", context.name, user.name);
    let logged_in = async {
        let reference = context.session(&user).map_err(anyhow::Error::from)?;
        let account = Account::User(Box::new(context), Box::new(user));
        let logins = Logins::new(wire.clone(), target.clone(), account, permits);
        Ok(keep(wire, &reference, Box::pin(logins.first()).await?)?)
    };
    (name, Box::pin(logged_in).await)
}

/// Keeps the session, and lifts the mark of failed logins.
fn keep(wire: &Wire, reference: &Reference, state: State) -> Result<State> {
    let store = wire.store()?;
    store.save(reference, &state)?;
    store.accounts().worked(reference)?;
    Ok(state)
}

fn tell(wire: &Wire, name: &str, outcome: &Outcome) -> Result<Exit> {
    let (line, exit) = match outcome {
        Ok(state) => match &state.verdict {
            Some(Verdict::Proven { evidence }) => (format!("logged in, proven by {evidence}"), Exit::Done),
            Some(Verdict::Unproven { reason }) => (format!("unproven: {reason}"), Exit::Incomplete),
            _ => ("unproven: nothing was asked".to_owned(), Exit::Incomplete),
        },
        Err(Failed::Refused(refused)) => (format!("not logged in: {refused}"), Exit::LoggedOut),
        Err(Failed::Broken(error)) => (broken(error), failure::exit(error)),
    };
    wire.output.line(format_args!("{name}: {line}"))?;
    Ok(exit)
}

/// What went wrong, with the hints below.
fn broken(error: &anyhow::Error) -> String {
    let (message, hints) = failure::words(error);
    let hints = hints.iter().map(|hint| format!("\n  hint: {hint}"));
    hints.fold(format!("not logged in: {message}"), |text, hint| text + &hint)
}

fn document(name: &str, outcome: &Outcome) -> Value {
    let failed = |message: &str| json!({ "session": name, "verdict": "failed", "message": message });
    match outcome {
        Ok(state) => json!({ "session": name, "verdict": state.verdict, "expires": state.expires() }),
        Err(Failed::Refused(refused)) => failed(&refused.reason),
        Err(Failed::Broken(error)) => failed(&failure::words(error).0),
    }
}
