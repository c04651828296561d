//! Reads everything that a login left behind.

use std::collections::BTreeSet;

use url::Url;

use super::{cookies, error::Error, headers, origins};
use crate::{
    browser::{self, Browser, Control, Exchange, Tab, Traffic},
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

/// Reads the session out of tabs that somebody else opened, all of one jar; that of the last one is the session's page.
///
/// `others` are origins to read whether a tab shows them or not, `traffic` what was seen of the tabs' requests.
///
/// # Errors
/// When the browser fails, and when there is no tab.
pub async fn read_tabs(
    control: &Control,
    tabs: &[Tab],
    others: impl IntoIterator<Item = Origin>,
    traffic: &[Exchange],
) -> Result<Harvest, Error> {
    let page = tabs.last().ok_or(browser::Error::Closed)?;
    let found = control.cookies_of(page).await?;
    let others: BTreeSet<Origin> = others.into_iter().collect();
    let (origins, lost) = origins::read_tabs(control, tabs, others.clone(), traffic).await?;
    let agent = control.agent_in(page).await?;
    let mut state = State {
        cookies: found.into_iter().map(cookies::from_browser).collect(),
        origins,
        user_agent: agent.map(|agent| agent.replace("HeadlessChrome/", "Chrome/")),
        created: now(),
        ..State::default()
    };
    state.headers = headers::read(&[], traffic, &state, &[]);
    state.scope =
        scope(&page.url, &state).into_iter().chain(others).collect::<BTreeSet<_>>().into_iter().collect();
    Ok(Harvest { state, lost })
}

/// The origins that the session belongs to: that of the page, and those that received its tokens at login.
fn scope(page: &Url, state: &State) -> Vec<Origin> {
    let tokens = state.headers.iter().map(|t| t.origin.clone());
    let origins: BTreeSet<Origin> = Origin::of(page).into_iter().chain(tokens).collect();
    origins.into_iter().collect()
}
