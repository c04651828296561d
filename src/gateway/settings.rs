//! How a gateway works.

use std::{str::FromStr, time::Duration};

use url::Url;

use super::{guard::Guard, passage::Passage};
use crate::{
    browser::{DEFAULT_DEADLINE, Kind, Protocol},
    proxy::Reach,
};

/// How many browsers there may be at once.
pub const DEFAULT_MAX_SESSIONS: usize = 8;
/// How long a new-session command may wait for its turn.
pub const DEFAULT_QUEUE_TIMEOUT: Duration = Duration::from_secs(300);
/// How long a browser may go unused, as Selenium Grid has it.
pub const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// What opens the browsers.
#[derive(Clone, Debug)]
pub enum Behind {
    /// Drivers that the gateway starts itself, one for each browser; this kind for clients that name no browser.
    Own(Kind),
    /// A driver or grid that somebody else runs.
    Upstream {
        /// Where it is.
        at: Url,
        /// The way to it, where it speaks TLS or asks for a password.
        passage: Option<Passage>,
    },
}

impl Behind {
    /// A driver or grid that is reached at its own address.
    #[must_use]
    pub fn plain(url: Url) -> Self {
        Self::Upstream { at: url, passage: None }
    }
}

/// Whether the sockets that a session's capabilities name lead through the gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RelaySockets {
    /// Where the client may not reach the driver itself, and where their use has to be seen lest it counts as idleness.
    #[default]
    Auto,
    /// In each case.
    Always,
    /// The client reaches the driver itself.
    Never,
}

impl FromStr for RelaySockets {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Err(format!("unknown choice `{text}`\nhint: one of auto, always, never")),
        }
    }
}

/// Settings of a gateway.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What opens the browsers.
    pub behind: Behind,
    /// How many browsers there may be at once; at least one.
    pub max_sessions: usize,
    /// How long a new-session command may wait for its turn.
    pub queue_timeout: Duration,
    /// How long a browser may go without commands and open sockets; for ever where nothing is given.
    pub idle_timeout: Option<Duration>,
    /// Whether sockets lead through the gateway.
    pub relay_sockets: RelaySockets,
    /// Whether the traffic of browsers goes through a proxy of the gateway; where nothing is said, the session decides.
    pub proxy: Option<bool>,
    /// How browsers reach the proxies of the gateway; nothing where that is not known.
    pub reach: Option<Reach>,
    /// What clients may put in front of the commands of the standard, for example `/wd/hub`; it may be empty.
    pub base: String,
    /// Which requests are refused, whoever sends them.
    pub guard: Guard,
    /// How long one step of the injection may take.
    pub deadline: Duration,
    /// What fills the gaps of classic WebDriver.
    pub protocol: Protocol,
}

impl Settings {
    /// A path without the base.
    pub(super) fn below_base<'a>(&self, path: &'a str) -> &'a str {
        let below =
            path.strip_prefix(&self.base).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        below.unwrap_or(path)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            behind: Behind::Own(Kind::default()),
            max_sessions: DEFAULT_MAX_SESSIONS,
            queue_timeout: DEFAULT_QUEUE_TIMEOUT,
            idle_timeout: Some(DEFAULT_IDLE_TIMEOUT),
            relay_sockets: RelaySockets::default(),
            proxy: None,
            reach: Some(Reach::Here),
            base: String::new(),
            guard: Guard::default(),
            deadline: DEFAULT_DEADLINE,
            protocol: Protocol::Auto,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_ends_where_a_part_of_the_path_does() {
        let settings = Settings { base: "/my/base".into(), ..Settings::default() };
        for (path, below) in [
            ("/my/base/session", "/session"),
            ("/my/base", ""),
            ("/my/base?x", "?x"),
            ("/session", "/session"),
            ("/my/baseless", "/my/baseless"),
        ] {
            assert_eq!(settings.below_base(path), below, "{path}");
        }
        assert_eq!(Settings::default().below_base("/session"), "/session");
    }
}
