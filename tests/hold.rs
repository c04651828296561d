//! Answers that say the session has ended are held until it is renewed, and their requests are sent again.

#![expect(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

mod support;
#[path = "hold/upstream.rs"]
mod upstream;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use handstamp::{
    inject::{Mode, Stamp},
    keep::{Hold, Settled},
    proxy::{Body, Client, Exchange, Trust, empty, full, read},
    session::{HeaderToken, Shared, Source, State},
    site::{Origin, Scope},
};
use http::{Method, Request, StatusCode, header::AUTHORIZATION};
use tokio::task::JoinSet;
use upstream::Upstream;

/// A browser's proxy with a session at an application, and somebody who renews it.
struct Desk {
    app: Upstream,
    shared: Shared,
    hold: Arc<Hold>,
    client: Client,
    /// How often somebody asked whether the session is dead, and how often it was renewed.
    asked: Arc<AtomicUsize>,
    renewed: Arc<AtomicUsize>,
    tasks: JoinSet<()>,
}

/// What whoever sees to held answers knows.
#[derive(Clone, Copy)]
enum Check {
    /// Whether the session lives.
    Asks,
    /// Nothing: a denial is believed.
    Believes,
}

impl Desk {
    /// Nobody sees to what is held.
    async fn unattended(limit: Duration) -> Self {
        let app = Upstream::open().await;
        let shared = Shared::new(session(&app, 0));
        let client = Client::new(&Trust::System).unwrap();
        let scope = Scope::new([Origin::of(&app.url).unwrap()]);
        let stamp = Stamp::new(shared.clone(), scope, Mode::Follow);
        let hold = Arc::new(Hold::new(stamp, shared.clone(), client.clone(), limit));
        let (asked, renewed) = Default::default();
        Self { app, shared, hold, client, asked, renewed, tasks: JoinSet::new() }
    }

    async fn open(check: Check) -> Self {
        let mut desk = Self::unattended(LONG).await;
        let (hold, shared, app) = (Arc::clone(&desk.hold), desk.shared.clone(), desk.app.clone());
        let (asked, renewed) = (Arc::clone(&desk.asked), Arc::clone(&desk.renewed));
        desk.tasks.spawn(async move {
            loop {
                hold.wanted().await;
                asked.fetch_add(1, Ordering::Relaxed);
                let has = shared.read(|state| state.headers[0].value.expose().to_owned());
                let lives = matches!(check, Check::Asks) && has == bearer(app.number());
                if lives || !hold.believes_denials() {
                    hold.settle(Settled::Alive);
                    continue;
                }
                renewed.fetch_add(1, Ordering::Relaxed);
                app.gathered().await;
                shared.update(|state| *state = session(&app, app.number()));
                hold.settle(Settled::Renewed);
            }
        });
        desk
    }

    /// What a page gets that has the token of this number.
    async fn ask(&self, method: Method, path: &str, number: usize, body: &str) -> (StatusCode, String) {
        let exchange = Exchange::of(method, self.app.url.join(path).unwrap());
        let body = if body.is_empty() { empty() } else { full(body.to_owned()) };
        self.exchange(exchange, number, body).await
    }

    async fn exchange(&self, exchange: Exchange, number: usize, body: Body) -> (StatusCode, String) {
        let mut request = Request::new(body);
        request.headers_mut().insert(AUTHORIZATION, bearer(number).parse().unwrap());
        self.pass(exchange, request).await
    }

    /// What a page gets that sends a token in a body of a kind, or in the address where there is no body.
    async fn write(&self, path: &str, kind: &str, body: String) -> (StatusCode, String) {
        let method = if body.is_empty() { Method::GET } else { Method::POST };
        let exchange = Exchange::of(method, self.app.url.join(path).unwrap());
        let request = Request::builder().header("content-type", kind).header("content-length", body.len());
        self.pass(exchange, request.body(full(body)).unwrap()).await
    }

    async fn pass(&self, exchange: Exchange, mut request: Request<Body>) -> (StatusCode, String) {
        *request.method_mut() = exchange.method.clone();
        *request.uri_mut() = exchange.url.as_str().parse().unwrap();
        let (request, ticket) = self.hold.depart(&exchange, exchange.url.path(), request).await;
        let response = self.client.send(request).await.unwrap();
        let response = match ticket {
            Some(ticket) => self.hold.arrive(&exchange, ticket, response).await.0,
            None => response,
        };
        let status = response.status();
        let body = read(response.into_body(), 1 << 22).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn get(&self, path: &str, number: usize) -> StatusCode {
        self.ask(Method::GET, path, number, "").await.0
    }

    /// Lets the session be known to be this browser's, as its first request does.
    async fn begin(&self) {
        assert_eq!(self.get("/api/first", 0).await, StatusCode::OK);
    }

    fn counts(&self) -> (usize, usize) {
        (self.asked.load(Ordering::Relaxed), self.renewed.load(Ordering::Relaxed))
    }
}

fn bearer(number: usize) -> String {
    format!("Bearer {}", upstream::token(number))
}

fn session(app: &Upstream, number: usize) -> State {
    let origin = Origin::of(&app.url).unwrap();
    let source = Source::LocalStorage { origin: origin.clone(), key: "token".into() };
    let value = bearer(number).as_str().into();
    State {
        headers: vec![HeaderToken { origin, name: "Authorization".into(), value, source }],
        ..State::default()
    }
}

#[tokio::test]
async fn all_that_is_denied_at_the_end_waits_for_one_renewal_and_gets_the_good_answer() {
    let desk = Desk::open(Check::Asks).await;
    desk.begin().await;
    desk.app.end_session(6);
    let paths = ["a", "b", "c", "d", "e", "f"].map(|name| format!("/api/{name}"));
    let answers = futures_util::future::join_all(paths.iter().map(|path| desk.get(path, 0))).await;
    assert_eq!(answers, [StatusCode::OK; 6]);
    assert_eq!((desk.counts(), desk.hold.epoch()), ((1, 1), 1));
    assert_eq!(desk.app.denied(), 6, "each was sent once with the old session");
    assert_eq!(desk.get("/api/g", 0).await, StatusCode::OK);
    assert_eq!(desk.app.denied(), 6, "the old token is replaced on its way from then on");
}

#[tokio::test]
async fn a_body_is_sent_again_whole_and_one_that_is_too_long_is_not() {
    let desk = Desk::open(Check::Asks).await;
    desk.begin().await;
    desk.app.end_session(1);
    let answer = desk.ask(Method::POST, "/api/orders", 0, "three of them").await;
    assert_eq!(answer, (StatusCode::OK, "three of them".into()));
    desk.app.end_session(1);
    let long = "x".repeat((1 << 20) + 1);
    assert_eq!(desk.ask(Method::POST, "/api/orders", 1, &long).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_twice() {
    let desk = Desk::open(Check::Asks).await;
    desk.begin().await;
    desk.app.end_session(0);
    assert_eq!(desk.ask(Method::POST, "/page/order", 0, "one").await.0, StatusCode::FOUND);
    assert_eq!(desk.counts(), (0, 0));
    assert_eq!(desk.get("/page/orders", 0).await, StatusCode::OK, "a page that led to the login");
}

#[tokio::test]
async fn what_this_user_may_not_see_is_let_through_and_asked_about_once() {
    let desk = Desk::open(Check::Asks).await;
    desk.begin().await;
    for _ in 0..3 {
        assert_eq!(desk.get("/api/forbidden", 0).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(desk.counts(), (1, 0));
}

#[tokio::test]
async fn where_nothing_tells_how_the_session_is_a_denial_costs_few_renewals() {
    let desk = Desk::open(Check::Believes).await;
    desk.begin().await;
    for path in ["/api/forbidden", "/api/forbidden", "/api/forbidden/a", "/api/forbidden/b"] {
        assert_eq!(desk.get(path, 0).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(desk.counts().1, 2);
}

#[tokio::test]
async fn a_request_that_comes_while_the_session_is_being_renewed_goes_out_with_the_new_one() {
    let desk = Desk::unattended(LONG).await;
    desk.begin().await;
    desk.app.end_session(0);
    let renew = async {
        desk.hold.wanted().await;
        let late = desk.get("/api/late", 0);
        let renewed = async {
            tokio::task::yield_now().await;
            desk.shared.update(|state| *state = session(&desk.app, 1));
            desk.hold.settle(Settled::Renewed)
        };
        tokio::join!(late, renewed)
    };
    let (early, (late, waited)) = tokio::join!(desk.get("/api/early", 0), renew);
    assert_eq!((early, late, waited), (StatusCode::OK, StatusCode::OK, 2));
    assert_eq!(
        desk.app.seen("/api/late"),
        [upstream::token(1)],
        "the application never saw it with the old one"
    );
}

#[tokio::test]
async fn nothing_waits_longer_than_the_limit_nor_after_the_end() {
    let desk = Desk::unattended(Duration::from_millis(50)).await;
    desk.begin().await;
    desk.app.end_session(0);
    assert_eq!(desk.get("/api/a", 0).await, StatusCode::UNAUTHORIZED);
    let desk = Desk::unattended(LONG).await;
    desk.begin().await;
    desk.app.end_session(0);
    let close = async {
        desk.hold.wanted().await;
        desk.hold.close();
    };
    let (answer, ()) = tokio::join!(desk.get("/api/a", 0), close);
    assert_eq!(answer, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.get("/api/b", 0).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_logs_in_renews_or_carries_nothing_of_the_session_is_not_held() {
    let desk = Desk::unattended(LONG).await;
    desk.begin().await;
    desk.app.end_session(0);
    for path in ["/api/login", "/api/auth/refresh", "/oauth/token"] {
        assert_eq!(desk.ask(Method::POST, path, 0, "x").await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
    // A token that this session never had.
    assert_eq!(desk.get("/api/a", 99).await, StatusCode::UNAUTHORIZED);
    let socket =
        Exchange { upgrade: true, ..Exchange::of(Method::GET, desk.app.url.join("/api/live").unwrap()) };
    assert_eq!(desk.exchange(socket, 0, empty()).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_browser_whose_session_was_renewed_before_its_first_request_is_known_by_the_old_one() {
    let desk = Desk::open(Check::Asks).await;
    desk.hold.know(&desk.app.url);
    desk.app.end_session(0);
    desk.shared.update(|state| *state = session(&desk.app, 1));
    assert_eq!(desk.get("/api/a", 0).await, StatusCode::OK);
}

#[tokio::test]
async fn a_page_that_renews_the_session_itself_sees_one_denial_and_what_waits_is_sent_again() {
    let desk = Desk::unattended(LONG).await;
    desk.begin().await;
    desk.app.end_session(3);
    let page = async {
        desk.hold.wanted().await;
        desk.app.gathered().await;
        desk.hold.settle(Settled::LeftToPage);
        desk.shared.update(|state| *state = session(&desk.app, 1));
    };
    let asked = ["/api/a", "/api/b", "/api/c"].map(|path| desk.get(path, 0));
    let (answers, ()) = tokio::join!(futures_util::future::join_all(asked), page);
    let denied = answers.iter().filter(|status| **status == StatusCode::UNAUTHORIZED).count();
    assert_eq!((denied, desk.app.denied()), (1, 3), "{answers:?}");
}

#[tokio::test]
async fn a_session_that_somebody_else_has_renewed_costs_nothing() {
    let desk = Desk::open(Check::Asks).await;
    desk.begin().await;
    desk.app.end_session(0);
    desk.shared.update(|state| *state = session(&desk.app, 1));
    assert_eq!(desk.get("/api/a", 0).await, StatusCode::OK);
    assert_eq!(desk.counts(), (0, 0));
}

/// No test waits so long.
const LONG: Duration = Duration::from_secs(60);

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_token_in_an_address_or_a_body_is_held_and_sent_again_with_the_one_that_is_good_by_then() {
    let desk = Desk::open(Check::Asks).await;
    desk.begin().await;
    let (old, new) = (upstream::token(0), upstream::token(1));
    let json = |token: &str| format!(r#"{{"key": "{token}", "count": 1.0}}"#);
    let form = |token: &str| format!("a=%7E&key={token}");
    desk.app.end_session(1);
    assert_eq!(desk.write("/api/a", JSON, json(&old)).await, (StatusCode::OK, json(&new)));
    assert_eq!((desk.counts(), desk.app.denied()), ((1, 1), 1));
    assert_eq!(desk.write("/api/b", FORM, form(&old)).await, (StatusCode::OK, form(&new)));
    assert_eq!(desk.write(&format!("/api/c?key={old}&a=1"), JSON, String::new()).await.0, StatusCode::OK);
    assert_eq!(desk.app.denied(), 1, "the old token is replaced on its way from then on");
    assert_eq!(desk.app.seen("/api/c"), [new]);
}

#[tokio::test]
async fn what_is_no_token_of_the_session_and_no_whole_value_is_sent_as_it_is() {
    let desk = Desk::open(Check::Asks).await;
    desk.begin().await;
    desk.app.end_session(1);
    assert_eq!(desk.get("/api/a", 0).await, StatusCode::OK);
    let (old, good) = (upstream::token(0), upstream::token(1));
    for (kind, body) in [
        (JSON, format!(r#"["{good}", "as in {old}"]"#)),
        ("text/plain", format!("{good} {old}")),
        (JSON, format!(r#"["{good}", "{}"]"#, "opaque-token-of-anna-9999")),
    ] {
        assert_eq!(desk.write("/api/b", kind, body.clone()).await, (StatusCode::OK, body));
    }
}
