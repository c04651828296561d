//! Joins settings and rooms: what every command needs from its surroundings.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use url::Url;

use super::{account::Account, failure::Usage, relay::relay};
use crate::{
    browser::{Answer, Browser, Kind, Launch, Prompts},
    cli::{Common, Environment, Output, Progress, Target},
    context::{Config, Context, Problems, User},
    gateway::Passage,
    inject,
    proxy::{Authority, Client, ClientSettings, Identity, Remote, Serving, Trust, Upstream},
    session::{Credential, Method, Reference, State, Store},
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
    /// The way to a driver or grid that speaks TLS or asks for a password.
    pub(super) passage: Option<Passage>,
}

/// A browser, and the relay that it reaches the network through where there is one.
pub(super) struct Opened {
    pub(super) browser: Browser,
    _relay: Option<Serving>,
}

impl Opened {
    pub(super) async fn close(self) {
        self.browser.close().await;
    }
}

impl Wire {
    pub(super) fn new(common: Common, environment: &Environment) -> Self {
        let output = if common.json { Output::Json } else { Output::Words };
        Self {
            common,
            environment: environment.clone(),
            output,
            upstream: None,
            identities: Vec::new(),
            passage: None,
        }
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

    /// The file of the configuration: the one that was named, else the usual one where it exists.
    pub(super) fn config_file(&self) -> Option<PathBuf> {
        let usual = || Some(PathBuf::from(CONFIG)).filter(|path| path.is_file());
        self.common.config.clone().or_else(usual)
    }

    /// The configuration, where there is one; what is worth a word in it is logged.
    pub(super) fn config(&self) -> Result<Option<Config>> {
        let Some(path) = self.config_file() else { return Ok(None) };
        let config = read_config(&path)?;
        for remark in &config.remarks {
            tracing::debug!("{}", remark.told(&path.display().to_string()));
        }
        Ok(Some(config))
    }

    /// The context and user that were asked for, or the only ones; nothing where there is no configuration and none
    /// was asked for.
    pub(super) fn user(&self) -> Result<Option<(Context, User)>> {
        let (context, user) = (self.common.context.as_deref(), self.common.user.as_deref());
        match self.config()? {
            Some(config) => {
                let (context, user) = config.find(context, user)?;
                Ok(Some((context.clone(), user.clone())))
            }
            None if context.is_none() && user.is_none() => Ok(None),
            None => Err(Usage::new(
                "there is no configuration that has contexts and users",
                "name it with --config FILE, or write `handstamp.yaml` here",
            )
            .into()),
        }
    }

    /// Where the session is that a command works with: the one that was named, else that of the user who was asked for.
    pub(super) fn reference(&self, named: Option<&Reference>) -> Result<Reference> {
        if let Some(named) = named {
            return Ok(named.clone());
        }
        match self.user()? {
            Some((context, user)) => Ok(context.session(&user)?),
            None => Err(Usage::new(
                "no session was named",
                "name one with --session; `handstamp sessions` lists them; or name a user of a configuration with --config and --user",
            )
            .into()),
        }
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

    /// The address by which a driver or grid is reached.
    pub(super) fn driver(&self, remote: &Remote) -> Url {
        self.passage.as_ref().map_or(remote.url(), Passage::url).clone()
    }

    pub(super) fn progress(&self, what: &str) -> Progress {
        Progress::new(self.environment.is_terminal && !self.common.quiet && self.common.verbose == 0, what)
    }

    pub(super) fn launch(&self, target: &Target, headed: bool) -> Launch {
        Launch {
            kind: target.browser,
            headed,
            webdriver: target.webdriver.as_ref().map(|remote| self.driver(remote)),
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
            Some(_) if launch.kind != Kind::WebKit => Some(relay(self.client()?).await?),
            _ => None,
        };
        if let Some(relay) = &relay {
            launch.proxy = Some(relay.address());
            launch.insecure = true;
        }
        let browser = Box::pin(inject::open(&launch, Some(self.client()?))).await?;
        Ok(Opened { browser, _relay: relay })
    }

    /// Opens a browser that has the session before anything is loaded.
    pub(super) async fn logged_in(&self, mut launch: Launch, state: &State) -> Result<Opened> {
        launch.user_agent.clone_from(&state.user_agent);
        let answer = prompt_answer(state).await?;
        if answer.is_some() {
            launch.prompts = Prompts::Answered;
        }
        let opened = self.browser(launch).await?;
        if let Some(answer) = answer {
            opened.browser.control().answer_challenges(answer).await?;
        }
        let injected = inject::into_browser(state, opened.browser.control()).await?;
        for name in &injected.refused {
            tracing::warn!(%name, "the browser refused a part of the session");
        }
        Ok(opened)
    }
}

/// What answers the prompts of a session that is carried by HTTP authentication.
pub(super) async fn prompt_answer(state: &State) -> Result<Option<Answer>> {
    let (Method::Http { .. }, Some(recipe)) = (&state.method, &state.recipe) else { return Ok(None) };
    let credentials = Account::Recipe(Some(recipe.clone())).credentials().await?;
    Ok(Some(Answer {
        origin: recipe.login_url.origin(),
        username: credentials.username.unwrap_or_default(),
        password: credentials.password.expose().to_owned(),
    }))
}

/// Reads a configuration with the variables of the environment.
pub(super) fn read_config(path: &Path) -> Result<Config, Problems> {
    Config::read(path, &|name| env::var(name).ok())
}

/// The configuration that is used where none is named.
pub(super) const CONFIG: &str = "handstamp.yaml";

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser as _;

    use super::*;
    use crate::{cli::Args, command::report};

    fn wire(args: &[&str]) -> Wire {
        let args = Args::parse_from([&["handstamp", "doctor"], args].concat());
        Wire::new(args.common, &Environment { home: PathBuf::new(), store_key: None, is_terminal: false })
    }

    fn found(args: &[&str]) -> Result<Option<String>> {
        Ok(wire(args).user()?.map(|(context, user)| format!("{}/{}", context.name, user.name)))
    }

    #[test]
    fn the_user_is_the_one_of_the_configuration_that_was_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plan.yaml");
        fs::write(&file, "contexts: [{name: a, urls: ['http://a/'], users: [{name: b}, {name: c}]}]")
            .unwrap();
        let config = ["--config", file.to_str().unwrap()];
        assert_eq!(found(&[&config[..], &["--user", "c"]].concat()).unwrap().as_deref(), Some("a/c"));
        for wrong in [&["--user", "d"][..], &["--context", "d"], &[]] {
            let failure = found(&[&config[..], wrong].concat()).unwrap_err();
            assert_eq!(report(&failure, Output::Words), crate::cli::Exit::Usage);
        }
        fs::write(&file, "contexts: 1").unwrap();
        let failure = found(&config).unwrap_err();
        assert_eq!(report(&failure, Output::Words), crate::cli::Exit::Usage);
    }

    #[test]
    fn without_a_configuration_there_is_a_user_only_where_none_was_asked_for() {
        assert_eq!(found(&[]).unwrap(), None);
        let failure = found(&["--user", "anna"]).unwrap_err();
        assert_eq!(report(&failure, Output::Words), crate::cli::Exit::Usage);
    }
}
