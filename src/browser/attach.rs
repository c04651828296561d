//! Takes hold of a browser that somebody else drives, and leaves it open.

use std::time::Duration;

use fantoccini::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use url::Url;

use super::{
    Control, Page, Protocol,
    cdp::Cdp,
    control::Means,
    error::{Error, Result},
    handle::{directory, means},
};

/// A WebDriver session that somebody else opened.
#[derive(Clone, Debug)]
pub struct Running {
    /// The driver or grid.
    pub webdriver: Url,
    /// The session's identifier.
    pub id: String,
    /// The capabilities that were granted; null where they are not known, and then only classic commands are left.
    pub capabilities: Value,
}

impl Running {
    /// Takes hold of the whole browser, by the best protocol that its capabilities offer.
    ///
    /// Dropping the control lets go of the browser; whoever opened it ends it.
    ///
    /// # Errors
    /// When the driver or the browser cannot be reached, or does not speak the protocol that was asked for.
    pub async fn control(&self, protocol: Protocol, deadline: Duration) -> Result<Control> {
        let page = self.page(deadline).await?;
        Ok(Control(means(protocol, deadline, &self.capabilities, &page).await?))
    }

    /// The current window.
    ///
    /// # Errors
    /// When the address is no driver's.
    pub async fn page(&self, deadline: Duration) -> Result<Page> {
        let url = directory(self.webdriver.clone());
        let lost = |reason: String| Error::DriverLost { url: url.to_string(), reason };
        let client = Client::with_existing_session(url.as_str(), &self.id, HttpConnector::new())
            .await
            .map_err(|e| lost(e.to_string()))?;
        // It would end the session when dropped.
        client.persist().await.map_err(|e| lost(e.to_string()))?;
        Ok(Page::new(client, url.as_str(), deadline))
    }
}

impl Control {
    /// Takes hold of the browser at a DevTools address, for example `ws://127.0.0.1:9222/devtools/browser/…`.
    ///
    /// # Errors
    /// When nothing that speaks CDP is there.
    pub async fn of_devtools(address: &Url, deadline: Duration) -> Result<Self> {
        Ok(Self(Means::Cdp(Cdp::connect(address.as_str(), deadline).await?)))
    }
}
