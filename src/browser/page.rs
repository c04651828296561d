//! The seam to one browser: the commands of WebDriver that handstamp uses, each with a deadline.

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fantoccini::Client;
use http::Method;
use serde_json::{Value, json};
use tokio::time;
use tracing::trace;
use url::Url;

use super::{
    Element,
    error::{Error, Result},
    wire::Command,
};

/// A browser's current window, over WebDriver; clones drive the same window.
#[derive(Clone)]
pub struct Page {
    client: Client,
    driver: Arc<str>,
    deadline: Duration,
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Page({})", self.driver)
    }
}

impl Page {
    pub(super) fn new(client: Client, driver: &str, deadline: Duration) -> Self {
        Self { client, driver: driver.into(), deadline }
    }

    /// The address of the driver or grid.
    pub(super) fn driver(&self) -> &str {
        &self.driver
    }

    /// The deadline of each command.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Opens an address (see 10.1 Navigate To of the WebDriver standard) and waits until its document is parsed.
    ///
    /// # Errors
    /// [`Error::Navigation`] when the address cannot be reached or its certificate is not trusted.
    pub async fn goto(&self, url: &Url) -> Result<()> {
        let answer = self.post("url", "navigate", json!({ "url": url.as_str() })).await;
        if let Err(error) = answer {
            return Err(navigation_error(url, error));
        }
        // chromedriver calls it a success when the browser shows its own error page instead.
        let address = self.evaluate("return String(location.href)", &[]).await.unwrap_or_default();
        match address.as_str() {
            Some(shown) if shown.starts_with("chrome-error:") => Err(self.error_page(url).await),
            _ => Ok(()),
        }
    }

    /// Loads the current document again.
    pub async fn reload(&self) -> Result<()> {
        self.post("refresh", "refresh", json!({})).await.map(drop)
    }

    /// Goes back one step in the history.
    pub async fn back(&self) -> Result<()> {
        self.post("back", "back", json!({})).await.map(drop)
    }

    /// The address of the top-level document.
    pub async fn url(&self) -> Result<Url> {
        let value = self.command(Method::GET, "url", "get current url", None).await?;
        let text = value.as_str().unwrap_or_default();
        Url::parse(text).map_err(|_| Error::Protocol { command: "get current url".into() })
    }

    /// The document's title.
    pub async fn title(&self) -> Result<String> {
        let value = self.command(Method::GET, "title", "get title", None).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Runs the body of a function in the page and gives its value (see 13.2.1 Execute Script); promises are awaited.
    pub async fn evaluate(&self, script: &str, args: &[Value]) -> Result<Value> {
        self.post("execute/sync", "execute script", json!({ "script": script, "args": args })).await
    }

    /// The first element that a CSS selector finds, if any.
    pub async fn find(&self, css: &str) -> Result<Option<Element>> {
        let body = json!({ "using": "css selector", "value": css });
        match self.post("element", "find element", body).await {
            Ok(value) => Ok(Element::from_value(&value)),
            Err(e) if e.is_code("no such element") => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Clicks in the middle of an element, as a person would (see 12.5.1 Element Click).
    pub async fn click(&self, element: &Element) -> Result<()> {
        self.post(&format!("element/{}/click", element.id()), "click", json!({})).await.map(drop)
    }

    /// Empties a field (see 12.5.2 Element Clear).
    pub async fn clear(&self, element: &Element) -> Result<()> {
        self.post(&format!("element/{}/clear", element.id()), "clear", json!({})).await.map(drop)
    }

    /// Types text into an element, key by key (see 12.5.3 Element Send Keys).
    pub async fn type_text(&self, element: &Element, text: &str) -> Result<()> {
        self.post(&format!("element/{}/value", element.id()), "type", json!({ "text": text })).await.map(drop)
    }

    /// Performs input actions (see 15 Actions); `actions` is the list of input sources.
    pub async fn perform(&self, actions: &Value) -> Result<()> {
        self.post("actions", "perform actions", json!({ "actions": actions })).await.map(drop)
    }

    /// Presses one key on whatever has the focus, for example `"\u{E00C}"` for Escape (see 15.4.2 Keyboard Actions).
    pub async fn press(&self, key: &str) -> Result<()> {
        let strokes = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        self.perform(&json!([{ "type": "key", "id": "keyboard", "actions": strokes }])).await
    }

    /// A picture of the viewport, as PNG.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        let value = self.command(Method::GET, "screenshot", "take screenshot", None).await?;
        STANDARD
            .decode(value.as_str().unwrap_or_default())
            .map_err(|_| Error::Protocol { command: "take screenshot".into() })
    }

    /// The handles of all windows and tabs.
    pub async fn windows(&self) -> Result<Vec<String>> {
        let value = self.command(Method::GET, "window/handles", "get window handles", None).await?;
        Ok(value.as_array().into_iter().flatten().filter_map(|h| h.as_str().map(str::to_owned)).collect())
    }

    /// The handle of the current window.
    pub async fn window(&self) -> Result<String> {
        let value = self.command(Method::GET, "window", "get window handle", None).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Makes another window the current one.
    pub async fn switch_to(&self, handle: &str) -> Result<()> {
        self.post("window", "switch to window", json!({ "handle": handle })).await.map(drop)
    }

    /// Opens a new tab and gives its handle; the current window stays the current one.
    pub async fn new_tab(&self) -> Result<String> {
        let value = self.post("window/new", "new window", json!({ "type": "tab" })).await?;
        value["handle"].as_str().map(str::to_owned).ok_or(Error::Protocol { command: "new window".into() })
    }

    /// Closes the current window.
    pub async fn close_window(&self) -> Result<()> {
        self.command(Method::DELETE, "window", "close window", None).await.map(drop)
    }

    /// Goes into a frame.
    pub async fn enter_frame(&self, frame: &Element) -> Result<()> {
        self.post("frame", "switch to frame", json!({ "id": frame.to_value() })).await.map(drop)
    }

    /// Goes back to the top-level document.
    pub async fn leave_frames(&self) -> Result<()> {
        self.post("frame", "switch to frame", json!({ "id": null })).await.map(drop)
    }

    pub(super) async fn post(&self, path: &str, name: &str, body: Value) -> Result<Value> {
        self.command(Method::POST, path, name, Some(body)).await
    }

    pub(super) async fn command(
        &self,
        method: Method,
        path: &str,
        name: &str,
        body: Option<Value>,
    ) -> Result<Value> {
        trace!(name, "command");
        let command = Command { method, path: path.to_owned(), body };
        match time::timeout(self.deadline, self.client.issue_cmd(command)).await {
            Ok(answer) => answer.map_err(|e| Error::of_command(name, &self.driver, e)),
            Err(_) => Err(Error::Timeout { command: name.to_owned(), after: self.deadline }),
        }
    }

    async fn error_page(&self, url: &Url) -> Error {
        let script = "return (document.querySelector('#error-code, .error-code')?.textContent || document.title || '').trim()";
        let reason = self.evaluate(script, &[]).await.unwrap_or_default();
        let reason =
            reason.as_str().filter(|r| !r.is_empty()).unwrap_or("the browser shows an error page").to_owned();
        Error::Navigation { url: plain(url), hint: hint(&reason).to_owned(), reason }
    }
}

fn navigation_error(url: &Url, error: Error) -> Error {
    let Error::Command { code, message, .. } = &error else { return error };
    let reason = if code == "insecure certificate" { code } else { message };
    let is_network = code == "insecure certificate"
        || ["net::", "neterror", "certificate"].iter().any(|w| message.contains(w));
    if !is_network {
        return error;
    }
    Error::Navigation { url: plain(url), reason: short_reason(reason), hint: hint(reason).to_owned() }
}

/// Firefox tells an address `about:neterror?e=connectionFailure&…`, Chromium `unknown error: net::ERR_…`.
fn short_reason(reason: &str) -> String {
    if let Some((_, rest)) = reason.split_once("neterror?e=") {
        return rest.split('&').next().unwrap_or(rest).to_owned();
    }
    match reason.find("net::") {
        Some(at) => reason[at..].split_whitespace().next().unwrap_or(reason).to_owned(),
        None => reason.to_owned(),
    }
}

fn hint(reason: &str) -> &'static str {
    let reason = reason.to_ascii_lowercase();
    if reason.contains("cert") {
        "name the certificate authority with --ca FILE, or accept any certificate with --insecure"
    } else if reason.contains("name_not_resolved") || reason.contains("dnsnotfound") {
        "is the host name right?"
    } else {
        "is the application running, and the address right?"
    }
}

/// An address without what may be secret in it.
fn plain(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_password(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_failed_navigation_is_told_shortly() {
        assert_eq!(short_reason("unknown error: net::ERR_CONNECTION_REFUSED"), "net::ERR_CONNECTION_REFUSED");
        assert_eq!(
            short_reason("Reached error page: about:neterror?e=connectionFailure&u=http%3A//x"),
            "connectionFailure"
        );
    }

    #[test]
    fn a_certificate_that_is_not_trusted_has_its_own_hint() {
        assert!(hint("net::ERR_CERT_AUTHORITY_INVALID").contains("--ca"));
        assert!(hint("net::ERR_NAME_NOT_RESOLVED").contains("host name"));
    }
}
