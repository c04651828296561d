//! One crawl of the application in one guise, and its score.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use handstamp::{
    browser::Launch,
    crawl::{ActionId, Crawl, End, Event, Holding, LoggedIn, Mining, Outcome, Passage, Settings, Status},
    inject::Mode,
    keep::{Limits, Living, Login, Refused, Rotation, Watch, Why},
    proxy::{Authority, Client, Trust},
    session::{Check, Cookie, HeaderToken, Indicator, Item, Source, State, Store, now},
    site::{Origin, Scope},
};
use http::{HeaderName, HeaderValue};
use regex::Regex;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    app::{App, Counts},
    guise::{Carrier, Guise},
    support::slot,
};

/// Logs in at the application.
struct Anna {
    app: Arc<App>,
    guise: Guise,
}

impl Login for Anna {
    fn is_able(&self) -> bool {
        true
    }

    fn renews_cheaply(&self, _old: &State) -> bool {
        true
    }

    async fn log_in(&self, _why: &Why, _old: &State) -> Result<State, Refused> {
        let (token, refresh) = self.app.log_in();
        Ok(session(&self.app.url, &self.guise, &token, &refresh))
    }
}

fn session(url: &Url, guise: &Guise, token: &str, refresh: &str) -> State {
    let origin = Origin::of(url).unwrap();
    let check = Check {
        method: "GET".into(),
        url: url.join("api/me").unwrap(),
        headers: Vec::new(),
        body: None,
        indicator: Indicator::Body { contains: "anna".into() },
        evidence: "GET /api/me: body differs".into(),
    };
    let mut state =
        State { scope: vec![origin.clone()], created: now(), check: Some(check), ..State::default() };
    if guise.carrier == Carrier::Storage {
        let source = Source::LocalStorage { origin: origin.clone(), key: "token".into() };
        let value = format!("Bearer {token}").as_str().into();
        let name = "Authorization".to_owned();
        state.headers = vec![HeaderToken { origin: origin.clone(), name, value, source }];
        let stored = &mut state.origin_mut(&origin).local_storage;
        stored.push(Item::new("token", token));
        if guise.is_rotating() {
            stored.push(Item::new("refreshToken", refresh));
        }
    } else {
        state.cookies = vec![Cookie {
            name: "sid".into(),
            value: token.into(),
            domain: "127.0.0.1".into(),
            host_only: true,
            path: "/".into(),
            http_only: guise.carrier == Carrier::Cookie,
            ..Cookie::default()
        }];
    }
    state
}

/// What came of a crawl.
pub(crate) struct Score {
    pub(crate) guise: &'static str,
    pub(crate) browsers: usize,
    pub(crate) end: End,
    pub(crate) counts: Counts,
    /// The answers that the pages got to requests of the application's scripts, and those of them that were a user's.
    pub(crate) page: (usize, usize),
    /// How often the session ended without the pages seeing that, and how many requests waited then.
    pub(crate) bridged: usize,
    pub(crate) waited: usize,
    pub(crate) needless_logins: usize,
    /// How often the loss was noticed, and how often the session came back in the same browser.
    pub(crate) noticed: usize,
    pub(crate) recovered: usize,
    /// The most actions that were done from a loss until it was noticed, the one at which it was included.
    pub(crate) delay: usize,
    pub(crate) slowest: Duration,
    pub(crate) quarantined: usize,
    /// Requests that were noted and not sent.
    pub(crate) held: usize,
    pub(crate) fell_to_one: bool,
    pub(crate) actions: usize,
    pub(crate) seconds: f64,
}

impl Score {
    pub(crate) fn share(&self) -> f64 {
        ratio(self.counts.living, self.counts.requests)
    }

    /// How many requests of the application were refused for each end of a session.
    pub(crate) fn refused_an_end(&self) -> f64 {
        let ends = self.counts.losses.len() + self.counts.renewals;
        let refused = self.counts.requests - self.counts.living;
        if ends == 0 { 0.0 } else { ratio(refused, ends) }
    }

    pub(crate) const HEAD: &'static str = "guise           requests  living  pages   lost  refused  bridged  waited  noticed  after  recovered  slowest  logins  needless  ahead  renewed  quarantined  actions  seconds";
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<15} {:>8}  {:>5.1}%  {:>5.1}%  {:>4}  {:>7.1}  {:>7}  {:>6}  {:>7}  {:>5}  {:>9}  {:>5.2} s  {:>6}  {:>8}  {:>5}  {:>7}  {:>11}  {:>7}  {:>7.1}",
            self.guise,
            self.counts.requests,
            100.0 * self.share(),
            100.0 * ratio(self.page.1, self.page.0),
            self.counts.losses.len(),
            self.refused_an_end(),
            self.bridged,
            self.waited,
            self.noticed,
            self.delay,
            self.recovered,
            self.slowest.as_secs_f64(),
            self.counts.logins,
            self.needless_logins,
            self.counts.timely,
            self.counts.renewals,
            self.quarantined,
            self.actions,
            self.seconds,
        )
    }
}

/// Crawls the application in one guise.
pub(crate) async fn crawl(guise: &Guise) -> Score {
    let _slot = slot().await;
    let app = Arc::new(App::open(guise).await);
    let home = tempfile::tempdir().unwrap();
    let client = Client::new(&Trust::System).unwrap();
    let login = Anna { app: Arc::clone(&app), guise: guise.clone() };
    let store = Store::open(home.path()).unwrap();
    let place = (store, "desk/anna".parse().unwrap());
    let limits = Limits { shortest: Duration::ZERO, ..Limits::default() };
    let living = Living::open(place, None, client.clone(), login, Watch::default(), limits).unwrap();
    living.ready().await.unwrap();
    let living = Arc::new(living);
    let events: Mutex<Vec<(Instant, Event)>> = Mutex::default();
    let is_loud = std::env::var_os("CRAWL_LOUD").is_some();
    let crawl = Crawl {
        start: app.url.clone(),
        scope: Scope::new([Origin::of(&app.url).unwrap()]),
        settings: Settings {
            browsers: guise.browsers,
            max_duration: Some(LIMIT * u32::from(guise.more_views > 0) * 2 + LIMIT),
            holding: if std::env::var_os("LOST_UNHELD").is_some() { Holding::Off } else { Holding::On },
            mine: Mining::Off,
            exclude_texts: vec![Regex::new("^Never").unwrap()],
            exclude_selectors: vec![".off".into()],
            identify: Some((
                HeaderName::from_static("x-scanner"),
                HeaderValue::from_static("lost and found"),
            )),
            ..Settings::default()
        },
        stamp: Some((*living.stamp(Mode::Follow)).clone()),
        rotation: Some(Arc::new(Rotation::new(living.shared().clone(), client.clone()))),
        authority: Authority::ephemeral().unwrap(),
        client,
        source: LoggedIn::new(Launch::default(), Arc::clone(&living)),
        events: |event| {
            if is_loud {
                println!("{} {event:?}", guise.name);
            }
            events.lock().unwrap().push((Instant::now(), event));
        },
        resume: None,
        cancel: CancellationToken::new(),
    };
    // As a command does.
    let outcome = tokio::select! {
        outcome = Box::pin(crawl.run()) => outcome.unwrap(),
        () = living.tend() => unreachable!("it goes on until it is dropped"),
    };
    let events = events.into_inner().unwrap();
    score(guise, &app.counts(), &outcome, &events)
}

fn score(guise: &Guise, counts: &Counts, outcome: &Outcome, events: &[(Instant, Event)]) -> Score {
    let count = |of: fn(&Event) -> bool| events.iter().filter(|(_, event)| of(event)).count();
    let opened = events.iter().find(|(_, event)| matches!(event, Event::Opened { .. })).map(|(at, _)| *at);
    // What is lost while no browser is open yet was never there to be noticed.
    let in_time = counts.losses.iter().filter(|loss| opened.is_some_and(|opened| **loss > opened));
    let slowest = events.iter().filter_map(|(_, event)| match event {
        Event::Recovered { took, .. } | Event::Bridged { took, .. } => Some(*took),
        _ => None,
    });
    Score {
        guise: guise.name,
        browsers: guise.browsers,
        end: outcome.end.clone(),
        page: answered(outcome),
        bridged: count(|e| matches!(e, Event::Bridged { .. })),
        waited: events
            .iter()
            .map(|(_, e)| if let Event::Bridged { waited, .. } = e { *waited } else { 0 })
            .sum(),
        needless_logins: counts.logins.saturating_sub(1 + counts.deaths + counts.timely),
        noticed: count(|e| matches!(e, Event::SessionLost { .. } | Event::Bridged { .. })),
        recovered: count(|e| matches!(e, Event::Recovered { .. } | Event::Bridged { .. })),
        delay: in_time.map(|loss| delay(*loss, events)).max().unwrap_or_default(),
        slowest: slowest.max().unwrap_or_default(),
        quarantined: outcome.graph.actions.iter().filter(|a| a.status == Status::Quarantined).count(),
        held: outcome.records.iter().filter(|r| r.passage == Passage::Held).count(),
        fell_to_one: count(|e| matches!(e, Event::OneBrowser)) > 0,
        actions: outcome.graph.actions.iter().filter(|a| a.status == Status::Fired).count(),
        seconds: outcome.duration.as_secs_f64(),
        counts: counts.clone(),
    }
}

/// How many requests of the application's scripts were answered, and how many of them as a user's.
fn answered(outcome: &Outcome) -> (usize, usize) {
    let calls = outcome.records.iter().filter(|r| {
        let path = r.url.path();
        r.passage == Passage::InScope
            && r.status.is_some()
            && path.starts_with("/api/")
            && path != "/api/renewal"
    });
    let is_users = |body: &[u8]| String::from_utf8_lossy(body).contains("anna");
    let (all, good) = calls.fold((0, 0), |(all, good), record| {
        let is_good = record.status == Some(200) && is_users(&record.response_body);
        (all + 1, good + usize::from(is_good))
    });
    (all, good)
}

/// How many actions were done from a loss until it was noticed, the last one included.
fn delay(loss: Instant, events: &[(Instant, Event)]) -> usize {
    let mut after = events.iter().filter(|(at, _)| *at > loss);
    let is_noticed = |event: &Event| matches!(event, Event::SessionLost { .. } | Event::Bridged { .. });
    let done: Vec<ActionId> = after
        .by_ref()
        .take_while(|(_, event)| !is_noticed(event))
        .filter_map(|(_, event)| match event {
            Event::Fired { action, .. } => Some(*action),
            _ => None,
        })
        .collect();
    done.len() + 1
}

#[expect(clippy::cast_precision_loss, reason = "the counts are small")]
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// No crawl of the small application takes longer.
const LIMIT: Duration = Duration::from_secs(120);
