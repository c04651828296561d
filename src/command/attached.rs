//! Takes hold of a browser that somebody else runs.

use anyhow::Result;
use url::Position;

use super::{failure::Usage, wire::Wire};
use crate::{
    browser::{Control, Protocol, Running, Tab},
    cli::Attached,
};

/// For how long the browser is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// As long as it lives.
    Kept,
    /// For this moment: what lasts longer than our connection comes first.
    Moment,
}

/// Takes hold of it by the best way that was named.
pub(super) async fn control(wire: &Wire, running: &Attached, hold: Hold) -> Result<Control> {
    let deadline = wire.common.timeout.0;
    if let Some(address) = &running.cdp {
        return Ok(Control::of_devtools(address, deadline).await?);
    }
    if let Some(address) = &running.bidi {
        return Ok(Control::of_bidi(address, deadline).await?);
    }
    let (Some(webdriver), Some(id)) = (&running.webdriver, &running.webdriver_session) else {
        return Err(Usage::new("no browser was named", "name one with --webdriver, --cdp or --bidi").into());
    };
    let found = Running::find(wire.driver(webdriver), id.clone(), deadline).await?;
    if hold == Hold::Moment
        && let Ok(control) = found.control(Protocol::Bidi, deadline).await
    {
        return Ok(control);
    }
    let control = found.control(Protocol::Auto, deadline).await?;
    tracing::debug!(by = control.name(), "the browser is held");
    Ok(control)
}

/// The tabs that show pages of the web.
pub(super) async fn web_tabs(control: &Control) -> Result<Vec<Tab>> {
    let tabs = control.tabs().await?;
    Ok(tabs.into_iter().filter(|tab| matches!(tab.url.scheme(), "http" | "https")).collect())
}

/// The address of a tab without what may be secret in it.
pub(super) fn shown(tab: &Tab) -> &str {
    &tab.url[Position::BeforeScheme..Position::AfterPath]
}
