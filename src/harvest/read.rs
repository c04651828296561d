//! Reads everything that a login left behind.

use std::collections::BTreeSet;

use url::Url;

use super::{cookies, error::Error, headers, origins};
use crate::{
    browser::{Browser, Traffic},
    session::{State, now},
    site::Origin,
};

/// A session as it was found, and what could not be read.
#[derive(Debug)]
pub struct Harvest {
    /// The session.
    pub state: State,
    /// Names of what the session file cannot hold, for example keys that scripts cannot export.
    pub lost: Vec<String>,
}

/// Reads the session: cookies of all domains, storage of all origins that took part, and the headers that the
/// application's script sent after `login` (a mark of the traffic), with where their values came from.
///
/// `credentials` are the user name and password, to recognise headers that are made of them.
///
/// # Errors
/// When the browser fails.
pub async fn read(
    browser: &Browser,
    traffic: &Traffic,
    login: usize,
    credentials: &[&str],
) -> Result<Harvest, Error> {
    let all = traffic.since(0);
    let (before, after) = all.split_at(login.min(all.len()));
    let found = browser.control().cookies().await?;
    let (origins, lost) = origins::read(browser, &all).await?;
    let mut state = State {
        cookies: found.into_iter().map(cookies::from_browser).collect(),
        origins,
        user_agent: Some(browser.user_agent().await?),
        created: now(),
        ..State::default()
    };
    state.headers = headers::read(before, after, &state, credentials);
    let page = browser.page().url().await?;
    state.scope = scope(&page, &state);
    Ok(Harvest { state, lost })
}

/// The origins that the session belongs to: that of the page, and those that received its tokens at login.
fn scope(page: &Url, state: &State) -> Vec<Origin> {
    let tokens = state.headers.iter().map(|t| t.origin.clone());
    let origins: BTreeSet<Origin> = Origin::of(page).into_iter().chain(tokens).collect();
    origins.into_iter().collect()
}
