//! Puts the session back into a browser that is open and has lost its copy.

use url::Url;

use super::recorder::Recorder;
use crate::{
    browser::{Browser, Error},
    inject,
    session::State,
};

/// Writes cookies and storage anew, on empty pages that the proxy gives in the place of the application's.
///
/// The application has no page open meanwhile, and none is open afterwards.
pub(super) async fn refill(browser: &Browser, recorder: &Recorder, state: &State) -> Result<(), Error> {
    recorder.stand_in(true);
    let outcome = write(browser, state).await;
    recorder.stand_in(false);
    outcome
}

async fn write(browser: &Browser, state: &State) -> Result<(), Error> {
    let (page, nowhere) = (browser.page(), Url::parse("about:blank").expect("it is a valid address"));
    page.goto(&nowhere).await?;
    browser.control().set_cookies(&inject::browser_cookies(state)).await?;
    for origin in state.origins.iter().filter(|origin| inject::has_storage(origin)) {
        page.goto(&origin.origin.url()).await?;
        page.evaluate(&inject::rewriting(origin), &[]).await?;
    }
    page.goto(&nowhere).await
}
