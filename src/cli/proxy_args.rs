//! The arguments of the commands around the proxy: how it reaches servers, who may use it, what it writes down.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{Length, Size};
use crate::{
    history::{StatusRange, TOTAL_LIMIT},
    proxy::{HostPattern, Upstream},
};

/// What `proxy` takes beyond the session.
#[derive(Clone, Debug, ClapArgs)]
pub struct ProxyOptions {
    /// Send everything through another proxy: `http://[USER:PASSWORD@]HOST:PORT`
    #[arg(long, value_name = "URL", env = "HANDSTAMP_UPSTREAM", hide_env_values = true)]
    pub upstream: Option<Upstream>,
    /// Trust the certificate authority of the upstream proxy, in this PEM file
    #[arg(long, value_name = "FILE", requires = "upstream")]
    pub upstream_ca: Option<PathBuf>,
    /// Show servers that ask for it this client certificate, a PEM file with its chain
    #[arg(long, value_name = "FILE")]
    pub client_cert: Option<PathBuf>,
    /// The key of the client certificate, where it stands in a PEM file of its own
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// Show the client certificate to this host alone: a name, or `*.example.com`
    #[arg(long, value_name = "HOST", requires = "client_cert")]
    pub client_host: Option<HostPattern>,
    /// Pass this host untouched: a name, or `*.example.com`; may be given more than once
    #[arg(long, value_name = "HOST")]
    pub pass: Vec<HostPattern>,
    /// Read the key that clients must show from this environment variable
    #[arg(long, value_name = "VAR", group = "key")]
    pub key_env: Option<String>,
    /// Read the key that clients must show from this file
    #[arg(long, value_name = "FILE", group = "key")]
    pub key_file: Option<PathBuf>,
    /// Keep no history
    #[arg(long)]
    pub no_history: bool,
    /// How large the history may grow; the oldest go first
    #[arg(long, value_name = "SIZE", default_value_t = Size(TOTAL_LIMIT), conflicts_with = "no_history")]
    pub history_limit: Size,
    /// Keep passwords and tokens in the history too
    #[arg(long, conflicts_with = "no_history")]
    pub with_secrets: bool,
}

/// What `history` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct HistoryArgs {
    /// Only this host: a name, or `*.example.com`
    #[arg(long, value_name = "HOST")]
    pub host: Option<HostPattern>,
    /// Only this method
    #[arg(long, value_name = "METHOD")]
    pub method: Option<String>,
    /// Only this status: `401`, or `4xx`
    #[arg(long, value_name = "STATUS")]
    pub status: Option<StatusRange>,
    /// Only what holds this text in URL, headers or bodies
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// Only what carried this session
    #[arg(short, long, value_name = "NAME")]
    pub session: Option<String>,
    /// Only what began within this time
    #[arg(long, value_name = "LENGTH")]
    pub since: Option<Length>,
    /// The newest ones, at most so many; a list shows 50, an archive holds all
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Show the exchange with this number whole
    #[arg(long, value_name = "ID", conflicts_with_all = ["har", "clear"])]
    pub show: Option<i64>,
    /// Write them to this file, as an HTTP archive
    #[arg(long, value_name = "FILE", conflicts_with = "clear")]
    pub har: Option<PathBuf>,
    /// Remove the whole history
    #[arg(long, conflicts_with_all = ["host", "method", "status", "search", "session", "since", "limit"])]
    pub clear: bool,
}
