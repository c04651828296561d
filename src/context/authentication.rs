//! How a user of a context gets logged in.

use std::time::Duration;

use url::Url;

use super::{Script, Step};
use crate::session::Secret;

/// An authentication method and what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Authentication {
    /// handstamp does not log in: the session is made by other means.
    #[default]
    Manual,
    /// The server asks with a scheme of HTTP authentication.
    Http {
        /// The host that asks.
        hostname: Option<String>,
        /// Its port.
        port: Option<u16>,
        /// The realm that it asks for.
        realm: Option<String>,
    },
    /// A form is sent, without a browser.
    Form(RequestLogin),
    /// A JSON document is sent, without a browser.
    Json(RequestLogin),
    /// An authentication script makes the requests.
    Script(Script),
    /// The login page is filled in, in a browser.
    Browser(BrowserLogin),
    /// A recorded flow is played, in a browser.
    Client(ClientLogin),
    /// The login is found and its way decided.
    Autodetect,
}

/// A login by one request, with `{%username%}` and `{%password%}` where the user's credentials go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLogin {
    /// The page that is read first, for its cookies and tokens.
    pub login_page: Option<Url>,
    /// Where the request goes, as it was written: it may hold places for credentials.
    pub request_url: String,
    /// What is sent; without it the request is a `GET`.
    pub body: Option<Secret>,
}

/// A login in a browser that finds its fields by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserLogin {
    /// The page with the form, or one that leads to it.
    pub login_page: Url,
    /// How long to wait for the page and for the answer of the login.
    pub page_wait: Duration,
    /// How long to wait between steps.
    pub step_delay: Duration,
    /// The browser, by ZAP's name for it, such as `firefox-headless`.
    pub browser: Option<String>,
    /// What else there is to do; empty where the login needs no help.
    pub steps: Vec<Step>,
}

/// A login that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientLogin {
    /// The recorded flow.
    pub script: Script,
    /// How long to wait after it.
    pub page_wait: Duration,
    /// How long to wait at least for requests.
    pub min_wait: Duration,
}

impl Authentication {
    /// The word for it in configurations and messages.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Http { .. } => "http",
            Self::Form(_) => "form",
            Self::Json(_) => "json",
            Self::Script(_) => "script",
            Self::Browser(_) => "browser",
            Self::Client(_) => "client",
            Self::Autodetect => "autodetect",
        }
    }
}
