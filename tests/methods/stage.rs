//! A proxy with a session, and a world behind it.

use std::sync::Arc;

use handstamp::{
    inject::{Credentials, HttpAuth, Mode, Stamp, Through},
    proxy::{Authority, Client, ClientSettings, Server},
    session::{
        Database, HeaderTemplate, HeaderToken, HttpScheme, Item, Method, Place, Shared, Source, State, now,
    },
    site::Origin,
};
use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use url::Url;

use crate::support::{World, through};

/// A proxy of the library's that puts a session onto requests. Everything that it sends goes to one world.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) shared: Shared,
    address: String,
    _stop: oneshot::Sender<()>,
    _running: JoinHandle<()>,
}

impl Stage {
    pub(crate) async fn set(state: State, mode: Mode, world: World) -> Self {
        let upstream = Some(format!("http://{}", world.address).parse().unwrap());
        let client = Client::with(ClientSettings { upstream, ..ClientSettings::default() }).unwrap();
        Self::with(state, mode, world, client).await
    }

    /// A stage whose proxy goes to servers by itself.
    pub(crate) async fn near(state: State, world: World) -> Self {
        Self::with(state, Mode::Force, world, Client::with(ClientSettings::default()).unwrap()).await
    }

    async fn with(state: State, mode: Mode, world: World, client: Client) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (scope, auth) = (state.reach(), auth(&state.method));
        let shared = Shared::new(state);
        let stamp = Stamp::new(shared.clone(), scope, mode).with_auth(auth.map(Arc::new));
        let handler = Arc::new(Through::new(stamp).answering(client.clone()));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = Server::new(Authority::ephemeral().unwrap(), client);
        let running =
            tokio::spawn(async move { server.run(listener, handler, async { drop(stopped.await) }).await });
        Self { world, shared, address, _stop: stop, _running: running }
    }

    /// Sends a request through the proxy.
    pub(crate) async fn send(&self, method: &str, url: &str, lines: &str) -> String {
        through(&self.address, method, url, lines).await
    }

    pub(crate) async fn get(&self, url: &str) -> String {
        self.send("GET", url, "").await
    }
}

fn auth(method: &Method) -> Option<HttpAuth> {
    let Method::Http { scheme } = method else { return None };
    let credentials = Credentials { username: USER.into(), password: PASSWORD.into() };
    Some(HttpAuth::new(*scheme, credentials).unwrap())
}

/// A session at an address that has a secret in each place that a session can be in. All of them begin with `planted`.
pub(crate) fn session(home: &str, method: Method) -> State {
    let (origin, url) = (Origin::parse(home).unwrap(), Url::parse(home).unwrap());
    let mut state = State { method, scope: vec![origin.clone()], ..State::default() };
    for line in ["sid=planted-sid; HttpOnly; Path=/", "csrf=planted-csrf; Path=/"] {
        assert!(state.receive_cookie(line, &url, now()));
    }
    let values = [
        ("json:auth.token", "json"),
        ("header:X-Auth", "header"),
        ("url:code", "url"),
        ("env:KEY", "env"),
        ("script:var", "script"),
    ];
    for (place, value) in values {
        state.values.push((place.parse().unwrap(), format!("planted-{value}").into()));
    }
    let storage = state.origin_mut(&origin);
    storage.local_storage.push(Item::new("auth", r#"{"user":{"token":"planted-local"}}"#));
    storage.session_storage.push(Item::new("bid", "planted-session"));
    storage.indexed_db.extend(Database::new(json!({"name": "db", "version": 1, "stores": [
        {"name": "s", "autoIncrement": false, "indexes": [], "records": [{"key": "me", "value": {"t": "planted-database"}}]}
    ]})));
    state.headers.push(HeaderToken {
        origin,
        name: "X-Memory".into(),
        value: "planted-memory".into(),
        source: Source::Memory,
    });
    state
}

/// A method with a header from each kind of place.
pub(crate) fn every_place() -> Method {
    let places = [
        "json:auth.token",
        "header:X-Auth",
        "url:code",
        "env:KEY",
        "script:var",
        "cookie:csrf",
        "localStorage:auth|user.token",
        "sessionStorage:bid",
        "indexedDB:db/s/me|t",
        "memory:X-Memory",
    ];
    let header = |(number, place): (usize, &&str)| HeaderTemplate {
        name: format!("X-Place-{number}"),
        value: format!("Bearer {{%{}%}}", place.parse::<Place>().unwrap()).parse().unwrap(),
    };
    Method::Headers { headers: places.iter().enumerate().map(header).collect() }
}

/// All methods that need no script, by name.
pub(crate) fn every_method() -> Vec<(&'static str, Method)> {
    vec![
        ("browser", Method::Browser),
        ("cookie", Method::Cookie),
        ("headers", every_place()),
        ("basic", Method::Http { scheme: HttpScheme::Basic }),
        ("digest", Method::Http { scheme: HttpScheme::Digest }),
        ("bearer", Method::Http { scheme: HttpScheme::Bearer }),
    ]
}

pub(crate) const USER: &str = "anna";
pub(crate) const PASSWORD: &str = "planted-password";
