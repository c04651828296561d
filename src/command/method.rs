//! Settles how a fresh session goes onto requests, and proves it that way.

use std::{env, sync::Arc};

use anyhow::Result;
use serde_json::{Value, json};
use tracing::debug;
use url::Url;

use super::{account::Account, prove::prove, scripted::Carrier, wire::Wire};
use crate::{
    browser::{Exchange, Launch},
    cli::{Chosen, Progress},
    harvest::{self, Detected},
    inject::{self, HttpAuth},
    login::{Credentials, Refusal},
    session::{HttpScheme, Method, Recipe, State, Verdict},
    verify::{self, Probe},
};

/// The traffic of a login, who logged in, and the page that it ended on.
pub(super) struct Made<'a> {
    pub(super) traffic: &'a [Exchange],
    pub(super) credentials: &'a Credentials,
    pub(super) page: &'a Url,
}

/// Gives the session its method and the values that its templates need, proves it with that method, and tells what the
/// login itself speaks for.
pub(super) async fn settle(
    wire: &Wire,
    launch: &Launch,
    state: &mut State,
    made: &Made<'_>,
    chosen: Chosen,
    progress: &Progress,
) -> Result<Detected> {
    let password = Some(made.credentials.password.expose());
    let mut detected = harvest::detect(state, made.traffic, password);
    let (method, is_guess) = match chosen {
        Chosen::Explicit(method) => (method, false),
        Chosen::Autodetect => (detected.method.clone(), true),
    };
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
    prove(wire, &account, launch, state, made.traffic, made.page, progress).await?;
    let is_proven = matches!(state.verdict, Some(Verdict::Proven { .. }));
    if is_guess && !is_proven && !is_http && method != Method::Browser {
        detected.reasons.insert(0, format!("{} could not be proven", method.word()));
        detected.method = Method::Browser;
        state.method = Method::Browser;
        prove(wire, &account, launch, state, made.traffic, made.page, progress).await?;
    } else {
        state.method = method;
    }
    Ok(detected)
}

/// The session of HTTP authentication: nothing is sent to log in, but the address is asked with the credentials, and
/// with what else was found.
pub(super) async fn by_credentials(
    wire: &Wire,
    scheme: HttpScheme,
    recipe: Recipe,
    credentials: &Credentials,
    found: State,
) -> Result<std::result::Result<State, (Refusal, String)>> {
    let url = recipe.login_url.clone();
    let mut state = State { recipe: Some(recipe), ..found };
    let username = credentials.username.clone().unwrap_or_default();
    let known = inject::Credentials { username, password: credentials.password.clone() };
    let auth = HttpAuth::new(scheme, known)
        .map_err(|error| super::failure::Usage::new(first(&error), "check the user name and the password"))?;
    let probe = Probe::new(wire.client()?, &state).carried_by(Some(Arc::new(auth)), None);
    let learned = verify::learn(&probe, &[], &url, &state, credentials.username.as_deref()).await?;
    debug!(verdict = ?learned.verdict, "learned");
    if learned.check.is_none() {
        let denied = probe.denial(&url).await?;
        if let Some(evidence) = denied {
            return Ok(Err((Refusal::Refused, evidence)));
        }
    }
    (state.check, state.verdict) = (learned.check, Some(learned.verdict));
    Ok(Ok(state))
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
