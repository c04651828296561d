//! Places for browsers where there are fewer than workers: who has one, and who waits.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{sync::Mutex as AsyncMutex, time};

use super::{error::Error, event::Event, run::Team, source::Source};

/// What the workers share about places for their browsers.
#[derive(Debug)]
pub(super) struct Places {
    /// Held by the one who asks whether there is room; the others wait behind.
    queue: AsyncMutex<()>,
    /// How many browsers are being opened, and how many are open.
    opening: AtomicUsize,
    open: AtomicUsize,
    /// The smallest number of browsers that was told.
    told: AtomicUsize,
    /// Since when there is no browser at all.
    since: Mutex<Option<Instant>>,
}

/// A place that is being taken, or is taken. It is free again when dropped.
#[derive(Debug)]
pub(super) struct Held<'a> {
    places: &'a Places,
    is_open: bool,
}

impl Held<'_> {
    /// The browser is open.
    pub(super) fn opened(&mut self) {
        self.is_open = true;
        self.places.open.fetch_add(1, Ordering::AcqRel);
        self.places.opening.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let count = if self.is_open { &self.places.open } else { &self.places.opening };
        count.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Places {
    pub(super) fn new(browsers: usize) -> Self {
        Self {
            queue: AsyncMutex::default(),
            opening: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            told: AtomicUsize::new(browsers.max(1)),
            since: Mutex::default(),
        }
    }

    /// Waits until a browser can be had, and holds its place.
    ///
    /// # Errors
    /// When there is no browser at all, and none could be had for [`LIMIT`].
    pub(super) async fn take<S: Source, E: Fn(Event)>(&self, team: &Team<S, E>) -> Result<Held<'_>, Error> {
        let _turn = self.queue.lock().await;
        let mut polls = 0;
        loop {
            let room = team.crawl.source.room().await;
            let opening = self.opening.load(Ordering::Acquire);
            if room.is_none_or(|room| room > opening) {
                self.opening.fetch_add(1, Ordering::AcqRel);
                *self.since.lock().unwrap_or_else(PoisonError::into_inner) = None;
                return Ok(Held { places: self, is_open: false });
            }
            if opening == 0 {
                // Browsers of one machine get lost one after the other: they are told together.
                if polls >= SETTLED {
                    self.tell(team);
                }
                self.check()?;
                polls += 1;
            }
            time::sleep(POLL).await;
        }
    }

    /// Tells with how many browsers the crawl goes on, when these have become fewer.
    fn tell<S: Source, E: Fn(Event)>(&self, team: &Team<S, E>) {
        let open = self.open.load(Ordering::Acquire);
        if self.told.fetch_min(open, Ordering::AcqRel) > open {
            team.tell(Event::Fewer { open, asked: team.crawl.settings.browsers });
        }
    }

    fn check(&self) -> Result<(), Error> {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        if self.open.load(Ordering::Acquire) > 0 {
            *since = None;
            return Ok(());
        }
        match *since.get_or_insert_with(Instant::now) {
            began if began.elapsed() < LIMIT => Ok(()),
            _ => Err(Error::NoPlace { after: LIMIT }),
        }
    }
}

/// How often a full grid is asked again.
const POLL: Duration = Duration::from_secs(1);
/// After so many times the number of browsers has settled.
const SETTLED: usize = 2;
/// How long a crawl without any browser waits for one.
const LIMIT: Duration = Duration::from_secs(60);
