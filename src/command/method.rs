//! Settles how a fresh session goes onto requests, and proves it that way.

use std::{env, sync::Arc};

use anyhow::Result;
use serde_json::{Value, json};
use tracing::debug;
use url::Url;

use super::{account::Account, login::Session, prove::prove, scripted::Carrier, wire::Wire};
use crate::{
    browser::{Exchange, Launch},
    cli::{Chosen, Progress},
    harvest::{self, Detected},
    inject::{self, HttpAuth},
    login::{Credentials, Refusal},
    session::{HttpScheme, Method, State, Verdict},
    verify::{self, Candidate, Probe},
};

/// The traffic of a login, who logged in, and the page that it ended on.
pub(super) struct Made<'a> {
    pub(super) traffic: &'a [Exchange],
    pub(super) credentials: &'a Credentials,
    pub(super) page: &'a Url,
}

/// Gives the session its method and the values that its templates need, proves it with that method, and tells what the
/// login itself speaks for, and which requests were looked at as proof.
pub(super) async fn settle(
    wire: &Wire,
    launch: &Launch,
    state: &mut State,
    made: &Made<'_>,
    chosen: Chosen,
    progress: &Progress,
) -> Result<(Detected, Vec<Candidate>)> {
    let password = Some(made.credentials.password.expose());
    let mut detected = harvest::detect(state, made.traffic, password);
    let (method, is_guess) = match chosen {
        Chosen::Explicit(method) => (method, false),
        Chosen::Autodetect => (detected.method.clone(), true),
    };
    state.insight = harvest::insight(state, made.traffic, made.page);
    state.values = harvest::capture(&method, made.traffic, password, |name| env::var(name).ok());
    if let Method::Script { .. } = method {
        state.method = method.clone();
        if let Some(carrier) = Carrier::load(state, state.reach())? {
            carrier.learn(state, made.traffic, password).await?;
        }
    }
    // The harvest itself has the header that credentials make: it is what can be proven without them.
    let is_http = matches!(method, Method::Http { .. });
    state.method = if is_http { Method::Browser } else { method.clone() };
    let account = Account::Recipe(state.recipe.clone());
    let mut candidates = prove(wire, &account, launch, state, made.traffic, made.page, progress).await?;
    let is_proven = matches!(state.verdict, Some(Verdict::Proven { .. }));
    if is_guess && !is_proven && !is_http && method != Method::Browser {
        detected.reasons.insert(0, format!("{} could not be proven", method.word()));
        detected.method = Method::Browser;
        state.method = Method::Browser;
        candidates = prove(wire, &account, launch, state, made.traffic, made.page, progress).await?;
    } else {
        state.method = method;
    }
    Ok((detected, candidates))
}

/// The session of HTTP authentication: nothing is sent to log in, but the address is asked with the credentials, and
/// with what else was found.
pub(super) async fn by_credentials(
    wire: &Wire,
    scheme: HttpScheme,
    mut state: State,
    made: &Made<'_>,
) -> Result<std::result::Result<Session, (Refusal, String)>> {
    let username = made.credentials.username.clone().unwrap_or_default();
    let known = inject::Credentials { username, password: made.credentials.password.clone() };
    let auth = HttpAuth::new(scheme, known)
        .map_err(|error| super::failure::Usage::new(first(&error), "check the user name and the password"))?;
    let probe = Probe::new(wire.client()?, &state).carried_by(Some(Arc::new(auth)), None);
    let user = made.credentials.username.as_deref();
    let learned = verify::learn(&probe, made.traffic, made.page, &state, user).await?;
    debug!(verdict = ?learned.verdict, "learned");
    if learned.check.is_none()
        && let Some(evidence) = probe.denial(made.page).await?
    {
        return Ok(Err((Refusal::Refused, evidence)));
    }
    (state.check, state.verdict) = (learned.check, Some(learned.verdict));
    state.insight = harvest::insight(&state, made.traffic, made.page);
    let reasons = vec!["the server asks for the credentials itself, with a challenge".to_owned()];
    let detected = Detected { method: state.method.clone(), reasons };
    Ok(Ok(Session { state, detected: Some(detected), candidates: learned.candidates, trial: None }))
}

/// The method for machines: what the session has, what speaks for which, and the configuration to paste.
pub(super) fn document(state: &State, detected: Option<&Detected>) -> Value {
    json!({
        "method": state.method.word(),
        "detected": detected.map(|found| json!({
            "method": found.method.word(), "reasons": found.reasons, "yaml": found.yaml(),
        })),
    })
}

fn first(error: &inject::Unanswered) -> &'static str {
    match error {
        inject::Unanswered::Unfit { scheme: "Basic" } => {
            "Basic authentication cannot carry these credentials"
        }
        _ => "Bearer authentication cannot carry these credentials",
    }
}
