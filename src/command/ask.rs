//! Asks the application as a session's user, however the session is carried.

use std::sync::Arc;

use anyhow::Result;
use tokio::task::spawn_blocking;
use tracing::warn;
use url::Url;

use super::{account::Account, scripted::Carrier, wire::Wire};
use crate::{
    browser::Exchange,
    session::{Reference, State, Verdict},
    verify::{self, Learned, Probe},
};

/// What asks with the session; reads the credentials where these are what carries it.
pub(super) async fn probe(wire: &Wire, account: &Account, state: &State) -> Result<Probe> {
    let (asked, of) = (account.clone(), state.clone());
    let auth = spawn_blocking(move || asked.http_auth(&of)).await??.map(Arc::new);
    let script = Carrier::load(state, account.scope(state))?.map(|carrier| carrier.scripted);
    Ok(Probe::new(wire.client()?, state).carried_by(auth, script))
}

/// Learns what proves a fresh session: by the patterns that its context gives, where these tell, else by comparing answers.
pub(super) async fn learn(
    wire: &Wire,
    account: &Account,
    state: &State,
    traffic: &[Exchange],
    page: &Url,
) -> Result<Learned> {
    let probe = probe(wire, account, state).await?;
    if let Some(patterns) = account.patterns() {
        let learned = verify::learn_by_patterns(&probe, traffic, page, state, patterns).await?;
        if learned.check.is_some() {
            return Ok(learned);
        }
        warn!("the given patterns do not tell the user from a stranger in any answer: what does is learned");
    }
    let username = state.recipe.as_ref().and_then(|recipe| recipe.username.clone());
    Ok(verify::learn(&probe, traffic, page, state, username.as_deref()).await?)
}

/// What the session's own check says.
pub(super) async fn verdict(wire: &Wire, account: &Account, state: &State) -> Result<Verdict> {
    Ok(verify::check(&probe(wire, account, state).await?, state).await?)
}

/// Whose session it is: a user's of the configuration, else that of whoever is named in it.
pub(super) fn account(wire: &Wire, reference: &Reference, state: &State) -> Result<Account> {
    let contexts = wire.config()?.map(|config| config.contexts).unwrap_or_default();
    let users = contexts.iter().flat_map(|context| context.users.iter().map(move |user| (context, user)));
    let own = |(context, user): &(&crate::context::Context, &crate::context::User)| {
        context.session(user).is_ok_and(|own| own == *reference)
    };
    Ok(match users.into_iter().find(own) {
        Some((context, user)) => Account::User(Box::new(context.clone()), Box::new(user.clone())),
        None => Account::Recipe(state.recipe.clone()),
    })
}
