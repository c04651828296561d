//! How far browsers are from the proxies that they use, and whom these let in.

use std::{
    collections::HashSet,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Mutex, PoisonError},
};

use hyper::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use url::{Host, Url};

use super::answer::page;
use super::body::{Body, empty};
use super::exchange::{Exchange, Tunnel};
use super::handler::{Handler, Next};

/// Where browsers are, seen from the proxies that they use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// On this machine, started by us.
    #[default]
    Here,
    /// Wherever a driver or grid starts them.
    Elsewhere {
        /// The address at which the proxies listen.
        listen: IpAddr,
        /// The host as the browsers are told it.
        told: String,
    },
}

impl Reach {
    /// The address at which a proxy for them listens.
    #[must_use]
    pub fn listen(&self) -> IpAddr {
        match self {
            Self::Here => Ipv4Addr::LOCALHOST.into(),
            Self::Elsewhere { listen, .. } => *listen,
        }
    }

    /// The proxy's address as the browser is told it.
    #[must_use]
    pub fn told(&self, proxy: SocketAddr) -> String {
        match self {
            Self::Here => proxy.to_string(),
            Self::Elsewhere { told, .. } => format!("{told}:{}", proxy.port()),
        }
    }

    /// What stands in front of a proxy: a browser elsewhere has to show a word first.
    #[must_use]
    pub fn door<H>(&self, inner: H) -> Door<H> {
        let word = match self {
            Self::Here => None,
            Self::Elsewhere { .. } => Some(format!("{:032x}.invalid", rand::random::<u128>())),
        };
        Door { inner, word, admitted: Mutex::default() }
    }
}

/// Whether an address is one of this machine alone.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether other machines may reach what listens there.
#[must_use]
pub fn is_far(listener: &TcpListener) -> bool {
    listener.local_addr().is_ok_and(|address| !address.ip().is_loopback())
}

/// Lets machines in from which a browser has shown the word: whoever else finds the port is turned away, for such
/// a proxy puts on what is not for everybody.
///
/// The word is the name of a host that does not exist; asking the proxy for it is what shows it. It is told to the proxy's
/// own browser alone, over its driver.
pub struct Door<H> {
    inner: H,
    word: Option<String>,
    admitted: Mutex<HashSet<IpAddr>>,
}

impl<H> fmt::Debug for Door<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("admitted", &self.admitted).finish_non_exhaustive()
    }
}

impl<H> Door<H> {
    /// The body of a function of JavaScript that shows the word in a browser; nothing where everybody may come in.
    #[must_use]
    pub fn knock(&self) -> Option<String> {
        let word = self.word.as_ref()?;
        Some(format!(
            "return fetch('http://{word}/', {{ mode: 'no-cors', cache: 'no-store' }}).then(() => true)"
        ))
    }

    fn lets_in(&self, client: SocketAddr) -> bool {
        self.word.is_none() || self.admitted().contains(&client.ip().to_canonical())
    }

    fn hears(&self, exchange: &Exchange) -> bool {
        self.word.as_deref().is_some_and(|word| exchange.url.host_str() == Some(word))
    }

    fn admitted(&self) -> std::sync::MutexGuard<'_, HashSet<IpAddr>> {
        self.admitted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H: Handler> Handler for Door<H> {
    async fn connect(&self, tunnel: &Tunnel) -> Option<Response<Body>> {
        if self.lets_in(tunnel.client) { self.inner.connect(tunnel).await } else { Some(refusal()) }
    }

    fn intercept(&self, host: &str, port: u16) -> bool {
        self.inner.intercept(host, port)
    }

    async fn request(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        if self.hears(exchange) {
            self.admitted().insert(exchange.client.ip().to_canonical());
            let mut answer = Response::new(empty());
            *answer.status_mut() = StatusCode::NO_CONTENT;
            return Next::Answer(answer);
        }
        if self.lets_in(exchange.client) {
            self.inner.request(exchange, request).await
        } else {
            Next::Answer(refusal())
        }
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        self.inner.response(exchange, response).await
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        if !self.hears(exchange) && self.lets_in(exchange.client) {
            self.inner.end(exchange, outcome);
        }
    }
}

fn refusal() -> Response<Body> {
    page(StatusCode::FORBIDDEN, "stranger", "this proxy serves its own browsers alone")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hyper::Method;

    use super::*;
    use crate::proxy::PassThrough;

    fn exchange(from: &str, url: &str) -> Exchange {
        let client = SocketAddr::new(from.parse().unwrap(), 1);
        Exchange { client, ..Exchange::of(Method::GET, url.parse().unwrap()) }
    }

    async fn is_passed(door: &Arc<Door<PassThrough>>, from: &str, url: &str) -> bool {
        let next = door.request(&exchange(from, url), Request::new(empty())).await;
        matches!(next, Next::Forward(_))
    }

    fn door() -> (Arc<Door<PassThrough>>, String) {
        let reach = Reach::Elsewhere { listen: Ipv4Addr::UNSPECIFIED.into(), told: "here.test".into() };
        let door = reach.door(PassThrough);
        let url = format!("http://{}/", door.word.clone().unwrap());
        (Arc::new(door), url)
    }

    #[tokio::test]
    async fn a_machine_is_let_in_once_a_browser_on_it_has_shown_the_word() {
        let (door, word) = door();
        let tunnel = |from: &str| Tunnel {
            host: "a.test".into(),
            port: 443,
            client: SocketAddr::new(from.parse().unwrap(), 1),
            credentials: None,
        };
        assert!(!is_passed(&door, "10.0.0.7", "http://a.test/").await);
        assert!(door.connect(&tunnel("10.0.0.7")).await.is_some_and(|r| r.status() == StatusCode::FORBIDDEN));
        assert!(!is_passed(&door, "10.0.0.7", &word).await, "the word itself goes nowhere");
        assert!(is_passed(&door, "10.0.0.7", "http://a.test/").await);
        assert!(is_passed(&door, "::ffff:10.0.0.7", "http://a.test/").await);
        assert!(door.connect(&tunnel("10.0.0.7")).await.is_none());
        assert!(!is_passed(&door, "10.0.0.8", "http://a.test/").await);
    }

    #[tokio::test]
    async fn a_wrong_word_opens_nothing() {
        let (door, _) = door();
        assert!(!is_passed(&door, "10.0.0.7", "http://0123.invalid/").await);
        assert!(!is_passed(&door, "10.0.0.7", "http://a.test/").await);
    }

    #[tokio::test]
    async fn on_this_machine_everybody_may_come_in() {
        let door = Arc::new(Reach::Here.door(PassThrough));
        assert!(door.knock().is_none() && is_passed(&door, "127.0.0.1", "http://a.test/").await);
    }
}
