//! Gets a session ready that goes to another tool.

use anyhow::Result;

use super::{account::Account, wire::Wire};
use crate::{
    handover::Handed,
    inject::Credentials,
    session::{Method, Reference, State},
};

/// The session of a reference, or of the user who was asked for, with the credentials of HTTP authentication.
pub(super) async fn handed(wire: &Wire, named: Option<&Reference>) -> Result<(Reference, Handed)> {
    let reference = wire.reference(named)?;
    let state = wire.load(&reference)?;
    let account = match wire.user()? {
        Some((context, user)) if named.is_none() => Account::User(Box::new(context), Box::new(user)),
        _ => Account::Recipe(state.recipe.clone()),
    };
    let credentials = credentials(&account, &state).await?;
    let scope = account.scope(&state);
    Ok((reference, Handed::new(state, scope, credentials)?))
}

async fn credentials(account: &Account, state: &State) -> Result<Option<Credentials>> {
    if !matches!(state.method, Method::Http { .. }) {
        return Ok(None);
    }
    let found = account.credentials().await?;
    let username = found.username.unwrap_or_default();
    Ok(Some(Credentials { username, password: found.password }))
}
