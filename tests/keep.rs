//! Sessions that are kept alive while many use them.

#![expect(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

#[path = "keep/learned.rs"]
mod learned;
#[path = "keep/realm.rs"]
mod realm;
#[path = "keep/renewal.rs"]
mod renewal;
mod support;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use handstamp::{
    browser::{Browser, Launch},
    inject,
    keep::{
        Every, Fault, Followed, GivenUp, Keeper, Limits, Living, Login, Refused, Roster, Strategy, Watch,
        Who, Why,
    },
    proxy::{Authority, Client, Server, Trust, full, read},
    session::{Check, HeaderToken, Indicator, Item, Reference, Shared, Source, State, Store, now},
    site::{Origin, Pattern},
};
use http::{Method, Request, StatusCode};
use realm::{Realm, Rules};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use url::Url;

/// Logs in at a realm, or is refused.
struct Anna {
    realm: Arc<Realm>,
    refusals: Mutex<u32>,
    check: Option<Check>,
    cost: Cost,
}

/// What a login takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cost {
    /// A request.
    Little,
    /// A browser.
    Much,
}

impl Anna {
    fn of(realm: &Arc<Realm>) -> Self {
        Self {
            realm: Arc::clone(realm),
            refusals: Mutex::new(0),
            check: Some(check(&realm.url)),
            cost: Cost::Much,
        }
    }
}

impl Login for Anna {
    fn is_able(&self) -> bool {
        true
    }

    fn renews_cheaply(&self, _old: &State) -> bool {
        self.cost == Cost::Little
    }

    async fn log_in(&self, _why: &Why, _old: &State) -> Result<State, Refused> {
        tokio::task::yield_now().await;
        let mut refusals = self.refusals.lock().unwrap();
        if *refusals > 0 {
            *refusals -= 1;
            return Err(Refused { reason: "401 at the login".into(), fault: Fault::Refused });
        }
        Ok(session(&self.realm, &self.realm.log_in(), self.check.clone()))
    }
}

/// Serves one living session under one name.
struct One(Arc<Living<Anna>>);

impl Roster for One {
    type Login = Anna;

    fn find(&self, name: &str) -> Result<Option<Arc<Living<Anna>>>, GivenUp> {
        Ok((name == "shop/anna").then(|| Arc::clone(&self.0)))
    }

    fn active(&self, _url: &Url) -> Option<String> {
        None
    }
}

/// Limits that do not take the quick deaths of these tests for a login that failed.
fn quick() -> Limits {
    Limits { shortest: Duration::ZERO, ..Limits::default() }
}

fn check(url: &Url) -> Check {
    Check {
        method: "GET".into(),
        url: url.join("api/me").unwrap(),
        headers: Vec::new(),
        body: None,
        indicator: Indicator::Body { contains: "anna".into() },
        evidence: "GET /api/me: body differs".into(),
    }
}

fn session(realm: &Realm, token: &str, check: Option<Check>) -> State {
    let origin = Origin::of(&realm.url).unwrap();
    let header = HeaderToken {
        origin: origin.clone(),
        name: "Authorization".into(),
        value: format!("Bearer {token}").as_str().into(),
        source: Source::Memory,
    };
    State { headers: vec![header], scope: vec![origin], created: now(), check, ..State::default() }
}

fn anna() -> Reference {
    "shop/anna".parse().unwrap()
}

/// A proxy before a realm, for one user.
struct Desk {
    address: SocketAddr,
    living: Arc<Living<Anna>>,
    realm: Arc<Realm>,
    _tasks: JoinSet<()>,
    home: tempfile::TempDir,
}

impl Desk {
    async fn open(rules: Rules, watch: Watch, limits: Limits) -> Self {
        let realm = Arc::new(Realm::open(rules).await);
        let login = Anna::of(&realm);
        Self::with(realm, login, watch, limits).await
    }

    async fn with(realm: Arc<Realm>, login: Anna, watch: Watch, limits: Limits) -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let client = Client::new(&Trust::System).unwrap();
        let living = Living::open((store, anna()), None, client.clone(), login, watch, limits).unwrap();
        let living = Arc::new(living);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let who = Who { forced: Some("shop/anna".into()), ..Who::default() };
        let keeper = Arc::new(Keeper::new(One(Arc::clone(&living)), who, client.clone()));
        let mut tasks = JoinSet::new();
        let server = Server::new(Authority::ephemeral().unwrap(), client);
        tasks.spawn(async move { server.run(listener, keeper, std::future::pending()).await });
        let tended = Arc::clone(&living);
        tasks.spawn(async move { tended.tend().await });
        Self { address, living, realm, _tasks: tasks, home }
    }

    fn url(&self, path: &str) -> Url {
        self.realm.url.join(path).unwrap()
    }

    /// What a client of the proxy gets, who knows nothing of sessions.
    async fn get(&self, path: &str) -> (u16, String) {
        request(self.address, "GET", &self.url(path), "").await
    }
}

/// One request through a proxy, in absolute form (RFC 9112, 3.2.2).
async fn request(proxy: SocketAddr, method: &str, url: &Url, body: &str) -> (u16, String) {
    let mut tcp = TcpStream::connect(proxy).await.unwrap();
    let head = format!(
        "{method} {url} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        url.authority(),
        body.len()
    );
    tcp.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_notice_a_dead_session_and_one_login_serves_them_all() {
    let desk = Arc::new(Desk::open(Rules::default(), Watch::default(), quick()).await);
    assert_eq!(desk.get("api/me").await.0, 200);
    for round in 2..=4 {
        desk.realm.forget_all();
        let mut clients = JoinSet::new();
        for _ in 0..40 {
            let desk = Arc::clone(&desk);
            clients.spawn(async move { desk.get("api/me").await });
        }
        while let Some(answer) = clients.join_next().await {
            let (status, body) = answer.unwrap();
            assert!(status == 200 && body.contains("anna"), "{status} {body}");
        }
        assert_eq!(desk.realm.counts().logins, round);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_denied_is_sent_again_with_its_body() {
    let desk = Desk::open(Rules::default(), Watch::default(), quick()).await;
    desk.get("api/me").await;
    desk.realm.forget_all();
    let body = "x".repeat(100_000);
    let (status, answer) = request(desk.address, "POST", &desk.url("api/order"), &body).await;
    assert!(status == 200 && answer.contains(&body));
    assert_eq!((desk.realm.counts().posts, desk.realm.counts().logins), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_to_be_kept_is_not_sent_again_but_the_next_request_is_logged_in() {
    let limits = Limits { body: 1000, ..quick() };
    let desk = Desk::open(Rules::default(), Watch::default(), limits).await;
    desk.get("api/me").await;
    desk.realm.forget_all();
    assert_eq!(request(desk.address, "POST", &desk.url("api/order"), &"x".repeat(2000)).await.0, 401);
    assert_eq!(desk.get("api/me").await.0, 200);
    assert_eq!((desk.realm.counts().posts, desk.realm.counts().logins), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_this_user_may_never_see_causes_no_login() {
    let desk = Desk::open(Rules::default(), Watch::default(), quick()).await;
    for _ in 0..5 {
        assert_eq!(desk.get("forbidden").await.0, 403);
    }
    assert_eq!(desk.realm.counts().logins, 1);
    // One check for all of them: what a living session gets is no sign any more.
    assert_eq!(desk.realm.counts().served, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_check_a_denial_costs_one_login_and_is_then_believed() {
    let realm = Arc::new(Realm::open(Rules::default()).await);
    let login = Anna { check: None, ..Anna::of(&realm) };
    let limits = quick();
    let desk = Desk::with(realm, login, Watch::default(), limits).await;
    desk.get("api/me").await;
    desk.realm.forget_all();
    assert_eq!(desk.get("api/me").await.0, 200);
    assert_eq!(desk.realm.counts().logins, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_gets_200_is_noticed_by_the_given_patterns() {
    for strategy in [Strategy::Response, Strategy::Both] {
        let pattern = |text: &str| Some(Pattern::parse(text).unwrap());
        let watch = Watch {
            strategy,
            logged_in: pattern("\\Q\"user\":\"anna\"\\E"),
            logged_out: pattern("please log in"),
        };
        let desk = Desk::open(Rules { quiet: true, ..Rules::default() }, watch, quick()).await;
        desk.get("api/me").await;
        desk.realm.forget_all();
        let (_, body) = desk.get("api/me").await;
        assert!(body.contains("anna"), "{body}");
        assert_eq!(desk.realm.counts().logins, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_death_is_noticed_by_the_check_that_is_asked_while_the_session_is_used() {
    let watch = Watch { strategy: Strategy::Check(Every::Requests(3)), ..Watch::default() };
    let desk = Desk::open(Rules { quiet: true, ..Rules::default() }, watch, quick()).await;
    desk.get("api/me").await;
    desk.realm.forget_all();
    let deadline = Instant::now() + Duration::from_secs(20);
    while desk.realm.counts().logins < 2 {
        desk.get("api/me").await;
        assert!(Instant::now() < deadline, "nobody noticed");
    }
    assert!(desk.get("api/me").await.1.contains("anna"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_so_many_refusals_the_user_is_marked_and_everybody_gets_a_clear_answer() {
    let realm = Arc::new(Realm::open(Rules::default()).await);
    let login = Anna { refusals: Mutex::new(99), ..Anna::of(&realm) };
    let limits = Limits { backoff: Duration::from_millis(1), failures: 3, ..quick() };
    let desk = Desk::with(realm, login, Watch::default(), limits).await;
    let deadline = Instant::now() + Duration::from_secs(20);
    let last = loop {
        let (status, body) = desk.get("api/me").await;
        assert_eq!(status, 503);
        if body.contains("is marked") {
            break body;
        }
        assert!(body.contains("try again in") && Instant::now() < deadline, "{body}");
    };
    assert!(last.contains("after 3 failed logins") && last.contains("sessions unlock shop/anna"), "{last}");
    for _ in 0..5 {
        desk.get("api/me").await;
    }
    assert_eq!(*desk.living_refusals(), 96);
}

impl Desk {
    fn living_refusals(&self) -> std::sync::MutexGuard<'_, u32> {
        self.living.login().refusals.lock().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_tells_its_end_is_renewed_before_it_comes() {
    let rules = Rules { life: Some(Duration::from_secs(4)), tells: true, ..Rules::default() };
    let desk = Arc::new(Desk::open(rules, Watch::default(), quick()).await);
    let end = Instant::now() + Duration::from_secs(13);
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        let desk = Arc::clone(&desk);
        clients.spawn(async move {
            let mut bad = Vec::new();
            while Instant::now() < end {
                let (status, body) = desk.get("api/me").await;
                if status != 200 || !body.contains("anna") {
                    bad.push((status, body));
                }
            }
            bad
        });
    }
    while let Some(bad) = clients.join_next().await {
        assert_eq!(bad.unwrap(), []);
    }
    let counts = desk.realm.counts();
    assert!((4..=6).contains(&counts.logins), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_one_login_through_the_store() {
    let realm = Arc::new(Realm::open(Rules::default()).await);
    let home = tempfile::tempdir().unwrap();
    let client = Client::new(&Trust::System).unwrap();
    let open = || {
        let store = Store::open(home.path()).unwrap();
        let place = (store, anna());
        Living::open(place, None, client.clone(), Anna::of(&realm), Watch::default(), quick()).unwrap()
    };
    let (one, other) = (open(), open());
    let (first, second) = tokio::join!(one.ready(), other.ready());
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(realm.counts().logins, 1);
    let tokens = [&one, &other].map(|living| living.shared().read(|state| state.headers[0].value.clone()));
    assert_eq!(tokens[0].expose(), tokens[1].expose());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_kept_is_used_again_by_the_next_process() {
    let desk = Desk::open(Rules::default(), Watch::default(), quick()).await;
    desk.get("api/me").await;
    desk.living.settle().unwrap();
    let store = Store::open(desk.home.path()).unwrap();
    let client = Client::new(&Trust::System).unwrap();
    let login = Anna::of(&desk.realm);
    let living =
        Living::open((store, anna()), None, client.clone(), login, Watch::default(), quick()).unwrap();
    living.ready().await.unwrap();
    assert_eq!(desk.realm.counts().logins, 1);
    let mut request = Request::new(full(""));
    *request.uri_mut() = desk.url("api/me").as_str().parse().unwrap();
    living.stamp(inject::Mode::Force).put_on(&Method::GET, &desk.url("api/me"), request.headers_mut());
    let answer = client.send(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(read(answer.into_body(), 1000).await.unwrap().starts_with(b"{"));
}

/// A session with tokens in localStorage, as the realm's page keeps them.
fn stored(realm: &Realm) -> State {
    let access = realm.log_in();
    let mut state = session(realm, &access, None);
    let storage = state.origin_mut(&Origin::of(&realm.url).unwrap());
    storage.local_storage.push(Item::new("access", access.as_str()));
    storage.local_storage.push(Item::new("refresh", realm.refresh_token().as_str()));
    state
}

async fn browse(proxy: SocketAddr, state: &State, page: &Url) -> Browser {
    let launch = Launch { proxy: Some(proxy), deadline: Duration::from_secs(60), ..Launch::default() };
    let browser = Browser::launch(&launch).await.unwrap();
    inject::into_browser(state, browser.control()).await.unwrap();
    browser.page().goto(page).await.unwrap();
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn four_browsers_share_a_refresh_token_that_is_good_once() {
    let life = Duration::from_secs(4);
    let realm = Realm::open(Rules { life: Some(life), ..Rules::default() }).await;
    let shared = Shared::new(stored(&realm));
    let client = Client::new(&Trust::System).unwrap();
    let scope = shared.read(State::reach);
    let handler = Arc::new(Followed::new(&shared, scope, client.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap();
    let server = Server::new(Authority::ephemeral().unwrap(), client);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(listener, handler, async move {
        let _ = stopped.await;
    }));
    let began = Instant::now();
    let page = realm.url.join("page").unwrap();
    let mut browsers = Vec::new();
    // Each is opened from what the store holds by then, as a crawl opens its browsers.
    for _ in 0..4 {
        let state = shared.snapshot();
        browsers.push(browse(proxy, &state, &page).await);
    }
    let before = realm.counts().refreshes;
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut every = tokio::time::interval(Duration::from_millis(100));
    while realm.counts().refreshes < before + 3 && Instant::now() < deadline {
        every.tick().await;
    }
    let most = u32::try_from(began.elapsed().as_secs() / life.as_secs()).unwrap() + 1;
    for browser in &browsers {
        let text = browser.page().evaluate("return document.querySelector('#state').textContent", &[]).await;
        let text = text.unwrap();
        assert!(text.as_str().unwrap().starts_with("good"), "{text}");
    }
    for browser in browsers {
        browser.close().await;
    }
    let _ = stop.send(());
    serving.await.unwrap();
    let counts = realm.counts();
    assert_eq!((counts.spent, counts.logins), (0, 1), "{counts:?}");
    assert!(counts.refreshes >= before + 3 && counts.refreshes <= most, "{counts:?}, at most {most}");
}
