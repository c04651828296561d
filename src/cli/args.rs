//! The arguments as they stand on the command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args as ClapArgs, Parser, Subcommand};
use regex::Regex;
use url::Url;

use super::{HistoryArgs, Length, ProxyOptions};
use crate::{
    browser::{Kind, Protocol},
    session::Reference,
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

/// Which browser, and how.
#[derive(Clone, Debug, ClapArgs)]
pub struct Target {
    /// The browser: chromium or firefox
    #[arg(long, value_name = "NAME", default_value = "chromium")]
    pub browser: Kind,
    /// Use the driver or grid at this address instead of starting one
    #[arg(long, value_name = "URL")]
    pub webdriver: Option<Url>,
    /// What fills the gaps of WebDriver: auto, cdp, bidi or driver
    #[arg(long, value_name = "NAME", default_value = "auto", hide = true)]
    pub protocol: Protocol,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Log in to an application and keep the session
    Login(LoginArgs),
    /// Crawl an application, logged in
    Crawl(CrawlArgs),
    /// Put the session onto all requests that go through an intercepting proxy
    Proxy(ProxyArgs),
    /// List, show, export or clear what passed the proxy
    History(HistoryArgs),
    /// Open a visible browser that is logged in already
    Open(OpenArgs),
    /// Show what a session holds, secrets hidden
    Show {
        /// The session: a name in the store, or a file
        #[arg(value_name = "NAME|FILE")]
        session: Reference,
    },
    /// Ask the application whether a session is still logged in
    Verify(VerifyArgs),
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
    /// Tell which browsers and drivers were found, and how to get what is missing
    Doctor,
}

/// What `login` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct LoginArgs {
    /// The login page, or one that leads to it
    pub url: Url,
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
    /// Where to keep the session: a name in the store, or a file
    #[arg(short, long, value_name = "NAME|FILE", default_value = "default")]
    pub session: Reference,
    /// Show the browser
    #[arg(long)]
    pub headed: bool,
    /// Which browser.
    #[command(flatten)]
    pub target: Target,
}

/// What `crawl` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct CrawlArgs {
    /// Where to begin
    pub url: Url,
    /// The session: a name in the store, or a file
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Reference,
    /// How many browsers crawl side by side
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub browsers: u16,
    /// Stop after this time
    #[arg(long, value_name = "LENGTH")]
    pub max_duration: Option<Length>,
    /// Stop after this many states
    #[arg(long, value_name = "N")]
    pub max_states: Option<usize>,
    /// Leave out what matches, whole URLs; may be given more than once
    #[arg(long, value_name = "REGEX")]
    pub exclude: Vec<Regex>,
    /// The directory for the result
    #[arg(short, long, value_name = "DIR", default_value = "handstamp-crawl")]
    pub output: PathBuf,
    /// Show the browsers
    #[arg(long)]
    pub headed: bool,
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
    /// The session: a name in the store, or a file
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Reference,
    /// Which browser.
    #[command(flatten)]
    pub target: Target,
}

/// What `verify` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct VerifyArgs {
    /// The session: a name in the store, or a file
    #[arg(value_name = "NAME|FILE")]
    pub session: Reference,
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

/// What `sessions` can do.
#[derive(Clone, Debug, Subcommand)]
pub enum SessionsAction {
    /// Remove sessions from the store
    Remove {
        /// Their names
        #[arg(required = true, value_name = "NAME")]
        names: Vec<Reference>,
    },
    /// Remove the sessions that have expired
    Prune,
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
