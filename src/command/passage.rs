//! Opens a way to a driver or grid that WebDriver clients cannot speak with themselves.

use std::path::Path;

use anyhow::Result;

use crate::{
    cli::Command,
    gateway::{Passage, Told},
    inject,
    proxy::{Client, Remote, Trust},
};

/// The way to it, which has to last as long as its browsers; nothing where any client can speak with it.
pub(super) async fn passage(remote: &Remote, ca: Option<&Path>, told: Told) -> Result<Option<Passage>> {
    if remote.is_plain() {
        return Ok(None);
    }
    let trust = ca.map_or(Trust::System, |file| Trust::WithCa(file.to_owned()));
    Ok(Some(Passage::open(remote.clone(), Client::new(&trust)?, told).await?))
}

/// The way that the browsers of a command are opened by.
pub(super) async fn of_command(command: &Command) -> Result<Option<Passage>> {
    let (target, running) = (command.target(), command.running());
    let named = target.map(|t| (&t.webdriver, &t.webdriver_ca));
    let Some((Some(remote), ca)) = named.or(running.map(|r| (&r.webdriver, &r.webdriver_ca))) else {
        return Ok(None);
    };
    if let Some(target) = target {
        inject::ensure_near(target.browser, remote.url())?;
    }
    passage(remote, ca.as_deref(), Told::NearEnd).await
}
