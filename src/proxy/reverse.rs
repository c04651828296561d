//! A way on loopback to one server, for clients that speak no TLS or must not know its password.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Response, StatusCode, Uri};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use super::answer::page;
use super::authority::Authority;
use super::body::Body;
use super::client::Client;
use super::error::Error;
use super::exchange::{Exchange, Tunnel};
use super::handler::{Handler, Next};
use super::server::Server;
use super::upstream::credentials;

/// A server with what it asks for: `http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH]`. No text shows the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    url: Url,
    authorization: Option<HeaderValue>,
}

/// A running way to a server; it ends with this value.
#[derive(Debug)]
pub struct Reverse {
    url: Url,
    _stop: DropGuard,
    _task: JoinSet<()>,
}

impl Remote {
    /// Its address, without user name and password.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether any client can speak with it: without TLS, and without a password.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.url.scheme() == "http" && self.authorization.is_none()
    }
}

impl FromStr for Remote {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = |reason| Error::RemoteAddress { reason };
        let mut url = Url::parse(text).map_err(|_| refused("it is no URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused("its scheme is neither `http` nor `https`"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("something follows its path"));
        }
        let authorization =
            credentials(&url).map_err(|_| refused("its user name and password cannot be sent"))?;
        // Addresses with a host take both.
        let _ = (url.set_username(""), url.set_password(None));
        Ok(Self { url, authorization })
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Remote({self})")
    }
}

impl Reverse {
    /// Opens a way to the server through this client, WebSockets included.
    ///
    /// The way begins with a word that nobody else knows: a page that finds the port gets nothing.
    ///
    /// # Errors
    /// When no port is left.
    pub async fn start(remote: Remote, client: Client) -> Result<Self, Error> {
        let closed = |e: std::io::Error| Error::NoWay { source: Arc::new(e) };
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(closed)?;
        let address = listener.local_addr().map_err(closed)?;
        let word = format!("/{:032x}", rand::random::<u128>());
        let url = Url::parse(&format!("http://{address}{word}/")).map_err(|_| Error::NotAbsolute)?;
        let (server, stop) =
            (Server::new(Authority::ephemeral()?, client).as_origin(), CancellationToken::new());
        let (stopped, mut task) = (stop.clone().cancelled_owned(), JoinSet::new());
        task.spawn(async move { server.run(listener, Arc::new(Front { word, remote }), stopped).await });
        Ok(Self { url, _stop: stop.drop_guard(), _task: task })
    }

    /// What stands in the place of the server's own address; it ends with a stroke.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }
}

/// Sends what comes with the word on to the server.
struct Front {
    /// With the stroke before it.
    word: String,
    remote: Remote,
}

impl Front {
    /// Where a request goes, byte for byte what stands behind the word.
    fn target(&self, asked: &Uri) -> Option<Uri> {
        let path = asked.path_and_query().map_or("/", PathAndQuery::as_str);
        let rest = path.strip_prefix(&self.word).filter(|rest| rest.starts_with('/'))?;
        format!("{}{rest}", self.remote.url.as_str().trim_end_matches('/')).parse().ok()
    }
}

impl Handler for Front {
    async fn connect(&self, _tunnel: &Tunnel) -> Option<Response<Body>> {
        Some(stranger())
    }

    async fn request(&self, _exchange: &Exchange, mut request: Request<Body>) -> Next {
        let Some(target) = self.target(request.uri()) else { return Next::Answer(stranger()) };
        *request.uri_mut() = target;
        if let Some(value) = &self.remote.authorization {
            request.headers_mut().insert(AUTHORIZATION, value.clone());
        }
        Next::Forward(request)
    }
}

fn stranger() -> Response<Body> {
    page(StatusCode::NOT_FOUND, "stranger", "there is nothing here")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_neither_user_name_nor_password() {
        let remote: Remote = "https://us%40er:se%3Acret@hub.test/wd/hub".parse().unwrap();
        assert_eq!(format!("{remote} {remote:?}"), "https://hub.test/wd/hub Remote(https://hub.test/wd/hub)");
        assert!(remote.authorization.as_ref().is_some_and(HeaderValue::is_sensitive));
        assert!(!remote.is_plain() && "http://a.test:4444".parse::<Remote>().unwrap().is_plain());
        for wrong in ["ws://u:secret@a.test", "https://u:secret@a.test/?q", "u:secret@a.test", "https://"] {
            let error = wrong.parse::<Remote>().unwrap_err().to_string();
            assert!(error.contains("\nhint: ") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn only_who_knows_the_word_is_led_on() {
        let front = |to: &str| Front { word: "/word".into(), remote: to.parse().unwrap() };
        let led = |to, path: &str| front(to).target(&path.parse().unwrap()).map(|uri| uri.to_string());
        let hub = "https://u:p@hub.test/wd/hub/";
        assert_eq!(led(hub, "/word/session/1?a=%7e").unwrap(), "https://hub.test/wd/hub/session/1?a=%7e");
        assert_eq!(led("http://a.test:4444", "/word/status").unwrap(), "http://a.test:4444/status");
        for wrong in ["/", "/word", "/words/x", "/other/session"] {
            assert_eq!(led(hub, wrong), None, "{wrong}");
        }
    }
}
