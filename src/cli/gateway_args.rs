//! The arguments of the gateway.

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use clap::Args as ClapArgs;

use super::{Length, Target};
use crate::{
    gateway::{DEFAULT_MAX_SESSIONS, RelaySockets},
    proxy::Remote,
    session::Reference,
};

/// What `gateway` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct GatewayArgs {
    /// The session of clients that name none: a name in the store, or a file
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4444")]
    pub listen: SocketAddr,
    /// Let the driver or grid at this address open the browsers: `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`; by
    /// default each gets a driver of its own here
    #[arg(long, value_name = "URL", env = "HANDSTAMP_GRID", hide_env_values = true)]
    pub upstream: Option<Remote>,
    /// Trust the certificate authority of the driver or grid, in this PEM file
    #[arg(long, value_name = "FILE", requires = "upstream")]
    pub upstream_ca: Option<PathBuf>,
    /// With --upstream: the name or address by which its browsers reach this machine
    #[arg(long, value_name = "HOST", requires = "upstream")]
    pub advertise: Option<String>,
    /// Send the traffic of all browsers through a proxy that puts on what no browser can have; by default only where
    /// the session needs that
    #[arg(long)]
    pub proxy: bool,
    /// How many browsers there may be at once; further new-session commands wait
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX_SESSIONS)]
    pub max_sessions: usize,
    /// How long a new-session command may wait
    #[arg(long, value_name = "LENGTH", default_value = "5m")]
    pub queue_timeout: Length,
    /// End a browser that nobody has used for so long: a length of time, or `never`
    #[arg(long, value_name = "LENGTH", default_value = "5m")]
    pub idle_timeout: Idle,
    /// Lead the sockets of BiDi and CDP through the gateway: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub relay_sockets: RelaySockets,
    /// A host name that the gateway is reached by, beside addresses, `localhost` and names without a dot
    #[arg(long, value_name = "HOST")]
    pub allow_host: Vec<String>,
    /// An origin whose pages may use the gateway
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,
    /// Which browser clients get that name none, and which logs in again.
    #[command(flatten)]
    pub target: Target,
}

/// How long something may be idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle(pub Option<Duration>);

impl FromStr for Idle {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" { Ok(Self(None)) } else { text.parse().map(|Length(time)| Self(Some(time))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idleness_may_last_for_ever() {
        assert_eq!("never".parse(), Ok(Idle(None)));
        assert_eq!("2m".parse(), Ok(Idle(Some(Duration::from_secs(120)))));
        assert!("often".parse::<Idle>().is_err());
    }
}
