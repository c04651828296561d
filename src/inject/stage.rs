//! The proxy in front of a browser that has neither BiDi nor CDP: where it runs, and how it ends.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use url::Url;

use super::{error::Error, hand::Hand};
use crate::{
    browser::{Backstage, Browser, Kind, Launch},
    proxy::{Authority, Client, ClientSettings, Server, Serving, Trust, is_loopback},
};

/// A running proxy in front of one browser; it ends with this value.
///
/// The browser has to trust whatever it signs: the proxy checks the servers' certificates in the browser's place.
#[derive(Debug)]
pub struct Stage {
    backstage: Backstage,
    serving: Serving,
}

/// Opens a browser; one that lacks BiDi and CDP gets a proxy of its own, which does what it can in their place.
///
/// `client` reaches servers where the launch names no proxy.
///
/// # Errors
/// When the browser does not open, or no port is left for its proxy.
pub async fn open(launch: &Launch, client: Option<Client>) -> Result<Browser, Error> {
    if launch.kind != Kind::WebKit {
        return Browser::launch(launch).await.map_err(|source| Error::Closed { source });
    }
    if let Some(driver) = &launch.webdriver {
        ensure_near(launch.kind, driver)?;
    }
    let stage = Stage::start(reaching(launch, client)?).await?;
    let launch = Launch {
        proxy: Some(stage.address()),
        proxy_host: None,
        insecure: true,
        backstage: Some(stage.backstage.clone()),
        ..launch.clone()
    };
    let mut browser = Browser::launch(&launch).await.map_err(|source| Error::Closed { source })?;
    browser.keep(stage);
    Ok(browser)
}

/// Refuses a browser that needs a proxy of its own where its driver is on another machine.
///
/// # Errors
/// When that is so.
pub fn ensure_near(kind: Kind, driver: &Url) -> Result<(), Error> {
    if kind != Kind::WebKit || is_loopback(driver) {
        return Ok(());
    }
    let reason = "its driver is on another machine, and the proxy listens on loopback\nhint: run handstamp there, or use chromium or firefox";
    Err(Error::NoStage { reason: reason.into() })
}

/// What the proxy reaches servers with: through the next proxy where there is one, which then checks their certificates.
fn reaching(launch: &Launch, client: Option<Client>) -> Result<Client, Error> {
    let client = match (launch.proxy, client) {
        (Some(next), _) => Client::with(ClientSettings {
            trust: Trust::Anything,
            upstream: Some(
                format!("http://{next}").parse().map_err(|_| Error::NoStage { reason: "no proxy".into() })?,
            ),
            ..ClientSettings::default()
        }),
        (None, Some(client)) => return Ok(client),
        (None, None) => Client::new(if launch.insecure { &Trust::Anything } else { &Trust::System }),
    };
    client.map_err(|e| Error::NoStage { reason: e.to_string() })
}

impl Stage {
    /// Starts a proxy on loopback that reaches servers through this client.
    ///
    /// # Errors
    /// When no port is left.
    pub async fn start(client: Client) -> Result<Self, Error> {
        let authority = Authority::ephemeral().map_err(|e| Error::NoStage { reason: e.to_string() })?;
        let backstage = Backstage::default();
        let hand = Arc::new(Hand::new(backstage.clone(), client.clone()));
        let serving = Server::new(authority, client).start(Ipv4Addr::LOCALHOST.into(), hand).await;
        let serving = serving.map_err(|e| Error::NoStage { reason: e.to_string() })?;
        Ok(Self { backstage, serving })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.serving.address()
    }

    /// What it does for whoever controls the browser.
    #[must_use]
    pub fn backstage(&self) -> &Backstage {
        &self.backstage
    }
}
