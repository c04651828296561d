//! The one thread that writes the history, and the queue before it, which never keeps anybody waiting.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use tracing::warn;

use super::{Error, database::Database, draft::Draft, entry::Entry, record::Settings};

/// The queue and its thread, which has ended when this is dropped.
pub(super) struct Writer {
    jobs: Option<SyncSender<Job>>,
    counts: Arc<Counts>,
    thread: Option<JoinHandle<()>>,
}

enum Job {
    Keep(Box<Draft>),
    Tell(SyncSender<()>),
}

#[derive(Default)]
struct Counts {
    /// Bytes in the queue.
    waiting: AtomicUsize,
    dropped: AtomicU64,
}

impl Writer {
    pub(super) fn start(database: Database, settings: Settings) -> Result<Self, Error> {
        let (jobs, queue) = sync_channel(QUEUE_MOST);
        let counts = Arc::new(Counts::default());
        let work = Work { database, settings, counts: Arc::clone(&counts) };
        let thread = thread::Builder::new().name("history".into()).spawn(move || work.run(&queue));
        Ok(Self { jobs: Some(jobs), counts, thread: Some(thread.map_err(Error::Writer)?) })
    }

    /// Leaves it to the thread, or drops and counts it when that is too far behind.
    pub(super) fn keep(&self, draft: Draft) {
        let weight = draft.weight();
        let waiting = self.counts.waiting.fetch_add(weight, Ordering::Relaxed);
        let is_taken = waiting < WAITING_MOST
            && self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(Job::Keep(Box::new(draft))).is_ok());
        if !is_taken {
            self.counts.waiting.fetch_sub(weight, Ordering::Relaxed);
            self.counts.drop_some(1);
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.counts.dropped.load(Ordering::Relaxed)
    }

    /// Waits until everything that was left to the thread is written.
    pub(super) fn flush(&self) {
        let (done, told) = sync_channel(1);
        if self.jobs.as_ref().is_some_and(|jobs| jobs.send(Job::Tell(done)).is_ok()) {
            let _ = told.recv();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Counts {
    fn drop_some(&self, count: u64) {
        if self.dropped.fetch_add(count, Ordering::Relaxed) == 0 {
            warn!("the history cannot keep up, and leaves exchanges out");
        }
    }
}

struct Work {
    database: Database,
    settings: Settings,
    counts: Arc<Counts>,
}

impl Work {
    fn run(mut self, queue: &Receiver<Job>) {
        while let Ok(first) = queue.recv() {
            let (mut batch, mut tell) = (Vec::new(), Vec::new());
            for job in std::iter::once(first).chain(queue.try_iter()).take(BATCH_MOST) {
                match job {
                    Job::Keep(draft) => batch.push(self.entry(&draft)),
                    Job::Tell(done) => tell.push(done),
                }
            }
            self.write(&batch);
            for done in tell {
                let _ = done.send(());
            }
        }
    }

    fn entry(&self, draft: &Draft) -> Entry {
        self.counts.waiting.fetch_sub(draft.weight(), Ordering::Relaxed);
        draft.entry(&self.settings.secrecy, self.settings.body_limit)
    }

    fn write(&mut self, batch: &[Entry]) {
        let written = self.database.add(batch).and_then(|()| self.database.prune(self.settings.total_limit));
        if let Err(error) = written {
            warn!(%error, "exchanges are missing in the history");
            self.counts.drop_some(batch.len() as u64);
        }
    }
}

const QUEUE_MOST: usize = 4096;
const WAITING_MOST: usize = 32 << 20;
const BATCH_MOST: usize = 64;
