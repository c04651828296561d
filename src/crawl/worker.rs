//! One worker: a browser with its own proxy, which takes actions from the frontier and fires them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{net::TcpListener, time};
use tracing::{debug, warn};

use super::{
    action::{ActionId, Status},
    error::Error,
    event::{Event, Progress},
    frontier::{Next, Task},
    log::Pulse,
    outcome::End,
    places::Held,
    recorder::Recorder,
    rescue::Part,
    run::Team,
    seat::{Fault, Seat, Step},
    source::{Sign, Source},
    view::View,
};
use crate::proxy::{Door, Server};

/// Works until the crawl is done or told to stop.
pub(super) async fn work<S: Source, E: Fn(Event) + Send + Sync>(team: &Team<S, E>, worker: usize) {
    let reach = &team.crawl.settings.reach;
    let listener = match TcpListener::bind((reach.listen(), 0)).await {
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
        (Arc::clone(&team.conduct), crawl.settings.body_limit),
    );
    let recorder = Arc::new(recorder.with_pit(team.pit()).with_hold(team.hold.clone()));
    let server = Server::new(crawl.authority.clone(), crawl.client.clone());
    let door = Arc::new(reach.door(Arc::clone(&recorder)));
    let proxy = server.run(listener, Arc::clone(&door), std::future::pending());
    let shift = Shift { team, worker, address, recorder: &recorder, door: &door, fired: 0.into() };
    tokio::select! {
        () = proxy => {}
        () = shift.run() => {}
    }
}

/// A worker with its proxy, over all the browsers that it uses up.
pub(super) struct Shift<'a, S, E> {
    pub(super) team: &'a Team<S, E>,
    pub(super) worker: usize,
    address: std::net::SocketAddr,
    recorder: &'a Arc<Recorder>,
    door: &'a Door<Arc<Recorder>>,
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
        while failures < MOST_FAILURES && self.is_wanted() {
            let place = tokio::select! {
                place = self.team.places.take(self.team) => place,
                () = self.team.stop.cancelled() => return,
                () = self.team.over.cancelled() => return,
            };
            let place = match place {
                Ok(place) => place,
                Err(error) => return self.team.fail(error),
            };
            if !self.is_wanted() {
                return;
            }
            let seat = tokio::select! {
                seat = self.open(place) => seat,
                () = self.team.stop.cancelled() => return,
            };
            match seat {
                Ok((mut seat, _place)) => {
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

    /// Opens a browser at the start page; when that is logged out and stays so, the session is dead.
    async fn open<'p>(&self, mut place: Held<'p>) -> Result<(Seat, Held<'p>), Error> {
        let crawl = &self.team.crawl;
        if let Some(hold) = &self.team.hold {
            // It may be renewed while the browser opens.
            hold.know(&crawl.start);
        }
        let browser = crawl.source.open(self.worker, self.address).await?;
        place.opened();
        let mut seat =
            Seat::new(browser, self.worker, Arc::clone(self.recorder), crawl.settings.settle_limit);
        self.knock(&seat).await?;
        let mark = self.team.log.mark();
        let begun = seat.begin(self.team).await.map_err(Error::Start);
        let begun = match self.team.log.failure(mark, self.worker) {
            Some((url, reason)) => Err(Error::Unreachable { url, reason }),
            None => begun,
        };
        let (view, pulse) = match begun {
            Ok(seen) => seen,
            Err(error) => {
                seat.close().await;
                return Err(error);
            }
        };
        if let Some(evidence) = self.admit(&mut seat, &view, pulse).await {
            self.team.end(End::Stale { evidence });
        }
        self.team.tell(Event::Opened { worker: self.worker });
        Ok((seat, place))
    }

    /// Lets a browser elsewhere show that it reaches its proxy, and is let in there.
    async fn knock(&self, seat: &Seat) -> Result<(), Error> {
        let Some(knock) = self.door.knock() else { return Ok(()) };
        let proxy = self.team.crawl.settings.reach.told(self.address);
        let shown = seat.browser.page().evaluate(&knock, &[]).await;
        shown.map(drop).map_err(|source| Error::OutOfReach { proxy, source })
    }

    /// Takes in the start page of a fresh browser. Where it is a stranger's, the session is brought back; tells why that
    /// was in vain.
    async fn admit(&self, seat: &mut Seat, view: &View, pulse: Pulse) -> Option<String> {
        let Some(evidence) = self.is_stranger(view, pulse).await else {
            self.team.health.begin(view, pulse);
            seat.arrive(self.team, view, 0);
            return None;
        };
        let began = Instant::now();
        let _at_work = self.team.rescue.enter().await;
        self.tell_loss(None, &evidence);
        let lives = seat.epoch != self.team.making();
        match self.bring_back(seat, &evidence, lives).await {
            Some(how) => {
                self.tell_return(how, began, 0);
                None
            }
            None => Some(evidence),
        }
    }

    /// Why a fresh browser looks as if it was logged out, if it does.
    async fn is_stranger(&self, view: &View, pulse: Pulse) -> Option<String> {
        if !self.team.has_session() {
            return None;
        }
        if let Sign::Dead { evidence } = self.team.crawl.source.ask(Instant::now()).await {
            return Some(evidence);
        }
        let is_asked = view.passwords > 0 && pulse.denied > 0;
        let never = || "the start page asks for a password, and its requests are denied".to_owned();
        is_asked.then(never).or_else(|| self.team.health.confirm(view, pulse))
    }

    async fn shift(&self, seat: &mut Seat) -> Leave {
        let mut changes = self.team.map.changes();
        while self.is_wanted() {
            drop(self.team.rescue.enter().await);
            changes.borrow_and_update();
            match self.team.map.next(&seat.here) {
                Next::Done => {
                    self.team.over.cancel();
                    return Leave::Over;
                }
                Next::Wait => {
                    let wait = time::timeout(PATIENCE, changes.changed());
                    tokio::select! {
                        _ = wait => {}
                        () = self.team.stop.cancelled() => return Leave::Over,
                    }
                }
                Next::Do(task) => {
                    let over = self.team.stop.cancelled();
                    let (task, fault) = tokio::select! {
                        step = self.perform(seat, &task) => match step {
                            Ok((step, part)) => {
                                self.settle(task, step, part);
                                continue;
                            }
                            Err(fault) => (task, fault),
                        },
                        () = over => return Leave::Over,
                    };
                    let is_mended = tokio::select! {
                        is_mended = self.mend(seat, task, &fault) => is_mended,
                        () = self.team.stop.cancelled() => return Leave::Over,
                    };
                    if !is_mended {
                        return self.replace(&fault);
                    }
                }
            }
        }
        Leave::Over
    }

    fn is_wanted(&self) -> bool {
        !self.team.stop.is_cancelled() && self.team.rescue.has_place(self.worker)
    }

    /// Fires a task's action when it is its turn, in a browser that has the session as it is now.
    async fn perform(&self, seat: &mut Seat, task: &Task) -> Result<(Step, Part), Fault> {
        let _turn = self.team.rescue.turn(task).await;
        self.team.rescue.meet(self.team.crawl.source.making(), self.team.uses());
        if seat.epoch != self.team.making() {
            seat.catch_up(self.team).await?;
        }
        if task.strikes > 0
            && let Sign::Dead { evidence } = self.team.crawl.source.ask(Instant::now()).await
        {
            return Err(Fault::Ended(evidence));
        }
        let (begun, mark) = (self.team.rescue.begins(task.id), self.team.log.mark());
        let step = seat.take(self.team, task).await;
        let part = match self.team.rescue.ends(task.id, begun) {
            Part::Suspected if self.team.log.has_acted(mark, task.id) => Part::Suspected,
            _ => Part::None,
        };
        step.map(|step| (step, part))
    }

    /// Books what came of a task.
    fn settle(&self, mut task: Task, step: Step, part: Part) {
        let map = &self.team.map;
        self.team.rescue.did();
        match step {
            Step::Fired { from, to, is_novel, tries, refusal, leads_on } => {
                map.done(&task, &to, from, is_novel);
                self.progress(task.id, &to.url);
                if to.is_new_state {
                    self.found(&to);
                }
                if part == Part::Suspected {
                    self.team.suspect_one(task, "the session ended meanwhile, and was renewed");
                } else if task.variant < tries {
                    task.variant += 1;
                    task.refusal = refusal;
                    map.put_back(task);
                } else if leads_on && task.repeats < MOST_REPEATS {
                    task.repeats += 1;
                    map.put_back(task);
                }
            }
            Step::Unreachable if task.misses == 0 => {
                task.misses += 1;
                map.put_back(task);
            }
            Step::Unreachable => map.drop_task(&task, Status::Unreachable),
            Step::Disabled { tries } if task.variant < tries => {
                task.variant += 1;
                map.put_back(task);
            }
            Step::Disabled { .. } => map.drop_task(&task, Status::Disabled),
        }
    }

    fn replace(&self, fault: &Fault) -> Leave {
        debug!(worker = self.worker, ?fault, "the browser is replaced");
        self.team.tell(Event::Replaced { worker: self.worker, reason: fault.to_string() });
        Leave::Replace
    }

    fn progress(&self, action: ActionId, url: &url::Url) {
        let fired = self.fired.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let (map, what) = (&self.team.map, self.team.words(action));
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
