//! Which browsers are known, and their data from `drivers/`.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::OnceLock};

use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// A browser that handstamp drives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Chromium or Chrome, through chromedriver.
    #[default]
    Chromium,
    /// Firefox, through geckodriver.
    Firefox,
    /// `MiniBrowser` of `WebKitGTK`, through `WebKitWebDriver`. It has neither BiDi nor CDP: a proxy does in their place what it can.
    WebKit,
}

/// The data of one browser, read from its folder in `drivers/`.
#[derive(Debug, Deserialize)]
pub(super) struct Data {
    pub(super) binaries: Vec<String>,
    pub(super) driver: DriverData,
    /// What gives the browser a display where there is none; its number comes on standard output.
    #[serde(default)]
    pub(super) display: Vec<String>,
    /// How both are installed on Debian.
    pub(super) install: String,
    /// The User-Agent without a headless marker; `{version}` is the major version; empty when none is needed.
    pub(super) user_agent: String,
    pub(super) capabilities: serde_json::Map<String, Value>,
    pub(super) args: Vec<String>,
    pub(super) args_headless: Vec<String>,
    pub(super) args_root: Vec<String>,
    pub(super) args_proxy: Vec<String>,
    pub(super) prefs: BTreeMap<String, Value>,
    pub(super) prefs_proxy: BTreeMap<String, Value>,
    /// What the browser asks for on its own account: host and beginning of the path.
    pub(super) own_calls: Vec<String>,
    /// Settings of the browser as a whole where nobody sees it.
    #[serde(default)]
    pub(super) local_state_headless: BTreeMap<String, Value>,
}

/// How a driver is started.
#[derive(Debug, Deserialize)]
pub(super) struct DriverData {
    pub(super) binaries: Vec<String>,
    /// `{port}` is a free port, for drivers that do not find one themselves.
    pub(super) args: Vec<String>,
    /// A regular expression over a line of output; its first group is the port. Empty where the driver is given one.
    pub(super) ready: String,
    /// A regular expression over a line of output; its first group is the major version. May be empty.
    pub(super) version: String,
}

impl Kind {
    /// All browsers, in the order in which they are tried.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// The name used on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// The command that installs the browser and its driver on Debian.
    #[must_use]
    pub fn install(self) -> &'static str {
        &self.data().install
    }

    pub(super) fn data(self) -> &'static Data {
        static CHROMIUM: OnceLock<Data> = OnceLock::new();
        static FIREFOX: OnceLock<Data> = OnceLock::new();
        static WEBKIT: OnceLock<Data> = OnceLock::new();
        let (cell, text) = match self {
            Self::Chromium => (&CHROMIUM, include_str!("../../drivers/chromium/browser.json")),
            Self::Firefox => (&FIREFOX, include_str!("../../drivers/firefox/browser.json")),
            Self::WebKit => (&WEBKIT, include_str!("../../drivers/webkit/browser.json")),
        };
        cell.get_or_init(|| serde_json::from_str(text).expect("the bundled data is checked by a test"))
    }
}

/// Whether an address is one that browsers call on their own account: updates, telemetry, connectivity checks.
///
/// Such calls are no part of the application's traffic.
#[must_use]
pub fn is_own_call(url: &Url) -> bool {
    let place = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
    Kind::ALL.iter().any(|kind| kind.data().own_calls.iter().any(|call| place.starts_with(call.as_str())))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "chromium" | "chrome" => Ok(Self::Chromium),
            "firefox" => Ok(Self::Firefox),
            "webkit" | "minibrowser" => Ok(Self::WebKit),
            _ => Err(format!("unknown browser `{text}`\nhint: one of chromium, firefox, webkit")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_data_of_every_browser_can_be_read() {
        for kind in Kind::ALL {
            assert!(regex::Regex::new(&kind.data().driver.ready).is_ok(), "{kind}");
            assert!(!kind.data().binaries.is_empty(), "{kind}");
        }
    }

    #[test]
    fn the_browsers_own_calls_are_known() {
        assert!(is_own_call(&"https://update.googleapis.com/service/update2/json?x=1".parse().unwrap()));
        assert!(!is_own_call(&"https://shop.test/service/update2".parse().unwrap()));
    }

    #[test]
    fn chrome_is_another_word_for_chromium() {
        assert_eq!("Chrome".parse(), Ok(Kind::Chromium));
        assert!("netscape".parse::<Kind>().is_err_and(|e| e.contains("hint:")));
    }
}
