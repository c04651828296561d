//! What can be had from the driver alone: CDP through it on Chromium, classic commands elsewhere.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::time;

use super::{
    Cookie, Page,
    error::{Error, Result},
};

/// Control of a browser through its driver, for grids and drivers without a socket. It holds for the current tab.
#[derive(Debug)]
pub(super) struct DriverCdp {
    page: Page,
}

impl DriverCdp {
    pub(super) fn new(page: Page) -> Self {
        Self { page }
    }

    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    /// Looks now and then whether the browser is still there.
    pub(super) async fn ended(&self) {
        until_closed(&self.page).await;
    }

    /// All cookies by CDP, or, where the driver has none, those of the current document.
    pub(super) async fn cookies(&self) -> Result<Vec<Cookie>> {
        if let Ok(answer) = self.cdp("Storage.getCookies", json!({})).await {
            return Ok(answer["cookies"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Cookie::from_cdp)
                .collect());
        }
        let answer = self.page.command(Method::GET, "cookie", "get all cookies", None).await?;
        Ok(answer.as_array().into_iter().flatten().filter_map(Cookie::from_classic).collect())
    }

    pub(super) async fn set_cookies(&self, cookies: &[Cookie]) -> Result<()> {
        let cookies: Vec<Value> = cookies.iter().map(Cookie::to_cdp).collect();
        self.cdp("Storage.setCookies", json!({ "cookies": cookies }))
            .await
            .map(drop)
            .map_err(|e| unsupported(e, "set cookies of any domain"))
    }

    pub(super) async fn add_preload(&self, source: &str) -> Result<()> {
        let script = json!({ "source": source });
        let added = self.cdp("Page.addScriptToEvaluateOnNewDocument", script).await;
        added.map(drop).map_err(|e| unsupported(e, "run a script before the page's own"))
    }

    async fn cdp(&self, method: &str, params: Value) -> Result<Value> {
        self.page.post("goog/cdp/execute", method, json!({ "cmd": method, "params": params })).await
    }
}

/// Waits until the browser of a page has no window any more, or its driver none of it.
pub(super) async fn until_closed(page: &Page) {
    while page.windows().await.is_ok_and(|windows| !windows.is_empty()) {
        time::sleep(LOOK_EVERY).await;
    }
}

/// A driver that does not know the command is told apart from one that failed at it; some say so in words of their own.
fn unsupported(error: Error, what: &str) -> Error {
    let is_unknown = error.is_code("unknown command") || error.is_code("unknown method");
    if is_unknown || matches!(error, Error::Protocol { .. }) {
        Error::Unsupported { what: what.into() }
    } else {
        error
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(500);
