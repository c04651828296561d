//! Logs in the users of a configuration, side by side.

use std::sync::Arc;

use anyhow::Result;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{account::Account, failure, logins::Logins, wire::Wire};
use crate::{
    cli::{Exit, Target, plural},
    context::{Context, User},
    keep::{Fault, Login as _, Refused, Why},
    session::{Reference, State, Verdict},
};

pub(super) async fn run(wire: &Wire, target: &Target) -> Result<Exit> {
    let users = users(wire)?;
    let progress = wire.progress(&format!("logging in {}", plural(users.len(), "user")));
    let permits = Arc::new(Semaphore::new(SIDE_BY_SIDE));
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

type Outcome = std::result::Result<State, Refused>;

async fn one(
    wire: &Wire,
    target: &Target,
    (context, user): (Context, User),
    permits: Arc<Semaphore>,
) -> (String, Outcome) {
    let name = format!("{}/{}", context.name, user.name);
    let failed =
        |error: anyhow::Error| Refused { reason: failure::words(&error).0, fault: Fault::Unavailable };
    let reference = match context.session(&user) {
        Ok(reference) => reference,
        Err(error) => return (name, Err(failed(error.into()))),
    };
    let account = Account::User(Box::new(context), Box::new(user));
    let logins = Logins::new(wire.clone(), target.clone(), account, permits);
    let outcome = logins.log_in(&Why::Absent, &State::default()).await;
    let kept = outcome.and_then(|state| keep(wire, &reference, state).map_err(failed));
    (name, kept)
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
        Err(refused) => {
            let exit = if refused.fault == Fault::Unavailable { Exit::Failed } else { Exit::LoggedOut };
            (format!("not logged in: {refused}"), exit)
        }
    };
    wire.output.line(format_args!("{name}: {line}"))?;
    Ok(exit)
}

fn document(name: &str, outcome: &Outcome) -> Value {
    match outcome {
        Ok(state) => json!({ "session": name, "verdict": state.verdict, "expires": state.expires() }),
        Err(refused) => json!({ "session": name, "verdict": "failed", "message": refused.reason }),
    }
}

/// How many browsers log in side by side.
const SIDE_BY_SIDE: usize = 2;
