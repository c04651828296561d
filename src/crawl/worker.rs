//! One worker: a browser with its own proxy, which takes actions from the frontier and fires them.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use tokio::{net::TcpListener, time};
use tracing::{debug, warn};

use super::{
    action::{ActionId, Status},
    error::Error,
    event::{Event, Progress},
    frontier::{Next, Task},
    outcome::End,
    recorder::Recorder,
    run::Team,
    seat::{Fault, Seat, Step},
    source::Source,
};
use crate::proxy::Server;

/// Works until the crawl is done or told to stop.
pub(super) async fn work<S: Source, E: Fn(Event) + Send + Sync>(team: &Team<S, E>, worker: usize) {
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await {
        Ok(listener) => listener,
        Err(error) => return team.fail(Error::Listen(error)),
    };
    let Ok(address) = listener.local_addr() else { return };
    let crawl = &team.crawl;
    let recorder = Recorder::new(
        worker,
        crawl.scope.clone(),
        (crawl.stamp.clone(), crawl.rotation.clone()),
        Arc::clone(&team.log),
        crawl.settings.body_limit,
    );
    let recorder = Arc::new(recorder.with_pit(team.pit()));
    let server = Server::new(crawl.authority.clone(), crawl.client.clone());
    let proxy = server.run(listener, Arc::clone(&recorder), std::future::pending());
    let shift = Shift { team, worker, address, recorder: &recorder, fired: 0.into() };
    tokio::select! {
        () = proxy => {}
        () = shift.run() => {}
    }
}

/// A worker with its proxy, over all the browsers that it uses up.
struct Shift<'a, S, E> {
    team: &'a Team<S, E>,
    worker: usize,
    address: std::net::SocketAddr,
    recorder: &'a Arc<Recorder>,
    fired: std::sync::atomic::AtomicUsize,
}

/// Why a browser was given up.
enum Leave {
    /// The crawl is over.
    Over,
    /// The browser is gone or logged out; another one goes on.
    Replace,
}

impl<S: Source, E: Fn(Event) + Send + Sync> Shift<'_, S, E> {
    async fn run(&self) {
        let mut failures = 0;
        while failures < MOST_FAILURES && !self.team.stop.is_cancelled() {
            let seat = tokio::select! {
                seat = self.open() => seat,
                () = self.team.stop.cancelled() => return,
            };
            match seat {
                Ok(mut seat) => {
                    let leave = self.shift(&mut seat).await;
                    seat.close().await;
                    if matches!(leave, Leave::Over) {
                        return;
                    }
                    failures = 0;
                }
                Err(error) => {
                    warn!(worker = self.worker, %error, "no browser");
                    failures += 1;
                    self.team.fail(error);
                }
            }
        }
    }

    /// Opens a browser at the start page; when that is logged out although it is fresh, the session is dead.
    async fn open(&self) -> Result<Seat, Error> {
        let crawl = &self.team.crawl;
        let browser = crawl.source.open(self.worker, self.address).await?;
        let mut seat =
            Seat::new(browser, self.worker, Arc::clone(self.recorder), crawl.settings.settle_limit);
        let mark = self.team.log.mark();
        let begun = seat.begin(self.team).await.map_err(Error::Start);
        let begun = match self.team.log.failure(mark, self.worker) {
            Some((url, reason)) => Err(Error::Unreachable { url, reason }),
            None => begun,
        };
        let pulse = match begun {
            Ok(pulse) => pulse,
            Err(error) => {
                seat.close().await;
                return Err(error);
            }
        };
        self.team.health.begin(&seat.here, pulse);
        let never = crawl.stamp.is_some() && seat.here.passwords > 0 && pulse.denied > 0;
        let never =
            never.then(|| "the start page asks for a password, and its requests are denied".to_owned());
        if let Some(evidence) = never.or_else(|| self.team.health.confirm(&seat.here, pulse)) {
            self.team.end(End::Stale { evidence });
        }
        self.team.tell(Event::Opened { worker: self.worker });
        Ok(seat)
    }

    async fn shift(&self, seat: &mut Seat) -> Leave {
        let mut changes = self.team.map.changes();
        while !self.team.stop.is_cancelled() {
            changes.borrow_and_update();
            match self.team.map.next(&seat.here) {
                Next::Done => return Leave::Over,
                Next::Wait => {
                    let wait = time::timeout(PATIENCE, changes.changed());
                    tokio::select! {
                        _ = wait => {}
                        () = self.team.stop.cancelled() => return Leave::Over,
                    }
                }
                Next::Do(task) => {
                    let step = tokio::select! {
                        step = seat.take(self.team, &task) => step,
                        () = self.team.stop.cancelled() => return Leave::Over,
                    };
                    if let Err(fault) = self.settle(task, step) {
                        return self.replace(&fault);
                    }
                }
            }
        }
        Leave::Over
    }

    /// Books what came of a task.
    fn settle(&self, mut task: Task, step: Result<Step, Fault>) -> Result<(), Fault> {
        let map = &self.team.map;
        match step {
            Ok(Step::Fired { from, to, is_novel, tries, refusal, leads_on }) => {
                map.done(&task, &to, from, is_novel);
                self.progress(task.id, &to.url);
                if to.is_new_state {
                    self.found(&to);
                }
                if task.variant < tries {
                    task.variant += 1;
                    task.refusal = refusal;
                    map.put_back(task);
                } else if leads_on && task.repeats < MOST_REPEATS {
                    task.repeats += 1;
                    map.put_back(task);
                }
                Ok(())
            }
            Ok(Step::Unreachable) if task.strikes == 0 => {
                task.strikes += 1;
                map.put_back(task);
                Ok(())
            }
            Ok(Step::Unreachable) => {
                map.drop_task(&task, Status::Unreachable);
                Ok(())
            }
            Err(fault) => {
                if let Fault::LoggedOut(evidence) = &fault {
                    let (worker, action) = (self.worker, Some(task.id));
                    self.team.tell(Event::SessionLost { worker, action, evidence: evidence.clone() });
                }
                task.strikes += 1;
                if task.strikes >= 2 {
                    map.drop_task(&task, Status::Quarantined);
                } else {
                    map.put_back(task);
                }
                Err(fault)
            }
        }
    }

    fn replace(&self, fault: &Fault) -> Leave {
        debug!(worker = self.worker, ?fault, "the browser is replaced");
        self.team.tell(Event::Replaced { worker: self.worker, reason: fault.to_string() });
        Leave::Replace
    }

    fn progress(&self, action: ActionId, url: &url::Url) {
        let fired = self.fired.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let map = &self.team.map;
        let what = map.action(action).map(|a| format!("{} `{}`", a.kind.name(), a.name)).unwrap_or_default();
        let progress = Progress {
            states: map.states(),
            waiting: map.waiting(),
            fired,
            totals: self.team.log.totals(),
            url: url.clone(),
        };
        let enough = self.team.crawl.settings.max_states.is_some_and(|most| progress.states >= most);
        self.team.tell(Event::Fired { worker: self.worker, action, what, progress });
        if enough {
            self.team.end(End::MaxStates);
        }
    }

    fn found(&self, here: &super::here::Here) {
        let (route, title) = self.team.map.describe(here.state);
        self.team.tell(Event::Found { state: here.state, route, title });
    }
}

/// How often in a row a worker may fail to get a browser.
const MOST_FAILURES: usize = 2;
/// How often a button that leads on, such as that of a wizard, is pressed once more.
const MOST_REPEATS: usize = 6;
/// How long a worker without work sleeps at most before it looks again.
const PATIENCE: Duration = Duration::from_secs(1);
