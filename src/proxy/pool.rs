//! Keeps connections to servers open for the next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::client::conn::http1;
use tokio_util::task::TaskTracker;

use super::body::Body;
use super::link::{Form, Link};
use super::target::Target;

/// Connections that wait for work; clones share them.
#[derive(Clone, Default)]
pub(super) struct Pool(Arc<Mutex<HashMap<Target, Vec<Idle>>>>);

struct Idle {
    link: Link,
    since: Instant,
}

impl Pool {
    /// A connection that is ready and, as far as one can tell, still open; the freshest first.
    pub(super) fn take(&self, target: &Target) -> Option<Link> {
        let mut links = self.lock();
        let idle = links.get_mut(target)?;
        while let Some(Idle { link, since }) = idle.pop() {
            if link.is_closed() || since.elapsed() > IDLE_LIMIT {
                continue;
            }
            if let Link::Http2(sender) = &link {
                idle.push(Idle { link: Link::Http2(sender.clone()), since: Instant::now() });
            }
            return Some(link);
        }
        None
    }

    /// Puts a connection back that carries an exchange: at once when it can carry more, else when that one is
    /// over.
    pub(super) fn give_back(&self, target: &Target, link: Link, tasks: &TaskTracker) {
        match link {
            Link::Http1(sender, form) => {
                tasks.spawn(self.clone().put_when_ready(target.clone(), sender, form));
            }
            Link::Http2(_) => self.put(target.clone(), link),
        }
    }

    async fn put_when_ready(self, target: Target, mut sender: http1::SendRequest<Body>, form: Form) {
        if sender.ready().await.is_ok() {
            self.put(target, Link::Http1(sender, form));
        }
    }

    fn put(&self, target: Target, link: Link) {
        let mut links = self.lock();
        for idle in links.values_mut() {
            idle.retain(|idle| !idle.link.is_closed() && idle.since.elapsed() <= IDLE_LIMIT);
        }
        links.retain(|_, idle| !idle.is_empty());
        let idle = links.entry(target).or_default();
        let shared = |idle: &Idle| matches!(idle.link, Link::Http2(_));
        if idle.len() < IDLE_MOST && !idle.iter().any(shared) {
            idle.push(Idle { link, since: Instant::now() });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Target, Vec<Idle>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const IDLE_LIMIT: Duration = Duration::from_secs(60);
const IDLE_MOST: usize = 100;
