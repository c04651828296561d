//! A way on loopback to a driver or grid that speaks TLS or asks for a password, and to wherever its sockets are.

use std::sync::{Arc, Mutex, PoisonError};

use http::{Method, Request, Response, StatusCode, uri::PathAndQuery};
use serde_json::Value;
use tokio::net::TcpListener;
use url::Url;

use super::sockets::{is_at, led};
use crate::{
    browser::is_routed,
    proxy::{
        Authority, Body, Client, Error, Exchange, Handler, Next, Remote, Server, Serving, Tunnel, below,
        full, page, read,
    },
};

/// A running way; it ends with its last clone.
#[derive(Clone, Debug)]
pub struct Passage {
    url: Url,
    doors: Arc<Doors>,
    _serving: Arc<Serving>,
}

/// What those who go through it are told of the sockets that the driver or grid names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// What the driver or grid says, byte for byte.
    AsItIs,
    /// Where they are at the near end, and nothing of what only the driver's own machine can reach.
    NearEnd,
}

/// Sends what comes with a word on to the server of that word. A page that finds the port knows none of them.
#[derive(Debug)]
struct Doors {
    told: Told,
    /// The near end, without a word.
    here: Url,
    hub: Door,
    /// Where sockets are that the hub does not serve itself; these are not shown the hub's password.
    others: Mutex<Vec<Door>>,
}

#[derive(Clone, Debug)]
struct Door {
    word: String,
    remote: Remote,
}

impl Passage {
    /// Opens a way to a driver or grid through this client, WebSockets included.
    ///
    /// # Errors
    /// When no port is left.
    pub async fn open(hub: Remote, client: Client, told: Told) -> Result<Self, Error> {
        let closed = |e: std::io::Error| Error::NoWay { source: Arc::new(e) };
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(closed)?;
        let address = listener.local_addr().map_err(closed)?;
        let here = Url::parse(&format!("http://{address}/")).map_err(|_| Error::NotAbsolute)?;
        let doors = Arc::new(Doors { told, here, hub: Door::to(hub), others: Mutex::default() });
        let url = doors.here.join(&format!("{}/", doors.hub.word)).map_err(|_| Error::NotAbsolute)?;
        let server = Server::new(Authority::ephemeral()?, client).as_origin();
        let serving = server.start_at(listener, Arc::clone(&doors)).map_err(closed)?;
        Ok(Self { url, doors, _serving: Arc::new(serving) })
    }

    /// What stands in the place of the driver's own address; it ends with a stroke.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// An answer of the driver or grid as the near end sees it.
    pub(super) fn seen(&self, answer: &Value) -> Value {
        self.doors.seen(answer)
    }
}

impl Door {
    fn to(remote: Remote) -> Self {
        Self { word: format!("{:032x}", rand::random::<u128>()), remote }
    }
}

impl Doors {
    /// The server that a request is for, and where it goes there.
    fn behind<'a>(&self, path: &'a str) -> Option<(Remote, &'a str)> {
        let below = path.strip_prefix('/')?;
        let (word, rest) = below.split_at(below.find('/')?);
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let door = std::iter::once(&self.hub).chain(others.iter()).find(|door| door.word == word)?;
        Some((door.remote.clone(), rest))
    }

    /// The word for another server, a new one where it has none yet.
    fn word_for(&self, remote: Remote) -> String {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.iter().find(|door| door.remote == remote) {
            return known.word.clone();
        }
        let door = Door::to(remote);
        others.push(door.clone());
        door.word
    }

    /// Leads the sockets in an answer of the driver or grid through here.
    fn seen(&self, answer: &Value) -> Value {
        led(answer, self.hub.remote.url(), &|socket| self.near_end(socket))
    }

    /// Grids tell the address that they take for their own, which need not be the one by which they are reached.
    fn near_end(&self, socket: &Url) -> Option<Url> {
        let at = self.hub.remote.url();
        let (word, path) = if is_at(socket, at) || is_routed(socket.as_str()) {
            let base = at.path().trim_end_matches('/');
            (self.hub.word.clone(), socket.path().strip_prefix(base).unwrap_or(socket.path()))
        } else {
            (self.word_for(Remote::of_socket(socket)?), socket.path())
        };
        let mut url = self.here.clone();
        url.set_path(&format!("/{word}{path}"));
        url.set_query(socket.query());
        url.set_scheme("ws").ok()?;
        Some(url)
    }

    async fn answer(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        if response.status() == StatusCode::UNAUTHORIZED {
            return page(StatusCode::BAD_GATEWAY, "driver-refused", REFUSED);
        }
        if !response.status().is_success() || !names_sockets(exchange) {
            return response;
        }
        let (head, body) = response.into_parts();
        let Ok(bytes) = read(body, ANSWER_LIMIT).await else {
            return page(StatusCode::BAD_GATEWAY, "broken-off", "the driver's answer broke off");
        };
        let seen = serde_json::from_slice(&bytes).map(|answer| self.seen(&answer).to_string());
        Response::from_parts(head, seen.map_or_else(|_| full(bytes), full))
    }
}

impl Handler for Doors {
    async fn connect(&self, _tunnel: &Tunnel) -> Option<Response<Body>> {
        Some(stranger())
    }

    async fn request(&self, _exchange: &Exchange, mut request: Request<Body>) -> Next {
        let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        let behind = self.behind(path).and_then(|(remote, rest)| Some((below(remote.url(), rest)?, remote)));
        let Some((target, remote)) = behind else { return Next::Answer(stranger()) };
        *request.uri_mut() = target;
        remote.sign(request.headers_mut());
        Next::Forward(request)
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        match self.told {
            Told::AsItIs => response,
            Told::NearEnd => self.answer(exchange, response).await,
        }
    }
}

/// Whether the answer may tell where sockets are: those of a new session, or of all that there are.
fn names_sockets(exchange: &Exchange) -> bool {
    let last = exchange.url.path_segments().and_then(|mut all| all.next_back()).unwrap_or_default();
    match exchange.method {
        Method::POST => last == "session",
        Method::GET => matches!(last, "sessions" | "status"),
        _ => false,
    }
}

fn stranger() -> Response<Body> {
    page(StatusCode::NOT_FOUND, "stranger", "there is nothing here")
}

const REFUSED: &str = "it asks for a user name and a password, or takes others than these";
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn doors(hub: &str) -> Doors {
        let hub = Door { word: "word".into(), remote: hub.parse().unwrap() };
        let here = "http://127.0.0.1:7/".parse().unwrap();
        Doors { told: Told::NearEnd, here, hub, others: Mutex::default() }
    }

    #[test]
    fn only_who_knows_a_word_is_led_on() {
        let doors = doors("https://u:p@hub.test/wd/hub/");
        assert_eq!(doors.behind("/word/session/1?a").map(|(_, rest)| rest), Some("/session/1?a"));
        for wrong in ["/", "/word", "/words/x", "/other/session"] {
            assert!(doors.behind(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn sockets_of_the_hub_are_at_the_hub_and_others_have_a_door_of_their_own_without_its_password() {
        let doors = doors("https://u:secret@hub.test/wd/hub");
        let of = |name: &str, socket: &str| {
            let seen = doors.seen(&json!({ "value": { "capabilities": { name: socket } } }));
            seen["value"]["capabilities"][name].as_str().unwrap().to_owned()
        };
        let grid = of("se:cdp", "ws://10.0.0.5:4444/session/a/se/cdp?x");
        assert_eq!(grid, "ws://127.0.0.1:7/word/session/a/se/cdp?x");
        let own = of("webSocketUrl", "wss://hub.test/wd/hub/session/a");
        assert_eq!(own, "ws://127.0.0.1:7/word/session/a");
        let third = of("se:cdp", "wss://cdp.test/a?b=%7e");
        let (word, rest) = third.strip_prefix("ws://127.0.0.1:7/").unwrap().split_once('/').unwrap();
        assert!(word != "word" && rest == "a?b=%7e", "{third}");
        let path = format!("/{word}/a?b=%7e");
        let (remote, rest) = doors.behind(&path).unwrap();
        assert_eq!((remote, rest), ("https://cdp.test/".parse().unwrap(), "/a?b=%7e"));
        assert_eq!(of("se:cdp", "wss://cdp.test/a?b=%7e"), third, "one word a server");
        assert_ne!(of("se:cdp", "wss://u:other@cdp.test/a?b=%7e"), third);
    }

    #[test]
    fn what_names_no_sockets_is_left_as_it_is() {
        let of = |method, path: &str| {
            let url = format!("http://127.0.0.1:7/word{path}").parse().unwrap();
            names_sockets(&Exchange::of(method, url))
        };
        assert!(of(Method::POST, "/session") && of(Method::GET, "/status") && of(Method::GET, "/sessions"));
        assert!(!of(Method::DELETE, "/session") && !of(Method::POST, "/session/1/url"));
    }
}
