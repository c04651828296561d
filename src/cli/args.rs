//! The arguments as they stand on the command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args as ClapArgs, Parser, Subcommand};
use regex::Regex;
use url::Url;

use super::{
    Attached, CrawlArgs, DriversAction, ExecArgs, ExportArgs, GatewayArgs, HarvestArgs, HistoryArgs,
    ImportArgs, InjectArgs, Length, MethodArgs, ProxyOptions, PushArgs, PushTo, PushZapArgs, SessionsAction,
    Target,
};
use crate::{
    session::{Credential, Reference, TotpRecipe},
    verify::Budget,
};

/// Log in once, in a real browser. Be logged in everywhere.
#[derive(Debug, Parser)]
#[command(name = "handstamp", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 2 usage, 3 logged out or refused, 4 no browser, 5 incomplete or unproven, 130 interrupted."
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What all commands take.
    #[command(flatten)]
    pub common: Common,
}

/// What all commands take.
#[derive(Clone, Debug, ClapArgs)]
pub struct Common {
    /// Print JSON for machines instead of words
    #[arg(long, global = true)]
    pub json: bool,
    /// Tell more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Tell nothing but errors and the result
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// The configuration: contexts and users; `handstamp.yaml` where it exists
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The context, where the configuration has several
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// The user, where the context has several
    #[arg(long, global = true, value_name = "NAME")]
    pub user: Option<String>,
    /// How long one step may take: a command to the browser, finding the form, its answer
    #[arg(long, global = true, value_name = "LENGTH", default_value = "30s")]
    pub timeout: Length,
    /// Accept any certificate of the target
    #[arg(long, global = true)]
    pub insecure: bool,
    /// Trust the certificate authorities in this PEM file too
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "insecure")]
    pub ca: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Log in to an application and keep the session
    Login(LoginArgs),
    /// Record a login by hand in a visible browser, as a recipe for `login --recipe`
    Record(RecordArgs),
    /// End a session at the server, and remove it from the store
    Logout(LogoutArgs),
    /// Crawl an application, logged in
    Crawl(CrawlArgs),
    /// Put sessions onto the requests that go through an intercepting proxy
    Proxy(ProxyArgs),
    /// Open browsers that are logged in for any WebDriver client
    Gateway(GatewayArgs),
    /// List, show, export or clear what passed the proxy
    History(HistoryArgs),
    /// Put a session into another tool that runs, and keep it there
    Push(PushArgs),
    /// Open a visible browser that is logged in already
    Open(OpenArgs),
    /// Run a command logged in: through a proxy of its own, with variables for what reads these
    Exec(ExecArgs),
    /// Write a session in the format of another tool, secrets and all
    Export(ExportArgs),
    /// Take a session from another tool
    Import(ImportArgs),
    /// Put a session into a browser that somebody else runs
    Inject(InjectArgs),
    /// Read a session out of a browser that somebody else runs, and keep it
    Harvest(HarvestArgs),
    /// Show what a session holds, secrets hidden
    Show {
        /// The session: a name in the store, or a file
        #[arg(value_name = "NAME|FILE")]
        session: Reference,
    },
    /// Ask the application whether a session is still logged in
    Verify(VerifyArgs),
    /// Find out by trial which tokens a session needs, and tell of each what it is, secrets hidden
    Explain(ExplainArgs),
    /// List the sessions in the store, or tidy it up
    Sessions {
        /// What to do with them.
        #[command(subcommand)]
        action: Option<SessionsAction>,
    },
    /// Print the certificate of the proxy's authority
    Ca {
        /// Write it to this file instead
        #[arg(long, value_name = "FILE")]
        export: Option<PathBuf>,
    },
    /// Check a configuration, and tell all that is wrong with it
    Check(CheckArgs),
    /// Make the stand-ins for chromedriver and geckodriver, which open browsers that are logged in
    Drivers {
        /// What to do with them.
        #[command(subcommand)]
        action: DriversAction,
    },
    /// Tell which browsers and drivers were found, and how to get what is missing
    Doctor,
}

impl Command {
    /// Which browser it opens.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match self {
            Self::Login(LoginArgs { target, .. })
            | Self::Record(RecordArgs { target, .. })
            | Self::Logout(LogoutArgs { target, .. })
            | Self::Crawl(CrawlArgs { target, .. })
            | Self::Proxy(ProxyArgs { target, .. })
            | Self::Gateway(GatewayArgs { target, .. })
            | Self::Push(PushArgs { to: PushTo::Zap(PushZapArgs { target, .. }) })
            | Self::Open(OpenArgs { target, .. })
            | Self::Exec(ExecArgs { target, .. })
            | Self::Verify(VerifyArgs { target, .. })
            | Self::Explain(ExplainArgs { target, .. }) => Some(target),
            _ => None,
        }
    }

    /// Which browser that somebody else runs it takes hold of.
    #[must_use]
    pub fn running(&self) -> Option<&Attached> {
        match self {
            Self::Inject(InjectArgs { running, .. }) | Self::Harvest(HarvestArgs { running, .. }) => {
                Some(running)
            }
            _ => None,
        }
    }
}

/// What `login` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct LoginArgs {
    /// The login page, or one that leads to it; without it, the users of the configuration are logged in
    pub url: Option<Url>,
    /// The user name
    #[arg(short, long, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password from this environment variable
    #[arg(long, value_name = "VAR", group = "secret")]
    pub password_env: Option<String>,
    /// Read the password from standard input
    #[arg(long, group = "secret")]
    pub password_stdin: bool,
    /// Read the password from this file
    #[arg(long, value_name = "FILE", group = "secret")]
    pub password_file: Option<PathBuf>,
    /// The password itself; others on this machine can read it
    #[arg(long, value_name = "PASSWORD", group = "secret", hide = true)]
    pub password: Option<String>,
    /// Read the secret of the one-time password from this environment variable: base32, or an `otpauth://` URI
    #[arg(long, value_name = "VAR", group = "factor")]
    pub totp_env: Option<String>,
    /// Read the secret of the one-time password from this file
    #[arg(long, value_name = "FILE", group = "factor")]
    pub totp_file: Option<PathBuf>,
    /// Where to keep the session: a name in the store, or a file
    #[arg(short, long, value_name = "NAME|FILE", default_value = "default")]
    pub session: Reference,
    /// Play the steps in this file: a recipe of `handstamp record`, a recording of Chrome's DevTools, a Selenium
    /// IDE project, or a Zest script
    #[arg(long, value_name = "FILE", requires = "url")]
    pub recipe: Option<PathBuf>,
    /// How the session goes onto requests.
    #[command(flatten)]
    pub method: MethodArgs,
    /// Show the browser, where you can do what nobody else can: CAPTCHAs, passkeys, codes that were sent to you
    #[arg(long)]
    pub headed: bool,
    /// Write an authentication report into this directory: a page with pictures, JSON, a context file
    #[arg(long, value_name = "DIR", requires = "url")]
    pub report: Option<PathBuf>,
    /// Log in by hand: the browser is watched, and the session kept as soon as it is proven
    #[arg(long, conflicts_with_all = ["secret", "factor"])]
    pub manual: bool,
    /// How long a step in the visible browser may take you
    #[arg(long, value_name = "LENGTH", default_value = "5m")]
    pub wait_for_person: Length,
    /// Which browser.
    #[command(flatten)]
    pub target: Target,
}

impl LoginArgs {
    /// Where the secret of the one-time password is.
    #[must_use]
    pub fn totp(&self) -> Option<TotpRecipe> {
        let file =
            |file: &PathBuf| Credential::File(std::path::absolute(file).unwrap_or_else(|_| file.clone()));
        let secret = self.totp_env.clone().map(Credential::Env).or_else(|| self.totp_file.as_ref().map(file));
        secret.map(TotpRecipe::usual)
    }
}

/// What `record` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct RecordArgs {
    /// The login page, or one that leads to it
    pub url: Url,
    /// Write the recipe to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The user name that is typed: its place stands in the recipe instead
    #[arg(short, long, value_name = "NAME")]
    pub username: Option<String>,
    /// Stop when the address matches, as well as when the browser is closed
    #[arg(long, value_name = "REGEX")]
    pub until: Option<Regex>,
    /// Show no browser, for tests
    #[arg(long, hide = true)]
    pub headless: bool,
    /// Which browser.
    #[command(flatten)]
    pub target: Target,
}

/// What `logout` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct LogoutArgs {
    /// The session: a name in the store, or a file; by default that of --user
    #[arg(value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// The page to log out from, by default where the login began
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
    /// Keep the session in the store
    #[arg(long)]
    pub keep: bool,
    /// Which browser.
    #[command(flatten)]
    pub target: Target,
}

/// What `proxy` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct ProxyArgs {
    /// The session of requests that name no user: a name in the store, or a file
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The request header that names a user, `context/user` or a session; it never leaves the proxy
    #[arg(long, value_name = "NAME", default_value = "x-handstamp-user")]
    pub user_header: http::HeaderName,
    /// How it reaches servers, who may use it, what it writes down.
    #[command(flatten)]
    pub options: ProxyOptions,
    /// Which browser logs in again.
    #[command(flatten)]
    pub target: Target,
}

/// What `open` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct OpenArgs {
    /// The page to open
    pub url: Url,
    /// The session: a name in the store, or a file; by default that of --user
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// Which browser.
    #[command(flatten)]
    pub target: Target,
}

/// What `verify` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct VerifyArgs {
    /// The session: a name in the store, or a file; by default that of --user
    #[arg(value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// Ask a fresh browser that was given the session, not the application's server
    #[arg(long)]
    pub in_browser: bool,
    /// The page to look at in the browser, by default where the login ended
    #[arg(long, value_name = "URL", requires = "in_browser")]
    pub url: Option<Url>,
    /// Keep a picture of the page
    #[arg(long, value_name = "FILE", requires = "in_browser")]
    pub screenshot: Option<PathBuf>,
    /// Which browser.
    #[command(flatten)]
    pub target: Target,
}

/// What `explain` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct ExplainArgs {
    /// The session: a name in the store, or a file; by default that of --user
    #[arg(value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// How many requests it may send
    #[arg(long, value_name = "N", default_value_t = Budget::default().requests)]
    pub requests: usize,
    /// How many browsers it may open, one after the other; 0 for none
    #[arg(long, value_name = "N", default_value_t = Budget::default().browsers)]
    pub browsers: usize,
    /// The page to look at in the browsers, by default where the login ended
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
    /// Which browser.
    #[command(flatten)]
    pub target: Target,
}

/// What `check` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct CheckArgs {
    /// The configuration: handstamp's own, or a ZAP automation plan; by default that of --config
    pub file: Option<PathBuf>,
    /// Print the JSON schema of configurations instead, for editors
    #[arg(long, conflicts_with = "file")]
    pub schema: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Args::command().debug_assert();
    }
}
