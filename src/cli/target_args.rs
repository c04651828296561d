//! The arguments that tell which browser a command opens.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::{
    browser::{Kind, Protocol},
    proxy::Remote,
};

/// Which browser, and how.
#[derive(Clone, Debug, ClapArgs)]
pub struct Target {
    /// The browser: chromium, firefox or webkit
    #[arg(long, value_name = "NAME", default_value = "chromium")]
    pub browser: Kind,
    /// Use the driver or grid at this address instead of starting one: `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`
    #[arg(long, value_name = "URL", env = "HANDSTAMP_WEBDRIVER", hide_env_values = true)]
    pub webdriver: Option<Remote>,
    /// Trust the certificate authority of the driver or grid, in this PEM file
    #[arg(long, value_name = "FILE", requires = "webdriver")]
    pub webdriver_ca: Option<PathBuf>,
    /// What fills the gaps of WebDriver: auto, cdp, bidi or driver
    #[arg(long, value_name = "NAME", default_value = "auto", hide = true)]
    pub protocol: Protocol,
}

impl Target {
    /// A browser that is started on this machine.
    #[must_use]
    pub fn here(browser: Kind) -> Self {
        Self { browser, webdriver: None, webdriver_ca: None, protocol: Protocol::Auto }
    }
}
