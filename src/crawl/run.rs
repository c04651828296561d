//! A crawl: many browsers that find and fire what an application offers, side by side.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use futures_util::future::join_all;
use tokio::time;
use tokio_util::sync::CancellationToken;
use url::{Position, Url};

use super::{
    album::Album,
    checkpoint::Checkpoint,
    chronicle::Chronicler,
    conduct::Conduct,
    error::{BoxError, Error},
    event::Event,
    health::Health,
    log::Log,
    map::Map,
    mine::{Mined, Pit, prospect},
    outcome::{End, Outcome},
    permits::Permits,
    places::Places,
    rescue::{Blame, Rescue},
    settings::{Holding, Mining, Robots, Settings},
    source::Source,
    values::Values,
    worker::work,
};
use crate::{
    inject::Stamp,
    keep::{Hold, Rotation},
    proxy::{Authority, Client},
    session::{State, now},
    site::Scope,
};

/// What a crawl needs to know and to have.
pub struct Crawl<S, E> {
    /// Where it begins.
    pub start: Url,
    /// Which addresses it goes to; requests to its origins that the scope excludes are never sent.
    pub scope: Scope,
    /// The limits.
    pub settings: Settings,
    /// What puts the session onto requests, and knows it on them; nothing for a crawl without session.
    pub stamp: Option<Stamp>,
    /// What lets the browsers share tokens that are good once.
    pub rotation: Option<Arc<Rotation>>,
    /// What the proxies sign with; the browsers have to trust it.
    pub authority: Authority,
    /// How the proxies reach servers.
    pub client: Client,
    /// Where browsers come from.
    pub source: S,
    /// Who is told what happens; it is called from the crawl and must not block.
    pub events: E,
    /// Where an earlier crawl was left, to go on from there.
    pub resume: Option<Checkpoint>,
    /// Ends the crawl early.
    pub cancel: CancellationToken,
}

impl<S, E> fmt::Debug for Crawl<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crawl").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<S: Source, E: Fn(Event) + Send + Sync> Crawl<S, E> {
    /// Crawls until all is done, a limit is reached, or it is told to stop; its browsers are closed then.
    ///
    /// # Errors
    /// [`Error::NoBrowser`], [`Error::Unreachable`], [`Error::Disallowed`] and [`Error::Start`] when nothing could be crawled at all.
    pub async fn run(mut self) -> Result<Outcome, Error> {
        let (started, clock) = (SystemTime::now(), Instant::now());
        let conduct = Arc::new(self.conduct().await?);
        let resume = self.resume.take();
        let hold = self.hold();
        let before = resume.as_ref().map(|checkpoint| checkpoint.spent).unwrap_or_default();
        let team = Team {
            log: Arc::default(),
            map: Map::new(
                self.scope.clone(),
                self.settings.max_depth,
                self.settings.mine == Mining::On,
                Arc::clone(&conduct),
            ),
            pit: Arc::default(),
            mined: Mutex::default(),
            health: Health::default(),
            values: Values::new(self.settings.values.clone()),
            album: Album::new(self.settings.pictures),
            chronicler: Chronicler::new(clock),
            clock,
            before,
            saved: AtomicUsize::new(0),
            rescue: Rescue::new(self.source.making(), self.stamp.as_ref().map_or(0, Stamp::uses)),
            hold,
            places: Places::new(self.settings.browsers),
            over: self.cancel.child_token(),
            conduct,
            end: Mutex::default(),
            failure: Mutex::default(),
            stop: self.cancel.child_token(),
            crawl: self,
        };
        if let Some(Checkpoint { book, records, .. }) = resume {
            team.log.go_on(records);
            team.saved.store(team.log.mark(), Ordering::Relaxed);
            team.map.go_on(book);
        }
        Box::pin(team.work()).await;
        team.outcome(started, clock)
    }
}

impl<S, E> Crawl<S, E> {
    /// What holds the answers that say that the session has ended.
    fn hold(&self) -> Option<Arc<Hold>> {
        let rotation = self.rotation.as_ref().filter(|_| self.settings.holding == Holding::On)?;
        let (stamp, shared) = (self.stamp.clone()?, rotation.shared().clone());
        Some(Arc::new(Hold::new(stamp, shared, self.client.clone(), HOLD_LIMIT)))
    }

    /// The rules that this crawl keeps, those of the application included where they are obeyed.
    async fn conduct(&self) -> Result<Conduct, Error> {
        let conduct = Conduct::new(&self.settings);
        if self.settings.robots == Robots::Ignored {
            return Ok(conduct);
        }
        let permits = Permits::ask(&self.client, &conduct, self.scope.origins()).await;
        if permits.allows(&self.start) {
            return Ok(conduct.obeying(permits));
        }
        Err(Error::Disallowed { url: self.start[..Position::AfterPath].to_owned() })
    }
}

/// What the workers of one crawl share.
pub(super) struct Team<S, E> {
    pub(super) crawl: Crawl<S, E>,
    pub(super) log: Arc<Log>,
    pub(super) map: Map,
    pub(super) health: Health,
    pub(super) values: Values,
    pub(super) album: Album,
    chronicler: Chronicler,
    clock: Instant,
    /// How long earlier parts of the crawl went on.
    before: Duration,
    /// How many requests the checkpoints have told of.
    saved: AtomicUsize,
    /// Texts that wait to be mined.
    pub(super) pit: Arc<Pit>,
    mined: Mutex<Vec<Mined>>,
    pub(super) rescue: Rescue,
    /// What holds the answers that say that the session has ended, where that is done.
    pub(super) hold: Option<Arc<Hold>>,
    pub(super) places: Places,
    /// Told to those who wait for a browser when there is nothing left to do.
    pub(super) over: CancellationToken,
    pub(super) conduct: Arc<Conduct>,
    /// Told to all workers when the crawl is to end.
    pub(super) stop: CancellationToken,
    end: Mutex<Option<End>>,
    failure: Mutex<Option<Error>>,
}

impl<S: Source, E: Fn(Event) + Send + Sync> Team<S, E> {
    /// Lets all workers work until they are done or the time is up; these close their browsers in the end.
    async fn work(&self) {
        let done = self.stop.child_token();
        let workers = async {
            join_all((0..self.crawl.settings.browsers.max(1)).map(|worker| work(self, worker))).await;
            done.cancel();
        };
        let workers = async {
            tokio::join!(workers, self.mine(&done), self.save_now_and_then(&done), self.bridge(&done))
        };
        let mut workers = std::pin::pin!(workers);
        tokio::select! {
            _ = &mut workers => {}
            () = self.time_is_up() => {
                self.end(End::MaxDuration);
                workers.await;
            }
        }
    }
}

impl<S: Source, E: Fn(Event) + Send + Sync> Team<S, E> {
    async fn mine(&self, stop: &CancellationToken) {
        if self.crawl.settings.mine == Mining::On {
            let mined = prospect(self, stop).await;
            *self.mined.lock().unwrap_or_else(PoisonError::into_inner) = mined;
        }
    }
}

impl<S: Source, E> Team<S, E> {
    /// Which making of the session is the current one; it may be renewed in the background.
    pub(super) fn making(&self) -> u64 {
        self.crawl.source.making() + self.rescue.epoch()
    }

    /// Whether it has a session, which can get lost; a stranger's crawl has none.
    pub(super) fn has_session(&self) -> bool {
        self.crawl.stamp.is_some()
    }

    /// How many requests the session was good for, in all its makings.
    pub(super) fn uses(&self) -> u64 {
        self.crawl.stamp.as_ref().map_or(0, Stamp::uses)
    }

    /// Notes that the session died, and tells who has to answer for it; nothing when bringing it back is in vain.
    pub(super) fn died(&self) -> Option<Blame> {
        let blame = self.rescue.died(self.uses())?;
        let told = |state: State| state.expires().filter(|end| *end > state.created);
        let has_come = self.crawl.source.state().and_then(told).is_some_and(|end| end <= now());
        Some(if has_come { Blame::Age } else { blame })
    }

    /// The session was made anew or put back.
    pub(super) fn renewed(&self) {
        self.rescue.renewed(self.crawl.source.making(), self.uses());
    }
}

impl<S, E: Fn(Event)> Team<S, E> {
    async fn save_now_and_then(&self, stop: &CancellationToken) {
        let Some(pause) = self.crawl.settings.save_every else { return };
        while time::timeout(pause, stop.cancelled()).await.is_err() {
            self.tell(Event::Checkpoint(Box::new(self.checkpoint())));
        }
    }

    /// Where the crawl stands, with the requests since the checkpoint before.
    fn checkpoint(&self) -> Checkpoint {
        let (records, next) = self.log.settled(self.saved.load(Ordering::Relaxed));
        self.saved.store(next, Ordering::Relaxed);
        let spent = self.before + self.clock.elapsed();
        Checkpoint::new(self.crawl.start.clone(), spent, self.map.copy(), records)
    }

    /// Where answers go to be mined, if they are.
    pub(super) fn pit(&self) -> Option<Arc<Pit>> {
        (self.crawl.settings.mine == Mining::On).then(|| Arc::clone(&self.pit))
    }

    pub(super) fn tell(&self, event: Event) {
        self.chronicler.note(&event);
        (self.crawl.events)(event);
    }

    /// Ends the crawl; the first reason stands.
    pub(super) fn end(&self, end: End) {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(end);
        self.stop.cancel();
    }

    /// Notes why a worker could not begin; this counts when no other could either.
    pub(super) fn fail(&self, error: Error) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    async fn time_is_up(&self) {
        match self.crawl.settings.max_duration {
            Some(limit) => time::sleep(limit).await,
            None => std::future::pending().await,
        }
    }

    /// Where the crawl stands, when it was cut off and that is wanted.
    fn rest(&self) -> Option<Checkpoint> {
        let has_failed = self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let is_cut_off = self.stop.is_cancelled() || has_failed;
        (is_cut_off && self.crawl.settings.save_every.is_some()).then(|| self.checkpoint())
    }

    fn outcome(self, started: SystemTime, clock: Instant) -> Result<Outcome, Error> {
        let rest = self.rest();
        let failure = self.failure.into_inner().unwrap_or_else(PoisonError::into_inner);
        let totals = self.log.totals();
        let graph = self.map.take();
        let end = self.end.into_inner().unwrap_or_else(PoisonError::into_inner);
        let end = match (end, failure) {
            (Some(end), _) => end,
            (None, _) if self.crawl.cancel.is_cancelled() => End::Cancelled,
            (None, Some(error)) if !graph.was_begun() => return Err(error),
            // Some workers went through to the end, or all fell away: what waits tells.
            (None, Some(error)) if graph.waits() => End::NoBrowser { reason: reason(&error) },
            (None, _) => End::Complete,
        };
        let rest = rest.filter(|_| end != End::Complete);
        Ok(Outcome {
            end,
            start: self.crawl.start,
            started,
            duration: clock.elapsed(),
            graph,
            records: self.log.take(),
            mined: self.mined.into_inner().unwrap_or_else(PoisonError::into_inner),
            totals,
            settings: self.crawl.settings,
            chronicle: self.chronicler.take(),
            pictures: self.album.take(),
            rest,
        })
    }
}

impl From<BoxError> for Error {
    fn from(error: BoxError) -> Self {
        Self::NoBrowser(error)
    }
}

/// How long an answer is held at most: a login takes some seconds, and scripts of pages have their own limits.
const HOLD_LIMIT: Duration = Duration::from_secs(15);

fn reason(error: &Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
