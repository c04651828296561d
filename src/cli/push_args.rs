//! The arguments of `push`.

use clap::{Args as ClapArgs, Subcommand};
use url::Url;

use super::Target;
use crate::session::Reference;

/// What `push` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct PushArgs {
    /// Into which tool.
    #[command(subcommand)]
    pub to: PushTo,
}

/// The tools.
#[derive(Clone, Debug, Subcommand)]
pub enum PushTo {
    /// Into ZAP over its API: context, user, verification, cookies, headers
    Zap(PushZapArgs),
}

/// What `push zap` takes.
#[derive(Clone, Debug, ClapArgs)]
#[command(
    after_help = "--context and --user name what is made in ZAP, also where no configuration has them; the session is that of the user unless --session names another."
)]
pub struct PushZapArgs {
    /// Where ZAP's proxy and API listen
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub url: Url,
    /// Read the key of ZAP's API from this environment variable
    #[arg(long, value_name = "VAR")]
    pub api_key_env: Option<String>,
    /// The session: a name in the store, or a file; by default that of --user
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// Go on until Ctrl-C: renew the session in time, and push each renewal within a second
    #[arg(long, conflicts_with = "remove")]
    pub follow: bool,
    /// Undo what was pushed, and nothing else
    #[arg(long)]
    pub remove: bool,
    /// Which browser logs in again.
    #[command(flatten)]
    pub target: Target,
}
