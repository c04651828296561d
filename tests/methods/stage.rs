//! A proxy with a session, and a world behind it.

use std::sync::Arc;

use handstamp::{
    inject::{Credentials, HttpAuth, Mode},
    keep::{Fault, Followed, GivenUp, Keeper, Limits, Living, Login, Refused, Roster, Watch, Who, Why},
    proxy::{Authority, Client, ClientSettings, Handler, Server},
    session::{
        Database, HeaderTemplate, HeaderToken, HttpScheme, Item, Method, Place, Reference, Shared, Source,
        State, Store, now,
    },
    site::Origin,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use url::Url;

use crate::support::{World, through};

/// A proxy of the library's that puts a session onto requests. Everything that it sends goes to one world.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) shared: Shared,
    address: String,
    /// What each request says to name its user.
    naming: &'static str,
    _home: TempDir,
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
        let (stop, stopped) = oneshot::channel::<()>();
        let server = Server::new(Authority::ephemeral().unwrap(), client.clone());
        let (home, living) = living(&state, client.clone());
        let shared = living.shared().clone();
        let who = Who { forced: (mode == Mode::Force).then(|| NAME.to_owned()), ..Who::default() };
        let running = if mode == Mode::Follow {
            run(server, listener, Followed::new(&shared, living.scope(), client), stopped)
        } else {
            run(server, listener, Keeper::new(One(living), who, client), stopped)
        };
        let naming = if mode == Mode::Fill { "X-Handstamp-User: shop/anna\r\n" } else { "" };
        Self { world, shared, address, naming, _home: home, _stop: stop, _running: running }
    }

    /// Sends a request through the proxy.
    pub(crate) async fn send(&self, method: &str, url: &str, lines: &str) -> String {
        through(&self.address, method, url, &format!("{}{lines}", self.naming)).await
    }

    pub(crate) async fn get(&self, url: &str) -> String {
        self.send("GET", url, "").await
    }
}

fn run(
    server: Server,
    listener: TcpListener,
    handler: impl Handler,
    stopped: oneshot::Receiver<()>,
) -> JoinHandle<()> {
    tokio::spawn(async move { server.run(listener, Arc::new(handler), async { drop(stopped.await) }).await })
}

/// The session of one user, in a store of its own, that nobody renews.
fn living(state: &State, client: Client) -> (TempDir, Arc<Living<Anna>>) {
    let home = tempfile::tempdir().unwrap();
    let place = (Store::open(home.path()).unwrap(), NAME.parse::<Reference>().unwrap());
    place.0.save(&place.1, state).unwrap();
    let scope = Some(state.reach());
    (home, Arc::new(Living::open(place, scope, client, Anna, Watch::default(), Limits::default()).unwrap()))
}

/// A user who is logged in already.
struct Anna;

impl Login for Anna {
    fn is_able(&self) -> bool {
        false
    }

    async fn log_in(&self, _why: &Why, _old: &State) -> Result<State, Refused> {
        Err(Refused { reason: "there is no login here".into(), fault: Fault::Unavailable })
    }

    fn http_auth(&self, state: &State) -> Option<Arc<HttpAuth>> {
        auth(&state.method).map(Arc::new)
    }
}

struct One(Arc<Living<Anna>>);

impl Roster for One {
    type Login = Anna;

    fn find(&self, name: &str) -> Result<Option<Arc<Living<Anna>>>, GivenUp> {
        Ok((name == NAME).then(|| Arc::clone(&self.0)))
    }

    fn active(&self, _url: &Url) -> Option<String> {
        None
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

const NAME: &str = "shop/anna";
pub(crate) const USER: &str = "anna";
pub(crate) const PASSWORD: &str = "planted-password";
