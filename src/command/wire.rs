//! Joins settings and rooms: what every command needs from its surroundings.

use anyhow::{Context as _, Result};

use super::relay::Relay;
use crate::{
    browser::{Browser, Launch},
    cli::{Common, Environment, Output, Progress, Target},
    inject,
    proxy::{Authority, Client, ClientSettings, Identity, Trust, Upstream},
    session::{Credential, Reference, State, Store},
};

/// The settings that all commands share, and what is made from them.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) common: Common,
    pub(super) environment: Environment,
    pub(super) output: Output,
    /// The proxy that requests of our own go through.
    pub(super) upstream: Option<Upstream>,
    /// The client certificates that requests of our own are made with.
    pub(super) identities: Vec<Identity>,
}

/// A browser, and the relay that it reaches the network through where there is one.
pub(super) struct Opened {
    pub(super) browser: Browser,
    _relay: Option<Relay>,
}

impl Opened {
    pub(super) async fn close(self) {
        self.browser.close().await;
    }
}

impl Wire {
    pub(super) fn new(common: Common, environment: &Environment) -> Self {
        let output = if common.json { Output::Json } else { Output::Words };
        Self { common, environment: environment.clone(), output, upstream: None, identities: Vec::new() }
    }

    pub(super) fn store(&self) -> Result<Store> {
        let key = self.environment.store_key.as_ref().map(Credential::resolve).transpose()?;
        Store::open_with(&self.environment.home, key.as_ref()).context("cannot open the session store")
    }

    pub(super) fn load(&self, reference: &Reference) -> Result<State> {
        Ok(self.store()?.load(reference)?)
    }

    pub(super) fn authority(&self) -> Result<Authority> {
        Ok(Authority::load_or_create(&self.environment.home)?)
    }

    /// A client for requests of our own, which trusts what the user said.
    pub(super) fn client(&self) -> Result<Client> {
        Ok(Client::with(ClientSettings {
            trust: self.trust(),
            upstream: self.upstream.clone(),
            identities: self.identities.clone(),
            ..ClientSettings::default()
        })?)
    }

    pub(super) fn trust(&self) -> Trust {
        match &self.common.ca {
            _ if self.common.insecure => Trust::Anything,
            Some(file) => Trust::WithCa(file.clone()),
            None => Trust::System,
        }
    }

    pub(super) fn progress(&self, what: &str) -> Progress {
        Progress::new(self.environment.is_terminal && !self.common.quiet && self.common.verbose == 0, what)
    }

    pub(super) fn launch(&self, target: &Target, headed: bool) -> Launch {
        Launch {
            kind: target.browser,
            headed,
            webdriver: target.webdriver.clone(),
            insecure: self.common.insecure,
            deadline: self.common.timeout.0,
            protocol: target.protocol,
            ..Launch::default()
        }
    }

    /// Opens a browser. Browsers do not take a certificate authority as an argument: with one, they go through a
    /// relay of ours, which checks the target's certificate in their place.
    pub(super) async fn browser(&self, mut launch: Launch) -> Result<Opened> {
        let relay = match &self.common.ca {
            Some(_) => Some(Relay::start(self.client()?).await?),
            None => None,
        };
        if let Some(relay) = &relay {
            launch.proxy = Some(relay.address());
            launch.insecure = true;
        }
        Ok(Opened { browser: Browser::launch(&launch).await?, _relay: relay })
    }

    /// Opens a browser that has the session before anything is loaded.
    pub(super) async fn logged_in(&self, mut launch: Launch, state: &State) -> Result<Opened> {
        launch.user_agent.clone_from(&state.user_agent);
        let opened = self.browser(launch).await?;
        let injected = inject::into_browser(state, opened.browser.control()).await?;
        for name in &injected.refused {
            tracing::warn!(%name, "the browser refused a part of the session");
        }
        Ok(opened)
    }
}
