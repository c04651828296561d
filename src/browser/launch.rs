//! How a browser is to be opened.

use std::{
    net::{Ipv6Addr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use url::Url;

use super::{Backstage, Kind, Prompts};

/// How long one command to the browser may take unless told otherwise.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);

/// Which protocol fills the gaps of classic WebDriver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// The quickest that the driver offers and that wins every race: CDP where it can be reached, else BiDi, else the driver.
    #[default]
    Auto,
    /// WebDriver BiDi over the session's WebSocket.
    Bidi,
    /// The Chrome DevTools Protocol over a socket of our own.
    Cdp,
    /// The Chrome DevTools Protocol through the driver (`goog/cdp/execute`), or nothing but classic commands.
    Driver,
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "bidi" => Ok(Self::Bidi),
            "cdp" => Ok(Self::Cdp),
            "driver" => Ok(Self::Driver),
            _ => Err(format!("unknown protocol `{text}`\nhint: one of auto, bidi, cdp, driver")),
        }
    }
}

/// Settings for one browser.
#[derive(Clone, Debug)]
pub struct Launch {
    /// Which browser.
    pub kind: Kind,
    /// Whether a person is to see it.
    pub headed: bool,
    /// A running driver or grid to use instead of starting one.
    pub webdriver: Option<Url>,
    /// An HTTP proxy for all of its traffic, loopback included.
    pub proxy: Option<SocketAddr>,
    /// The name or address by which the browser reaches the proxy's host, where that is not the one above.
    pub proxy_host: Option<String>,
    /// What is left to the proxy, for browsers without BiDi and CDP.
    pub backstage: Option<Backstage>,
    /// The User-Agent to present; by default the browser's own, without a headless marker.
    pub user_agent: Option<String>,
    /// Whether certificates that nobody vouches for are accepted.
    pub insecure: bool,
    /// The deadline of each command.
    pub deadline: Duration,
    /// Which protocol fills the gaps of classic WebDriver.
    pub protocol: Protocol,
    /// What becomes of challenges.
    pub prompts: Prompts,
}

impl Launch {
    /// The proxy as the browser is told it: host and port.
    pub(super) fn told_proxy(&self) -> Option<String> {
        let proxy = self.proxy?;
        Some(match self.proxy_host.as_deref() {
            Some(host) if host.parse::<Ipv6Addr>().is_ok() => format!("[{host}]:{}", proxy.port()),
            Some(host) => format!("{host}:{}", proxy.port()),
            None => proxy.to_string(),
        })
    }
}

impl Default for Launch {
    fn default() -> Self {
        Self {
            kind: Kind::default(),
            headed: false,
            webdriver: None,
            proxy: None,
            proxy_host: None,
            backstage: None,
            user_agent: None,
            insecure: false,
            deadline: DEFAULT_DEADLINE,
            protocol: Protocol::Auto,
            prompts: Prompts::default(),
        }
    }
}
