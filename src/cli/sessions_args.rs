//! The arguments of `sessions`.

use clap::{Args as ClapArgs, Subcommand};
use url::Url;

use crate::session::Reference;

/// What `sessions` can do.
#[derive(Clone, Debug, Subcommand)]
pub enum SessionsAction {
    /// Remove sessions from the store
    Remove {
        /// Their names
        #[arg(required = true, value_name = "NAME")]
        names: Vec<Reference>,
    },
    /// Remove the sessions that have expired or are known to be dead
    Prune,
    /// Lift the mark of a user whose logins failed
    Unlock {
        /// The names of the sessions
        #[arg(required = true, value_name = "NAME")]
        names: Vec<Reference>,
    },
    /// Show the sessions of a site with their tokens, and choose the active one
    Site(SiteArgs),
    /// List the cookie names that carry sessions at every site, or change them
    Tokens {
        /// Add a name, or turn it on
        #[arg(long, value_name = "NAME")]
        add: Vec<String>,
        /// Turn a name off
        #[arg(long, value_name = "NAME")]
        disable: Vec<String>,
        /// Remove a name
        #[arg(long, value_name = "NAME")]
        remove: Vec<String>,
    },
}

/// What `sessions site` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct SiteArgs {
    /// An address of the site
    pub url: Url,
    /// The session that requests to the site get which name no user
    #[arg(long, value_name = "NAME", conflicts_with = "deactivate")]
    pub activate: Option<Reference>,
    /// Let no session be active there
    #[arg(long)]
    pub deactivate: bool,
    /// A cookie that carries the session there
    #[arg(long, value_name = "NAME")]
    pub add_token: Vec<String>,
    /// A cookie that does not
    #[arg(long, value_name = "NAME")]
    pub remove_token: Vec<String>,
}
