//! One browser: its driver, its window, and the control over all of it.

use std::{
    any::Any,
    fmt,
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use tokio::time;
use tracing::{debug, warn};
use url::Url;

use super::{
    Control, Launch, Page, Protocol,
    bidi::Bidi,
    capabilities::{Place, capabilities},
    cdp::Cdp,
    control::Means,
    driver::Driver,
    driver_cdp::DriverCdp,
    error::{Error, Result},
    fetch::fetch,
    grid,
    proxied::Proxied,
};

/// A browser that was opened for us. It ends with this value, and so does its driver when that was started here.
#[derive(Debug)]
pub struct Browser {
    page: Page,
    control: Control,
    session: Session,
    agent: Option<String>,
    // Last, so that the sockets end before the processes do.
    driver: Option<Driver>,
    /// What ends after the browser.
    kept: Vec<Kept>,
}

/// Anything that has to live as long as a browser.
struct Kept(#[expect(dead_code, reason = "it is held, not read")] Box<dyn Any + Send + Sync>);

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

/// The WebDriver session, which must be ended on drivers that live on.
#[derive(Debug)]
struct Session {
    url: Url,
    id: String,
    is_open: bool,
}

impl Browser {
    /// Opens a browser with a new, empty profile.
    ///
    /// # Errors
    /// When no browser or driver is found, the driver does not start or answer, or it refuses to open a browser.
    pub async fn launch(launch: &Launch) -> Result<Self> {
        let driver = match launch.webdriver {
            Some(_) => None,
            None => Some(Driver::start(launch.kind).await?),
        };
        let url = driver.as_ref().map(|d| d.url().clone()).or_else(|| launch.webdriver.clone());
        let url = directory(url.ok_or(Error::Closed)?);
        let place = driver
            .as_ref()
            .map_or(Place::Elsewhere, |d| Place::Here { profile: d.profile(), version: d.version() });
        let client = connect(&url, launch, &place).await?;
        let id = client.session_id().await.ok().flatten().unwrap_or_default();
        // From here on the session is ended with this value.
        let session = Session { url: url.clone(), id, is_open: driver.is_none() };
        let granted = client.capabilities().map(|c| Value::Object(c.clone())).unwrap_or_default();
        let page = Page::new(client, url.as_str(), launch.deadline);
        let means = match &launch.backstage {
            Some(backstage) => Means::Proxied(Proxied::new(page.clone(), backstage.clone())),
            None => means(launch.protocol, launch.deadline, &granted, &page).await?,
        };
        let control = Control(means);
        debug!(browser = %launch.kind, control = control.name(), "browser is open");
        let agent = granted["userAgent"].as_str().map(str::to_owned).or_else(|| launch.user_agent.clone());
        Ok(Self { page, control, session, agent, driver, kept: Vec::new() })
    }

    /// Keeps something for as long as the browser is open, such as the proxy that it uses.
    pub fn keep(&mut self, what: impl Any + Send + Sync) {
        self.kept.push(Kept(Box::new(what)));
    }

    /// The current window.
    #[must_use]
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The control over the whole browser.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// The User-Agent that the browser presents.
    pub async fn user_agent(&self) -> Result<String> {
        if let Some(agent) = &self.agent {
            return Ok(agent.clone());
        }
        let value = self.page.evaluate("return navigator.userAgent", &[]).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Ends the browser, and the driver when it was started here.
    pub async fn close(mut self) {
        if self.session.is_open {
            let ended = self.page.command(http::Method::DELETE, "", "delete session", None);
            // Whatever the driver answers, it knows; a grid says no where the session's machine has gone.
            self.session.is_open =
                matches!(time::timeout(GRACE, ended).await, Err(_) | Ok(Err(Error::Timeout { .. })));
        }
        // A driver of our own is ended with all that it started: quicker than asking, and nothing of the profile is kept.
        let (driver, session) = (self.driver.take(), self.session);
        let _ = tokio::task::spawn_blocking(move || drop((driver, session))).await;
    }

    /// Whether the person has closed the browser.
    pub async fn is_gone(&self) -> bool {
        match self.page.windows().await {
            Ok(windows) => windows.is_empty(),
            Err(_) => true,
        }
    }
}

impl Drop for Session {
    /// The last resort, on Ctrl-C or panic: the runtime may be ending, so the request is made without it.
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        if let Err(reason) = delete(&self.url, &self.id) {
            warn!(%reason, "the browser at the driver could not be ended");
        }
    }
}

fn delete(base: &Url, id: &str) -> io::Result<()> {
    let host = base.host_str().unwrap_or("127.0.0.1");
    let port = base.port_or_known_default().unwrap_or(80);
    let address = base.socket_addrs(|| Some(port))?.into_iter().next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, GRACE)?;
    stream.set_read_timeout(Some(GRACE))?;
    let path = format!("{}session/{id}", base.path());
    write!(
        stream,
        "DELETE {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )?;
    stream.read(&mut [0; 64]).map(drop)
}

async fn connect(url: &Url, launch: &Launch, place: &Place<'_>) -> Result<Client> {
    if url.scheme() != "http" {
        let reason = format!("`{}` is not supported for drivers", url.scheme());
        return Err(Error::DriverLost { url: url.to_string(), reason });
    }
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities(launch, place)?);
    let limit = launch.deadline.max(NEW_SESSION_LIMIT);
    match time::timeout(limit, builder.connect(url.as_str())).await {
        Ok(client) => client.map_err(|e| Error::of_new_session(url.as_str(), e)),
        Err(_) => Err(Error::Timeout { command: "new session".into(), after: limit }),
    }
}

/// Picks the protocol. CDP comes first where it can be reached: it alone wins the race with pop-ups.
pub(super) async fn means(
    protocol: Protocol,
    deadline: Duration,
    granted: &Value,
    page: &Page,
) -> Result<Means> {
    if matches!(protocol, Protocol::Auto | Protocol::Cdp)
        && let Some(address) = cdp_address(granted).await
    {
        for way in grid::ways(granted, page.driver(), &address) {
            match Cdp::connect(&way, deadline).await {
                Ok(cdp) => return Ok(Means::Cdp(cdp)),
                Err(error) => debug!(%error, "no CDP"),
            }
        }
    }
    if matches!(protocol, Protocol::Auto | Protocol::Bidi)
        && let Some(address) = granted["webSocketUrl"].as_str()
    {
        return bidi(&grid::ways(granted, page.driver(), address), deadline).await.map(Means::Bidi);
    }
    match protocol {
        Protocol::Bidi => Err(Error::Unsupported { what: "speak BiDi".into() }),
        Protocol::Cdp => Err(Error::Unsupported { what: "speak CDP".into() }),
        Protocol::Auto | Protocol::Driver => Ok(Means::Driver(DriverCdp::new(page.clone()))),
    }
}

/// Speaks BiDi on the first way that leads there.
async fn bidi(ways: &[String], deadline: Duration) -> Result<Bidi> {
    let mut connected = Err(Error::Closed);
    for way in ways {
        connected = Bidi::connect(way, deadline).await;
        if connected.is_ok() {
            break;
        }
    }
    connected
}

/// The browser's DevTools endpoint: from a grid, or from the browser's own port where that can be reached.
async fn cdp_address(granted: &Value) -> Option<String> {
    if let Some(address) = granted["se:cdp"].as_str() {
        return Some(address.to_owned());
    }
    let address = granted["goog:chromeOptions"]["debuggerAddress"].as_str()?;
    let version = fetch(&format!("http://{address}/json/version")).await.ok()?;
    version["webSocketDebuggerUrl"].as_str().map(str::to_owned)
}

/// Paths are joined to the address, so it has to end with a slash.
pub(super) fn directory(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

const NEW_SESSION_LIMIT: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(5);
