//! The arguments of the commands that work with a browser which somebody else runs.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use url::Url;

use super::{Length, MethodArgs};
use crate::{browser::Kind, proxy::Remote, session::Reference};

/// Which running browser.
#[derive(Clone, Debug, ClapArgs)]
pub struct Attached {
    /// The driver or grid that runs the browser, with --webdriver-session: `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`
    #[arg(long, value_name = "URL", requires = "webdriver_session", group = "running")]
    pub webdriver: Option<Remote>,
    /// Trust the certificate authority of the driver or grid, in this PEM file
    #[arg(long, value_name = "FILE", requires = "webdriver")]
    pub webdriver_ca: Option<PathBuf>,
    /// The identifier of the WebDriver session
    #[arg(long, value_name = "ID", requires = "webdriver")]
    pub webdriver_session: Option<String>,
    /// The DevTools address of the browser, or its debugging port: `ws://…` or `http://127.0.0.1:9222`
    #[arg(long, value_name = "URL", group = "running")]
    pub cdp: Option<Url>,
    /// The BiDi address of the browser's WebDriver session, its capability `webSocketUrl`
    #[arg(long, value_name = "URL", group = "running")]
    pub bidi: Option<Url>,
}

/// What `inject` takes.
#[derive(Clone, Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("running").required(true))]
pub struct InjectArgs {
    /// Which running browser.
    #[command(flatten)]
    pub running: Attached,
    /// The session: a name in the store, or a file; by default that of --user
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// Load the tabs again that are open already
    #[arg(long)]
    pub reload: bool,
    /// Do not stay until the browser ends: what tabs to come would be given then is missing, and told
    #[arg(long)]
    pub detach: bool,
}

/// What `harvest` takes.
#[derive(Clone, Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("running").required(true))]
pub struct HarvestArgs {
    /// Which running browser.
    #[command(flatten)]
    pub running: Attached,
    /// Where to keep the session: a name in the store, or a file
    #[arg(short, long, value_name = "NAME|FILE", default_value = "default")]
    pub session: Reference,
    /// The tab that is logged in, by a part of its address, where several are open
    #[arg(long, value_name = "TEXT")]
    pub page: Option<String>,
    /// Read the storage of this origin too, whether a tab shows it or not; may be given more than once
    #[arg(long, value_name = "URL")]
    pub origin: Vec<Url>,
    /// Watch what the application's scripts send for so long, for tokens that they keep in memory
    #[arg(long, value_name = "LENGTH")]
    pub watch: Option<Length>,
    /// How the session goes onto requests.
    #[command(flatten)]
    pub method: MethodArgs,
    /// The browser that proves the session where asking the server tells nothing: chromium or firefox
    #[arg(long, value_name = "NAME", default_value = "chromium")]
    pub browser: Kind,
}
