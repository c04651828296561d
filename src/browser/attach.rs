//! Takes hold of a browser that somebody else drives, and leaves it open.

use std::time::Duration;

use fantoccini::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::Url;

use super::{
    Backstage, Control, Page, Protocol,
    bidi::Bidi,
    cdp::Cdp,
    control::Means,
    error::{Error, Result},
    fetch::fetch,
    handle::{directory, means},
    proxied::Proxied,
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
    /// A session that is known by its identifier alone: asks the driver or grid what was granted to it.
    ///
    /// chromedriver tells it, and a Selenium Grid does; geckodriver does not.
    ///
    /// # Errors
    /// When nobody answers there, or the driver has no such session.
    pub async fn find(webdriver: Url, id: String, deadline: Duration) -> Result<Self> {
        let at = directory(webdriver.clone());
        let capabilities = match of_sessions(&at, &id).await? {
            Value::Null => of_grid(&at, &id).await,
            found => found,
        };
        let running = Self { webdriver, id, capabilities };
        // Says at once, in the driver's own words, when there is no such session.
        running.page(deadline).await?.windows().await?;
        Ok(running)
    }

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

    /// Takes hold of a browser that lacks BiDi and CDP, and that uses the proxy of this agreement.
    ///
    /// # Errors
    /// When the address is no driver's.
    pub async fn behind(&self, backstage: Backstage, deadline: Duration) -> Result<Control> {
        Ok(Control(Means::Proxied(Proxied::new(self.page(deadline).await?, backstage))))
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
    /// Takes hold of the browser at a DevTools address, for example `ws://127.0.0.1:9222/devtools/browser/…`, or at that of
    /// its debugging port: `http://127.0.0.1:9222`.
    ///
    /// # Errors
    /// When nothing that speaks CDP is there.
    pub async fn of_devtools(address: &Url, deadline: Duration) -> Result<Self> {
        let socket = match address.scheme() {
            "ws" => address.to_string(),
            _ => of_port(address).await?,
        };
        Ok(Self(Means::Cdp(Cdp::connect(&socket, deadline).await?)))
    }

    /// Takes hold of the browser at the BiDi address of a session, its capability `webSocketUrl`.
    ///
    /// # Errors
    /// When nothing that speaks BiDi is there.
    pub async fn of_bidi(address: &Url, deadline: Duration) -> Result<Self> {
        let bidi = Bidi::connect(address.as_str(), deadline).await?;
        // The socket of a browser that has no session opens as well.
        bidi.sender().call("browsingContext.getTree", json!({ "maxDepth": 0 }), None).await?;
        Ok(Self(Means::Bidi(bidi)))
    }
}

/// The DevTools address of the browser behind a debugging port.
async fn of_port(address: &Url) -> Result<String> {
    let version =
        fetch(directory(address.clone()).join("json/version").unwrap_or(address.clone()).as_str()).await?;
    let found = version["webSocketDebuggerUrl"].as_str().map(str::to_owned);
    found.ok_or_else(|| Error::DriverLost {
        url: address.to_string(),
        reason: "no browser's debugging port is there".into(),
    })
}

/// What chromedriver tells of its sessions (`GET /sessions`, of the protocol before the standard); null where it is another driver.
async fn of_sessions(at: &Url, id: &str) -> Result<Value> {
    let Ok(address) = at.join("sessions") else { return Ok(Value::Null) };
    let answer = match fetch(address.as_str()).await {
        Ok(answer) => answer,
        Err(error) => {
            return if fetch(at.join("status").unwrap_or(address).as_str()).await.is_ok() {
                Ok(Value::Null)
            } else {
                Err(error)
            };
        }
    };
    let sessions = answer["value"].as_array().into_iter().flatten();
    let own = sessions.into_iter().find(|s| s["id"] == id || s["sessionId"] == id);
    Ok(own.map(|s| s["capabilities"].clone()).unwrap_or_default())
}

/// What a Selenium Grid tells of the sessions in its slots.
async fn of_grid(at: &Url, id: &str) -> Value {
    let Ok(address) = at.join("status") else { return Value::Null };
    let status = fetch(address.as_str()).await.unwrap_or_default();
    let nodes = status["value"]["nodes"].as_array().into_iter().flatten();
    let slots = nodes.flat_map(|node| node["slots"].as_array().into_iter().flatten());
    let own = slots.map(|slot| &slot["session"]).find(|session| session["sessionId"] == id);
    own.map(|session| session["capabilities"].clone()).unwrap_or_default()
}
