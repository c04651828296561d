//! Which parts of a session requests need, by servers that want different ones, with bounds on what it costs.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use handstamp::{
    proxy::{Client, ClientSettings},
    session::{Check, HeaderToken, Indicator, Source, Standing, State, now},
    site::Origin,
    verify::{Budget, End, Part, Probe, Trial, try_on_requests},
};
use http::Response;

use crate::support::{Got, World};

/// A session at a world, with a check that answers 200 or 401.
pub(crate) fn session(world: &World, cookies: &[&str], headers: &[(&str, &str)]) -> State {
    let url: url::Url = world.url("/").parse().unwrap();
    let origin = Origin::of(&url).unwrap();
    let mut state = State { scope: vec![origin.clone()], ..State::default() };
    for line in cookies {
        assert!(state.receive_cookie(line, &url, now()));
    }
    state.headers = headers
        .iter()
        .map(|(name, value)| HeaderToken {
            origin: origin.clone(),
            name: (*name).into(),
            value: (*value).into(),
            source: Source::Memory,
        })
        .collect();
    state.check = Some(Check {
        method: "GET".into(),
        url: world.url("/me").parse().unwrap(),
        headers: Vec::new(),
        body: None,
        indicator: Indicator::Status { logged_in: 200, logged_out: 401 },
        evidence: "GET /me: 200, while a stranger gets 401".into(),
    });
    state
}

pub(crate) fn probe(state: &State) -> Probe {
    Probe::new(Client::with(ClientSettings::default()).unwrap(), state)
}

/// Runs a trial and checks that it tells what it sent, all of it by safe methods.
async fn tried(world: &World, state: &mut State, budget: Budget) -> Trial {
    let mut trial = Trial::default();
    try_on_requests(&probe(state), state, budget, &mut trial, &|_| ()).await.unwrap();
    let got = world.take();
    assert_eq!(trial.requests, got.len(), "{trial:?}");
    assert!(got.iter().all(|got| got.method == "GET"), "{got:?}");
    trial
}

fn sets(trial: &Trial) -> Vec<Vec<String>> {
    trial.on_requests.sufficient.iter().map(|set| names(set)).collect()
}

fn names(parts: &[Part]) -> Vec<String> {
    let mut names: Vec<_> = parts.iter().map(ToString::to_string).collect();
    names.sort();
    names
}

fn has(got: &Got, cookie: &str) -> bool {
    got.header("cookie").split("; ").any(|pair| pair == cookie)
}

fn yes_or_no(is_user: bool) -> Response<String> {
    let status = if is_user { 200 } else { 401 };
    Response::builder().status(status).body("{}".into()).unwrap()
}

#[tokio::test]
async fn of_two_cookies_the_one_that_carries_the_session_is_needed_and_the_other_noise() {
    let world = World::open(|got| yes_or_no(has(got, "sid=0123456789abcdef"))).await;
    let cookies = ["_ga=GA1.2.1234567890.1234567890; Path=/", "sid=0123456789abcdef; HttpOnly; Path=/"];
    let trial = tried(&world, &mut session(&world, &cookies, &[]), Budget::default()).await;
    assert_eq!(sets(&trial), [["cookie:sid"]]);
    assert_eq!(names(&trial.on_requests.needed), ["cookie:sid"]);
    assert_eq!(names(&trial.on_requests.noise), ["cookie:_ga"]);
    assert_eq!(trial.end, End::Alive);
    assert!(trial.requests <= 7, "{}", trial.requests);
}

#[tokio::test]
async fn two_cookies_that_only_suffice_together_are_both_needed() {
    let world = World::open(|got| yes_or_no(has(got, "a=aaaa11112222") && has(got, "b=bbbb11112222"))).await;
    let cookies =
        ["a=aaaa11112222; Path=/", "lang=en; Path=/", "b=bbbb11112222; HttpOnly; Path=/", "x=1; Path=/"];
    let trial = tried(&world, &mut session(&world, &cookies, &[]), Budget::default()).await;
    assert_eq!(sets(&trial), [["cookie:a", "cookie:b"]]);
    assert_eq!(names(&trial.on_requests.needed), ["cookie:a", "cookie:b"]);
    assert_eq!(names(&trial.on_requests.noise), ["cookie:lang", "cookie:x"]);
    assert!(trial.requests <= 10, "{}", trial.requests);
}

#[tokio::test]
async fn a_cookie_or_a_header_suffices_and_neither_is_needed() {
    let world = World::open(|got| {
        yes_or_no(has(got, "sid=0123456789abcdef") || got.header("authorization") == "Bearer t")
    })
    .await;
    let cookies = ["sid=0123456789abcdef; HttpOnly; Path=/", "theme=dark; Path=/"];
    let mut state = session(&world, &cookies, &[("Authorization", "Bearer t")]);
    let trial = tried(&world, &mut state, Budget::default()).await;
    assert_eq!(sets(&trial), [["header:Authorization"], ["cookie:sid"]]);
    assert!(trial.on_requests.needed.is_empty());
    let standing = |name: &str| {
        let sets = &trial.on_requests;
        let parts = sets.sufficient.iter().flatten().chain(&sets.noise);
        parts.clone().find(|part| part.to_string() == name).and_then(|part| sets.standing(part))
    };
    assert_eq!(standing("cookie:sid"), Some(Standing::Sufficient));
    assert_eq!(standing("cookie:theme"), Some(Standing::Noise));
    assert!(trial.requests <= 9, "{}", trial.requests);
}

#[tokio::test]
async fn one_cookie_among_thirty_takes_no_more_requests_than_among_two() {
    let world = World::open(|got| yes_or_no(has(got, "sid=0123456789abcdef"))).await;
    let mut cookies: Vec<String> = (0..29).map(|n| format!("c{n}=value{n}; Path=/")).collect();
    cookies.push("sid=0123456789abcdef; HttpOnly; Path=/".into());
    let cookies: Vec<&str> = cookies.iter().map(String::as_str).collect();
    let trial = tried(&world, &mut session(&world, &cookies, &[]), Budget::default()).await;
    assert_eq!((sets(&trial), trial.on_requests.noise.len()), (vec![vec!["cookie:sid".to_owned()]], 29));
    assert!(trial.requests <= 7, "{}", trial.requests);
}

#[tokio::test]
async fn a_needed_pair_that_looks_like_nothing_is_found_among_thirty_within_the_limit() {
    let world = World::open(|got| yes_or_no(has(got, "c7=value7") && has(got, "c22=value22"))).await;
    let cookies: Vec<String> = (0..30).map(|n| format!("c{n}=value{n}; Path=/")).collect();
    let cookies: Vec<&str> = cookies.iter().map(String::as_str).collect();
    let trial = tried(&world, &mut session(&world, &cookies, &[]), Budget::default()).await;
    assert_eq!(sets(&trial), [["cookie:c22", "cookie:c7"]]);
    assert!(trial.requests <= 24, "{}", trial.requests);
    let few = Budget { requests: 9, ..Budget::default() };
    let trial = tried(&world, &mut session(&world, &cookies, &[]), few).await;
    assert!(trial.requests <= 9 && trial.on_requests.undecided.len() == 30, "{trial:?}");
    assert!(trial.notes.iter().any(|note| note.contains("the limit of 9 requests")), "{:?}", trial.notes);
}

#[tokio::test]
async fn a_session_that_dies_of_a_partial_request_ends_the_trial_at_once() {
    let is_dead = AtomicBool::new(false);
    let world = World::open(move |got| {
        let (session, device) = (has(got, "sid=0123456789abcdef"), has(got, "device=fedcba9876543210"));
        // The session without its device is taken for stolen.
        is_dead.fetch_or(session && !device, Ordering::SeqCst);
        yes_or_no(session && device && !is_dead.load(Ordering::SeqCst))
    })
    .await;
    let cookies =
        ["sid=0123456789abcdef; HttpOnly; Path=/", "device=fedcba9876543210; Path=/", "x=1; Path=/"];
    let trial = tried(&world, &mut session(&world, &cookies, &[]), Budget::default()).await;
    assert_eq!(trial.end, End::Dead);
    assert!(
        trial.notes[0].starts_with("trial ended: the session changed after a request without cookie:device")
    );
    assert!(trial.on_requests.sufficient.is_empty() && trial.on_requests.undecided.len() == 3, "{trial:?}");
    assert_eq!(trial.requests, 4, "with all, with none, the one that killed it, and the look after it");
}

#[tokio::test]
async fn a_session_that_is_renewed_with_each_answer_is_followed() {
    let current = Mutex::new(0_u32);
    let world = World::open(move |got| {
        let mut current = current.lock().unwrap();
        let is_user = has(got, &format!("sid=rotating-{current:06}"));
        *current += u32::from(is_user);
        let mut response = yes_or_no(is_user);
        if is_user {
            let line = format!("sid=rotating-{current:06}; HttpOnly; Path=/");
            response.headers_mut().insert("set-cookie", line.parse().unwrap());
        }
        response
    })
    .await;
    let mut state = session(&world, &["sid=rotating-000000; HttpOnly; Path=/", "x=1; Path=/"], &[]);
    let trial = tried(&world, &mut state, Budget::default()).await;
    assert_eq!((sets(&trial), trial.end), (vec![vec!["cookie:sid".to_owned()]], End::Renewed));
    assert!(trial.requests <= 7, "{}", trial.requests);
    let again = tried(&world, &mut state, Budget::default()).await;
    assert_eq!(again.end, End::Renewed, "the session that is left is the one that lives: {again:?}");
}

#[tokio::test]
async fn a_server_that_asks_to_be_left_alone_is() {
    let count = Mutex::new(0);
    let world = World::open(move |got| {
        let mut count = count.lock().unwrap();
        *count += 1;
        if *count > 4 {
            return Response::builder().status(429).body(String::new()).unwrap();
        }
        yes_or_no(has(got, "b=bbbb11112222"))
    })
    .await;
    let cookies = ["a=aaaa11112222; HttpOnly; Path=/", "b=bbbb11112222; Path=/", "c=1; Path=/"];
    let trial = tried(&world, &mut session(&world, &cookies, &[]), Budget::default()).await;
    assert!(trial.notes.iter().any(|note| note.contains("429")), "{:?}", trial.notes);
    assert!(trial.requests <= 7 && trial.end == End::Alive, "{trial:?}");
}
